"""Each benchmark works in its short form. Tests do not judge the figures."""

import asyncio
from asyncio.subprocess import DEVNULL
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.fork_server import start


async def measured(name: str, folder: Path) -> dict[str, Any]:
    benchmarks = await ran(name, folder)
    assert list(benchmarks) == [name]
    return dict(benchmarks[name])


async def ran(name: str, folder: Path) -> dict[str, Any]:
    output = folder / "bench.json"
    words = (name, "--quick", "--output", str(output))
    process = await start("tests.benchmarks.__main__", *words, stdin=DEVNULL)
    async with asyncio.timeout(240):
        _, complaints = await process.communicate()
    # If a message or a letter was lost, the benchmark raised Broken and wrote no output.
    assert process.returncode == 0, complaints.decode()
    benchmarks: dict[str, Any] = orjson.loads(output.read_bytes())["benchmarks"]
    return benchmarks


async def test_requests(tmp_path: Path) -> None:
    result = await measured("requests", tmp_path)
    assert result["unit"] == "messages a second"
    assert [each["expected"] for each in result["contenders"]] == [None, None, 7, 0.9, None]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


async def test_all_signatures_are_valid(tmp_path: Path) -> None:
    result = await measured("dkim", tmp_path)
    assert result["unit"] == "mails signed a second"
    assert [each["expected"] for each in result["contenders"]] == [None, 10]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


@pytest.mark.parametrize("name", ["outbox-mailbox", "outbox-discard"])
async def test_all_letters_of_the_outbox_are_sent(tmp_path: Path, name: str) -> None:
    result = await measured(name, tmp_path)
    ours, several, source = result["contenders"]
    assert result["unit"] == "letters a second"
    expected = [each["expected"] for each in (ours, several, source)]
    assert expected == [None, None, 0.8]
    for each in (ours, several, source):
        assert len(each["runs"]) == 1 and each["median"] == each["runs"][0] > 0


async def test_starts_are_measured_until_the_first_answer(tmp_path: Path) -> None:
    result = await measured("start", tmp_path)
    assert [[*each["more"]] for each in result["contenders"]] == 2 * [
        ["seconds", "CPU seconds", "MB idle"]
    ]
    assert all(each["more"]["MB idle"] > 10 for each in result["contenders"])
    assert [each["most"] for each in result["bounds"]] == [1.0, 110.0]


async def test_all_journeys_are_completed(tmp_path: Path) -> None:
    result = await measured("journeys", tmp_path)
    contenders = result["contenders"]
    assert result["unit"] == "complete journeys a second"
    assert [each["expected"] for each in contenders] == [None, 1.7, 0.9, None]
    (on_postgresql,) = result["bounds"]
    assert on_postgresql["least"] == 1.2
    for each in contenders:
        assert list(each["more"]) == ["journeys", "calls", "messages", "ms CPU", "crowd CPU"]
        assert each["more"]["journeys"] == 20
        assert len(each["runs"]) == 1 and each["median"] == each["runs"][0] > 0


async def test_separate_processes_complete_all_journeys(tmp_path: Path) -> None:
    result = await measured("replicas", tmp_path)
    two, one = result["contenders"]
    assert [each["name"] for each in (two, one)] == [
        "two replicas, two workers",
        "one replica, one worker",
    ]
    for each in (two, one):
        assert len(each["runs"]) == 1 and each["median"] == each["runs"][0] > 0
    code, status = result["bounds"]
    assert (code["most"], status["most"]) == (50, 100)
    assert min(code["figure"], status["figure"]) > 0


async def test_stats_of_few_and_of_many_actions(tmp_path: Path) -> None:
    result = await measured("stats", tmp_path)
    assert result["unit"] == "pictures a second"
    assert [each["name"] for each in result["contenders"]] == ["20,000 actions", "1,000 actions"]
    assert [each["expected"] for each in result["contenders"]] == [None, 1 / 1.2]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_claims_of_a_long_and_a_short_queue(tmp_path: Path, engine: str) -> None:
    result = await measured(f"claims-{engine}", tmp_path)
    assert result["unit"] == "claims a second"
    assert [each["name"] for each in result["contenders"]] == [
        "200 letters wait",
        "100 letters wait",
    ]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_old_values_are_encrypted_again(tmp_path: Path, engine: str) -> None:
    # The benchmark raises Broken if a reply does not come.
    result = await measured(f"rotation-{engine}", tmp_path)
    (ours,), (replies,) = result["contenders"], result["bounds"]
    assert ours["median"] > 0
    assert (replies["most"], replies["figure"] > 0) == (50, True)


async def test_a_bot_that_is_used_moves(tmp_path: Path) -> None:
    # The benchmark raises if a row is not there afterwards.
    result = await measured("move", tmp_path)
    ((name, seconds),) = [(each["name"], each["median"]) for each in result["contenders"]]
    assert (name, seconds > 0) == ("1,000 people", True)
    assert [each["most"] for each in result["bounds"]] == [60]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_transactions_wait_beside_all_work_in_the_background(
    tmp_path: Path, engine: str
) -> None:
    result = await measured(f"waits-{engine}", tmp_path)
    assert [each["name"] for each in result["contenders"]] == [
        *("nothing else", "re-encryption", "recount", "closing a campaign", "settling", "purge"),
    ]
    assert all(each["more"]["probes"] >= 1 for each in result["contenders"])
    assert all(each["most"] == 50 for each in result["bounds"])


async def test_a_broadcast_reaches_each_person_once(tmp_path: Path) -> None:
    # The benchmark raises Broken if a message does not arrive, or arrives twice.
    results = await ran("broadcast", tmp_path)
    assert list(results) == ["broadcast", "broadcast-25", "broadcast-1000"]
    contenders = results["broadcast"]["contenders"]
    assert [each["expected"] for each in contenders] == [None, None, 5, 0.35]
    assert all(len(each["runs"]) == 1 and each["ratio"] > 0.02 for each in contenders)
    for name in ("broadcast-25", "broadcast-1000"):
        held, refused, cores = results[name]["bounds"]
        assert (held["least"], cores["most"]) == (0.98, 0.5)
        assert 0 < held["figure"] < 1.1
        assert (refused["figure"], refused["met"]) == (0, True)


async def test_a_message_costs_the_same_for_many_and_for_few(tmp_path: Path) -> None:
    results = await ran("million", tmp_path)
    assert list(results) == ["million-sqlite", "million-postgresql"]
    for result in results.values():
        cost, memory, first = result["bounds"]
        assert (cost["most"], memory["most"], first["most"]) == (1.2, 40, 2)
        assert 0 < cost["figure"] < 3
        assert memory["met"]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_operations_with_few_and_with_more_people(tmp_path: Path, engine: str) -> None:
    result = await measured(f"growth-{engine}", tmp_path)
    assert result["sizes"] == [1_000, 20_000]
    operations = result["operations"]
    assert {"a turn", "Undo", "/forget", "claim", "start to first answer"} < set(operations)
    assert all(len(each) == 2 and min(each) > 0 for each in operations.values())
    assert len(result["bounds"]) == len(operations)
    assert {each["most"] for each in result["bounds"]} == {1.5}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_every_update_gets_a_reply(tmp_path: Path, engine: str) -> None:
    result = await measured(f"latency-{engine}", tmp_path)
    (ours,) = result["contenders"]
    assert ours["median"] >= ours["more"]["p50"] > 0
    assert [each["most"] for each in result["bounds"]] == [15, 100, 48, 14]
