"""The benchmarks run, each in its short form: what they measure is no test's business."""

import asyncio
from asyncio.subprocess import DEVNULL
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.nursery import start


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
    # Broken, where a message or a letter was lost: then there is no output.
    assert process.returncode == 0, complaints.decode()
    benchmarks: dict[str, Any] = orjson.loads(output.read_bytes())["benchmarks"]
    return benchmarks


async def test_requests(tmp_path: Path) -> None:
    result = await measured("requests", tmp_path)
    assert result["unit"] == "messages a second"
    assert [each["expected"] for each in result["contenders"]] == [None, None, 7, 0.9, None]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


async def test_signatures_all_hold(tmp_path: Path) -> None:
    result = await measured("dkim", tmp_path)
    assert result["unit"] == "mails signed a second"
    assert [each["expected"] for each in result["contenders"]] == [None, 10]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


@pytest.mark.parametrize("name", ["outbox-mailbox", "outbox-discard"])
async def test_letters_of_the_outbox_all_leave(tmp_path: Path, name: str) -> None:
    result = await measured(name, tmp_path)
    ours, source = result["contenders"]
    assert result["unit"] == "letters a second"
    assert (ours["expected"], source["expected"]) == (None, 0.5)
    for each in (ours, source):
        assert len(each["runs"]) == 1 and each["median"] == each["runs"][0] > 0


async def test_journeys_all_come_to_their_ends(tmp_path: Path) -> None:
    result = await measured("journeys", tmp_path)
    ours, plain = result["contenders"]
    assert result["unit"] == "complete journeys a second"
    assert (ours["expected"], plain["expected"]) == (None, 1.3)
    for each in (ours, plain):
        assert list(each["more"]) == ["journeys", "calls", "ms CPU", "crowd CPU"]
        assert each["more"]["journeys"] == 20
        assert len(each["runs"]) == 1 and each["median"] == each["runs"][0] > 0


async def test_figures_are_drawn_of_few_and_of_many(tmp_path: Path) -> None:
    result = await measured("stats", tmp_path)
    assert result["unit"] == "pictures a second"
    assert [each["name"] for each in result["contenders"]] == ["20,000 actions", "1,000 actions"]
    assert [each["expected"] for each in result["contenders"]] == [None, 1 / 1.2]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_claims_get_what_there_is(tmp_path: Path, engine: str) -> None:
    result = await measured(f"claims-{engine}", tmp_path)
    assert result["unit"] == "claims a second"
    assert [each["name"] for each in result["contenders"]] == [
        "200 letters wait",
        "100 letters wait",
    ]
    assert all(len(each["runs"]) == 1 and each["runs"][0] > 0 for each in result["contenders"])


async def test_an_update_comes_to_each_person_once(tmp_path: Path) -> None:
    # Broken, where a message did not come, or came twice.
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


async def test_many_cost_what_few_cost(tmp_path: Path) -> None:
    results = await ran("million", tmp_path)
    assert list(results) == ["million-sqlite", "million-postgresql"]
    for result in results.values():
        cost, memory, first = result["bounds"]
        assert (cost["most"], memory["most"], first["most"]) == (1.2, 40, 2)
        assert 0 < cost["figure"] < 3
        assert memory["met"]
