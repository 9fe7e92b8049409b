"""Purge, figures, keys, backups and migrations from the command line."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from storage.crypto import keys
from tests.bot.conftest import Type
from tests.bot.organisation import RIGHT, Organisation, toml, walks_to_the_end


async def test_the_upkeep_of_a_bot_that_has_run(organisation: Organisation) -> None:
    """Figures name nobody; backup and purge go on beside a bot that runs."""
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        await walks_to_the_end(person, organisation, "wilhelmina@mailbox.example")
        figures = await organisation.types("export", "--json")
        rows = json.loads(figures.out)
        counts = {(row["campaign"], row["value"]): row["count"] for row in rows}
        assert (counts["hong-kong", "accepted"], counts["hong-kong", "other"]) == (1, "<5")
        assert "Wilhelmina" not in figures.out
        assert "accepted" in (await organisation.types("export")).out
        assert (
            "hong-kong,,country,other,<5\r\n" in (await organisation.types("export", "--csv")).out
        )
        assert (await organisation.types("recount")).out == (
            "No differences. Figures checked: 11\n"
        )
        purged = await organisation.types("purge")
        assert purged.out == "Expired rows deleted: none\n"
        copy = organisation.folder / "copy.db"
        assert (await organisation.types("backup", str(copy))).status == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT count(*) FROM actions").fetchone() == (1,)


async def test_purge_erases_what_is_past_its_time(organisation: Organisation) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run") as running:
        await walks_to_the_end(person, organisation, "wilhelmina@mailbox.example")
        # Killed, the bot might not know that the chat shows the outcome: then the action is kept.
        assert await running.ends() == 0
    database = organisation.folder / "actionbot.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE actions SET keep_until = '2020-01-01'")
    preview = await organisation.types("purge", "--dry-run", "--json")
    due = {row["what"]: row for row in json.loads(preview.out) if row["count"]}
    (who_wrote,) = due.values()
    assert (who_wrote["table"], who_wrote["count"]) == ("actions", 1)
    assert who_wrote["oldest"] == "2020-01-01"
    assert "2020-01-01" in (await organisation.types("purge", "--dry-run")).out
    outcome = await organisation.types("purge")
    assert outcome.out == "Expired rows deleted: actions 1\n"
    assert (await organisation.types("recount")).status == 0  # what is erased was noted
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute("SELECT count(*) FROM actions").fetchone() == (0,)
        connection.execute("UPDATE tallies SET count = count + 1 WHERE value = 'PT' AND day > ''")
    differs = await organisation.types("recount", "--json")
    (found,) = json.loads(differs.out)["differences"]
    assert (differs.status, found["value"], found["counted"], found["erased"]) == (1, "PT", 2, 1)
    assert "PT" in (await organisation.types("recount")).out


@pytest.mark.parametrize("command", ["export", "recount", "purge", "keys"])
def test_a_database_is_not_made_to_look_into_it(
    actionbot: Type, tmp_path: Path, command: str
) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    outcome = actionbot(*command.split())
    said = "✗ There is no database yet.\n  → The bot creates it when it starts.\n"
    assert (outcome.status, outcome.out, outcome.err) == (2, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["actionbot.toml"]


def test_an_older_database_waits_for_migrate(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    actionbot("migrate")
    monkeypatch.setattr("storage.schema.migrations.latest", lambda: "0002")
    outcome = actionbot("export")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ database.url: The database is from an older version.\n"
        "  → Make a backup, then run: actionbot migrate\n",
    )


@pytest.mark.parametrize("command", ["export", "migrate"])
def test_a_database_from_before_the_first_release_is_refused(actionbot: Type, command: str) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    actionbot("migrate")
    with closing(sqlite3.connect("actionbot.db")) as former, former:
        former.execute("UPDATE alembic_version SET version_num = '0001'")
    outcome = actionbot(command)
    assert (outcome.status, outcome.err) == (
        2,
        "✗ database.url: The database is from a version before the first release.\n"
        "  → Start with a new, empty database.\n",
    )


def test_nothing_is_counted_in_a_new_database(actionbot: Type) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    actionbot("migrate")
    assert actionbot("export").out == "Nothing has been counted yet.\n"


def test_a_backup_is_refused_where_there_is_nothing_or_something_already(actionbot: Type) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    said = "✗ There is no database yet.\n  → The bot creates it when it starts.\n"
    assert actionbot("backup", "copy.db").err == said
    actionbot("migrate")
    refused = actionbot("backup", "no/such/copy.db")
    assert refused.err == "✗ There is no folder no/such.\n  → Create it first.\n"
    assert refused.status == 2
    assert actionbot("backup", "copy.db").status == 0
    refused = actionbot("backup", "copy.db")
    assert refused.err == "✗ copy.db already exists.\n  → Choose another name.\n"


def test_a_backup_is_restored_where_nothing_is(actionbot: Type) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    actionbot("migrate")
    actionbot("backup", "copy.db")
    refused = actionbot("restore", "copy.db")
    said = "A database already exists and wasn't touched."
    assert (refused.status, refused.err.splitlines()[0]) == (2, f"✗ database.url: {said}")
    for file in Path().glob("actionbot.db*"):
        file.unlink()
    restored = actionbot("restore", "copy.db")
    said = "Restored the database. Erased again: 0\n"
    assert (restored.status, restored.out, restored.err) == (0, said, "")
    assert Path("actionbot.db").stat().st_mode & 0o777 == 0o600
    assert actionbot("migrate").out == "The database was already up to date.\n"
    assert actionbot("restore", "none.db").err == "✗ There is no file none.db.\n  → Fix the path.\n"


def test_keys_says_from_which_day_on_they_read(actionbot: Type) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    actionbot("migrate")
    keyring = keys.load_or_create(Path("actionbot.keys"), date(2026, 6, 1))
    outcome = actionbot("keys")
    assert outcome.out.splitlines() == [
        "actionbot.keys reads data and backups since 2026-06-01.",
        "The running bot destroys keys older than 7 days that no stored value needs.",
        "A copy of the file reads everything from its day on, so replace it regularly.",
    ]
    shown = json.loads(actionbot("keys", "--json").out)
    assert shown == {"first_day": "2026-06-01", "floor": None, "backup_days": 7}
    assert keyring.state.hex() not in outcome.out
