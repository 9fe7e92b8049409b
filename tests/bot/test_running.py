"""`actionbot run` as a process, with a fake Telegram and a fake mail server."""

import asyncio
import re
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from bot.cli import serving
from bot.playground.telegram.methods import Methods
from tests.bot.organisation import Organisation, Outcome, hears, presses, walks_to_the_end
from tests.ports import free_port

ADDRESS = "wilhelmina@mailbox.example"
COSMETIC = ("setmycommands", "setmydescription", "setmyshortdescription")


def hooked(organisation: Organisation) -> None:
    """Use the webhook."""
    port = free_port()
    organisation.sets(
        telegram={"webhook_url": f"http://127.0.0.1:{port}", "webhook_secret": "s3cret-of-ours"},
        web={"port": port},
    )


def polled(organisation: Organisation) -> None:
    """Use polling."""


@pytest.mark.parametrize("way", [polled, hooked])
async def test_a_journey_leaves_no_trace_in_the_log(
    organisation: Organisation, way: Callable[[Organisation], None]
) -> None:
    way(organisation)
    person = organisation.telegram.add_person(771_177, "Wilhelmina", "Quistgaard")
    async with organisation.running("run", real=way is polled) as running:
        code = await walks_to_the_end(person, organisation, ADDRESS)
        assert await running.ends() == 0
    log = "".join(running.log)
    assert '"event":"listening"' in log
    token = organisation.telegram.token
    traces = (*["Wilhelmina", "Quistgaard"], ADDRESS, code, code.replace(" ", ""), "771177")
    secrets = (token, token.partition(":")[2], "s3cret-of-ours", "actions@send.example")
    assert [each for each in (*traces, *secrets, "Traceback") if each in log] == []


async def test_a_server_without_cosmetic_methods_is_good_enough(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    methods: Methods = organisation.server._methods
    for name in COSMETIC:
        monkeypatch.delitem(methods._methods, name)
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run") as running:
        await walks_to_the_end(person, organisation, ADDRESS)
        assert await running.ends() == 0
    assert any("server lacks a cosmetic method" in line for line in running.log)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_bot_within_seconds_and_a_restart_resumes(
    organisation: Organisation, how: signal.Signals
) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run") as running:
        person.start("hong-kong")
        await hears(person, "About two minutes")
        before = asyncio.get_running_loop().time()
        assert await running.ends(how) == 0
        assert asyncio.get_running_loop().time() - before < 10
    person.send("/help")
    async with organisation.running("run"):
        await hears(person, "/privacy")


async def test_a_file_has_the_link_for_the_first_admin(organisation: Organisation) -> None:
    """A pipe or a journal, which others may read, never gets the link."""
    olga = organisation.telegram.add_person(771_178, "Olga")
    file = organisation.folder / "first-admin.txt"
    async with organisation.running("run", until="no admin yet") as running:
        found = re.fullmatch(r"https://t\.me/\w+\?start=(\w+)\n", file.read_text())
        assert found
        assert file.stat().st_mode & 0o777 == 0o600
        assert str(file) in "".join(running.log)
        olga.start(found[1])
        await hears(olga, "You’re now an admin of this bot")
        assert await running.ends() == 0
        assert found[1] not in "".join(running.log)
        assert await running.printed() == ""
    async with organisation.running("run") as running:
        async with asyncio.timeout(20):
            while file.exists():  # noqa: ASYNC110 - the bot logs no event
                await asyncio.sleep(0.01)
        assert await running.ends() == 0


@pytest.mark.parametrize("piped", ["stdin", "stdout", ""])
def test_a_terminal_shows_the_link_for_the_first_admin(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    piped: str,
) -> None:
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda is_terminal=stream != piped: is_terminal)
    serving.hand_over("https://t.me/river_bot?start=i_5", tmp_path)
    printed = capsys.readouterr()
    assert ("i_5" in printed.out) is (piped == "")
    assert "i_5" not in printed.err
    assert (tmp_path / "first-admin.txt").exists() is (piped != "")


async def test_the_first_start_creates_a_key_file_that_only_its_owner_can_read(
    organisation: Organisation,
) -> None:
    async with organisation.running("run"):
        keys = organisation.folder / "actionbot.keys"
        assert keys.stat().st_mode & 0o777 == 0o600
        assert (organisation.folder / "actionbot.db").stat().st_mode & 0o777 == 0o600


# --- refusals -----------------------------------------------------------------------------------


def refused(outcome: Outcome, *lines: str) -> None:
    """Assert that a command was refused with exactly these lines, besides log lines."""
    said = [line for line in outcome.err.splitlines() if not line.startswith("{")]
    assert (outcome.status, said) == (2, list(lines))


async def test_a_token_that_telegram_does_not_know_is_refused(organisation: Organisation) -> None:
    organisation.sets(telegram={"token": "123456:a-token-that-nobody-ever-gave"})
    refused(
        await organisation.types("run"),
        "✗ telegram.token: The server at telegram.api doesn't recognise this token.",
        "  → Check it against @BotFather.",
    )


async def test_a_server_that_is_no_bot_api_is_refused(organisation: Organisation) -> None:
    organisation.sets(telegram={"api": f"{organisation.server.url}/elsewhere"})
    refused(
        await organisation.types("run"),
        "✗ telegram.token: The server at telegram.api doesn't recognise this token, "
        "or isn't a Bot API server.",
        "  → Check it against @BotFather.",
    )


async def test_a_server_that_is_not_there_is_refused(organisation: Organisation) -> None:
    organisation.sets(telegram={"api": f"http://127.0.0.1:{free_port()}"})
    refused(
        await organisation.types("run"),
        "✗ telegram.api: Can't reach Telegram to identify the bot (NotSent).",
        "  → Check the network, and telegram.api if it's set.",
    )


@pytest.mark.parametrize("key", ["port", "status_port"])
async def test_a_port_that_is_taken_is_refused(organisation: Organisation, key: str) -> None:
    hooked(organisation)
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        organisation.sets(web={key: port})
        refused(
            await organisation.types("run"),
            f"✗ web.{key}: Port {port} is taken by another program.",
            "  → Stop that program or bot, or choose another port or address.",
        )


async def test_a_webhook_that_telegram_refuses_is_refused(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(organisation.server._methods._methods, "setwebhook")
    hooked(organisation)
    refused(
        await organisation.types("run"),
        "✗ telegram.webhook_url: Telegram refused the webhook: Not Found: method not found",
        "  → It must be https://, reachable from outside, on port 443, 80, 88 or 8443.",
    )


async def test_a_second_process_on_the_same_database_is_refused(organisation: Organisation) -> None:
    async with organisation.running("run"):
        for command in ("run", "work"):
            outcome = await organisation.types(command)
            refused(
                outcome,
                "✗ database.url: Another process of the bot is running on this database.",
                "  → Stop it first. Several at once need PostgreSQL and a webhook.",
            )
            assert outcome.out == "", "a second link for the first admin would end the first one"


async def test_a_process_without_workers_is_refused_on_sqlite(organisation: Organisation) -> None:
    outcome = await organisation.types("run", "--no-workers")
    refused(
        outcome,
        "✗ database.url: SQLite allows one process, so no `actionbot work` could send the letters.",
        "  → Leave out --no-workers, or use PostgreSQL: "
        'database.url = "postgresql://user:password@host/name"',
    )
    assert outcome.out == ""


async def test_a_killed_process_leaves_the_database_to_the_next(organisation: Organisation) -> None:
    async with organisation.running("run") as running:
        running.process.kill()
        await running.process.wait()
    async with organisation.running("run"):
        pass


async def test_migrate_is_refused_while_the_bot_runs(organisation: Organisation) -> None:
    async with organisation.running("run"):
        refused(
            await organisation.types("migrate"),
            "✗ database.url: The bot is running on this database.",
            "  → Stop it first.",
        )
    assert (
        await organisation.types("migrate", real=True)
    ).out == "The database was already up to date.\n"


async def test_a_database_of_a_newer_version_is_refused(organisation: Organisation) -> None:
    assert (await organisation.types("migrate")).out == "The database is now up to date.\n"
    assert (await organisation.types("migrate")).out == "The database was already up to date.\n"
    database = organisation.folder / "actionbot.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999', oldest_code = '9999'")
    for command in ("run", "migrate"):
        refused(
            await organisation.types(command),
            "✗ database.url: The database is from a newer version of actionbot.",
            "  → Install that version, or restore a backup.",
        )


async def test_a_file_that_is_no_database_is_refused(organisation: Organisation) -> None:
    (organisation.folder / "actionbot.db").write_text("no database, but long enough to be read" * 9)
    refused(
        await organisation.types("run"),
        f"✗ database.url: Can't open the database {organisation.folder / 'actionbot.db'}. "
        "Its file is damaged, or isn't an SQLite database.",
        "  → Restore a backup: actionbot restore FILE",
    )


async def test_a_key_file_that_others_can_read_is_refused(organisation: Organisation) -> None:
    await organisation.types("export")
    keys = organisation.folder / "actionbot.keys"
    keys.touch(mode=0o644)
    keys.chmod(0o644)
    refused(
        await organisation.types("run"),
        f"✗ keys.file: Others can read {keys}.",
        f"  → Run: chmod 600 {keys}",
    )


async def test_a_lost_key_file_is_not_created_again(organisation: Organisation) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run") as running:
        person.start("hong-kong")
        await hears(person, "About two minutes")
        await running.ends()
    keys = organisation.folder / "actionbot.keys"
    away = keys.rename(organisation.folder / "away.keys")
    for command in (("run",), ("keys",)):
        refused(
            await organisation.types(*command),
            f"✗ keys.file: {keys} is missing, and the encrypted data can't be read without it.",
            "  → Restore it from its backup.",
        )
    assert not keys.exists()
    other = away.read_text("ascii")
    keys.touch(mode=0o600)
    keys.write_text(other.replace(other[40:60], "0" * 20), "ascii")
    refused(
        await organisation.types("run"),
        f"✗ keys.file: The keys in {keys} don't match this database.",
        "  → Restore the key file that belongs to this database.",
    )


async def test_one_correct_campaign_is_enough_to_start(
    organisation: Organisation,
) -> None:
    campaigns = organisation.folder / "campaigns"
    broken = campaigns / "river"
    broken.mkdir()
    (broken / "campaign.toml").write_text("slug = river")
    async with organisation.running("run"):
        pass
    (campaigns / "hong-kong" / "campaign.toml").unlink()
    async with organisation.running("run"):
        pass  # the database has the campaign


async def test_without_a_correct_campaign_the_bot_does_not_start(
    organisation: Organisation,
) -> None:
    campaigns = organisation.folder / "campaigns"
    (campaigns / "hong-kong" / "campaign.toml").unlink()
    broken = campaigns / "river"
    broken.mkdir()
    (broken / "campaign.toml").write_text("slug = river")
    outcome = await organisation.types("run")
    assert outcome.status == 2
    assert "✗ river/campaign.toml:1: " in outcome.err


async def test_a_code_reaches_the_mail_server_within_a_second(organisation: Organisation) -> None:
    """Half of the codes reach the mail server in less than a second."""
    waits = []
    loop = asyncio.get_running_loop()
    async with organisation.running("run") as running:
        for number in range(9):
            person = organisation.telegram.add_person(771_200 + number, "Wilhelmina")
            address = f"w{number}@mailbox.example"
            person.start("hong-kong")
            await presses(person, "Write the letter")
            await presses(person, "Continue")
            await hears(person, "What’s your name?")
            person.send("Wilhelmina Quistgaard")
            await hears(person, "Which country")
            person.send("Portugal")
            await hears(person, "What’s your email address?")
            asked = loop.time()
            person.send(address)
            await organisation.inbox.until(
                lambda mails, to=address: any(to in mail.recipients for mail in mails)  # type: ignore[misc]
            )
            waits.append(loop.time() - asked)
        assert await running.ends() == 0
    assert median(waits) < 1.0
