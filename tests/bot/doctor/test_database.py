"""The database, on both engines, and the files with secrets."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import URL

from bot.doctor import database as database_checks
from bot.doctor.database import check_disk
from bot.doctor.finding import Finding, Status
from bot.startup import open_present_database
from storage.crypto.key_rotation import EncryptedValue
from storage.database_health import DatabaseHealth, check_health
from storage.engine.database import Database
from storage.engine.sqlite import database as sqlite
from storage.schema import migrations
from storage.schema.encryption import CHAT_ID, CHAT_JOURNEY
from tests.bot.doctor.clinic import Clinic
from tests.bot.mail.sink import Sink
from tests.databases import wait_for_disk
from tests.vaults import vault_of

KEEP = ("database", "keys")


async def kept(clinic: Clinic) -> list[tuple[str, Status, str]]:
    found = await clinic.examined()
    return [(each.subject, each.status, each.observed) for each in found if each.subject in KEEP]


@pytest.fixture
def lasting(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A database that waits for the disk, as those of tests do not otherwise."""
    if database_url.startswith("sqlite"):
        monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA synchronous = FULL"))
        yield database_url
        return
    address: URL = request.getfixturevalue("server")
    wait_for_disk(address, "on")
    yield database_url
    wait_for_disk(address, "off")


async def test_a_database_that_is_ready(
    clinic: Clinic, lasting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_checks, "_SLOW_READ_SECONDS", 60)  # whatever else the machine does
    clinic.sets(database={"url": lasting})
    database, keys = await kept(clinic)
    assert database[:2] == ("database", Status.GOOD)
    assert database[2].split()[0] in ("SQLite", "PostgreSQL")
    assert ", of this version; it answers in " in database[2]
    assert keys == ("keys", Status.GOOD, "They match the database.")


async def test_keys_that_are_not_those_of_the_data(
    clinic: Clinic, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "storage.crypto.key_rotation.sample_values",
        lambda _: (EncryptedValue(CHAT_JOURNEY, b"1", b"\0" * 60),),
    )
    clinic.sets(database={"url": database_url})
    (_, found) = await kept(clinic)
    assert found[:2] == ("keys", Status.BAD)
    assert found[2].endswith("don't match this database.")
    (clinic.folder / "keys" / "actionbot.keys").unlink()
    (_, found) = await kept(clinic)
    assert found[2].endswith("is missing, and the encrypted data can't be read without it.")


async def test_one_value_that_the_keys_do_not_decrypt(
    clinic: Clinic, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot starts all the same, so that a forged value can't stop it."""
    vault = vault_of(clinic.folder / "keys" / "actionbot.keys")
    good = EncryptedValue(CHAT_ID, b"1", vault.encrypt(b"1", CHAT_ID, row=b"1"))
    samples = (good, EncryptedValue(CHAT_JOURNEY, b"1", good.value))
    monkeypatch.setattr("storage.crypto.key_rotation.sample_values", lambda _: samples)
    clinic.sets(database={"url": database_url})
    (_, found) = await kept(clinic)
    seen = "They don't decrypt all values in: chats (journey)."
    assert found == ("keys", Status.BAD, seen)


async def test_keys_are_not_made_to_look_at_them(clinic: Clinic, database_url: str) -> None:
    clinic.sets(database={"url": database_url})
    file = clinic.folder / "keys" / "actionbot.keys"
    file.unlink()
    (_, found) = await kept(clinic)
    assert found == (
        "keys",
        Status.GOOD,
        "There are none yet: the bot creates them when it first starts.",
    )
    assert not file.exists()


@pytest.mark.parametrize(
    ("knows", "seen"),
    [
        (True, "The database is from an older version."),
        (False, "The database is from a newer version of actionbot."),
    ],
)
async def test_a_database_of_another_version(
    clinic: Clinic, database_url: str, monkeypatch: pytest.MonkeyPatch, knows: bool, seen: str
) -> None:
    monkeypatch.setattr("storage.schema.migrations.latest", lambda: "9999")
    monkeypatch.setattr("storage.schema.migrations.is_known", lambda _: knows)
    clinic.sets(database={"url": database_url})
    assert await kept(clinic) == [("database", Status.BAD, seen)]


async def test_an_empty_file_and_none(clinic: Clinic) -> None:
    file = clinic.folder / "data" / "actionbot.db"
    file.unlink()
    seen = "There is none yet: the bot creates it when it first starts."
    assert await kept(clinic) == [("database", Status.GOOD, seen)]
    assert not file.exists()
    file.touch(mode=0o600)
    ((_, well, seen),) = await kept(clinic)
    assert (well, seen.endswith("empty: the bot sets it up when it first starts.")) == (
        Status.GOOD,
        True,
    )


async def test_what_is_no_database(clinic: Clinic) -> None:
    (clinic.folder / "data" / "actionbot.db").write_bytes(b"no database at all" * 1000)
    file = clinic.folder / "data" / "actionbot.db"
    seen = f"Can't open the database {file}. Its file is damaged, or isn't an SQLite database."
    assert await kept(clinic) == [("database", Status.BAD, seen)]
    clinic.sets(database={"url": "sqlite:///no/such/actionbot.db"})
    ((_, well, seen),) = await kept(clinic)
    assert (well, seen) == (Status.BAD, f"There is no folder {clinic.folder / 'no' / 'such'}.")


async def test_a_database_that_another_program_holds(clinic: Clinic) -> None:
    with closing(sqlite3.connect(clinic.folder / "data" / "actionbot.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        clinic.patience = 0.3
        (found,) = await clinic.found("database")
    assert (found.status, found.observed) == (Status.BAD, "No answer within 0.3 seconds.")


@pytest.mark.parametrize(
    ("lasts", "writable", "seconds", "well", "seen"),
    [
        (True, True, 0.001, Status.GOOD, "it answers in 1.0 ms."),
        (True, True, 0.1, Status.WARNING, "it answers in 100.0 ms."),
        (False, True, 0.001, Status.BAD, "Its commits aren't durable."),
        (True, False, 0.001, Status.BAD, "It's read-only."),
    ],
)
def test_conditions(lasts: bool, writable: bool, seconds: float, well: Status, seen: str) -> None:
    found = database_checks.describe(DatabaseHealth("SQLite 3", "0001", lasts, writable), seconds)
    assert (found.status, found.observed.endswith(seen)) == (well, True)


async def test_what_a_database_says_of_itself(lasting: str, database: Database) -> None:
    found = await database.transact(check_health)
    assert (found.revision, found.lasts, found.writable) == (migrations.latest(), True, True)
    # A read may change nothing, and on SQLite its connection never commits.
    read = await database.read(check_health)
    assert read.revision == migrations.latest()


@pytest.mark.parametrize(
    ("free", "well", "seen"),
    [
        (5 * 10**9, Status.GOOD, "5.0 GB are free where the database is."),
        (9 * 10**8, Status.WARNING, "0.9 GB are free where the database is."),
        (10**7, Status.BAD, "0.0 GB are free where the database is."),
    ],
)
def test_room(free: int, well: Status, seen: str) -> None:
    assert (check_disk(free).status, check_disk(free).observed) == (well, seen)


# --- files --------------------------------------------------------------------------------------


async def test_a_key_file_that_others_read(clinic: Clinic) -> None:
    file = clinic.folder / "keys" / "actionbot.keys"
    file.chmod(0o640)
    assert await clinic.found("key file") == [
        Finding(
            "key file",
            Status.BAD,
            "Its mode is 0640: others can read it.",
            "The bot doesn't start.",
            f"Run: chmod 600 {file}",
            "actionbot.keys",
        )
    ]


async def test_a_key_of_somebody_else(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    found = [*await clinic.found("key file"), *await clinic.found("DKIM key")]
    assert [each.status for each in found] == [Status.WARNING, Status.WARNING]
    assert found[0].observed.endswith(", and you are 4711.")


async def places(clinic: Clinic, file: str) -> list[str]:
    """Return what is said of the place of a key file."""
    path = clinic.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    vault_of(path)
    clinic.sets(keys={"file": file})
    found = await clinic.found("key file")
    assert {each.status for each in found} == {Status.WARNING}
    return [each.observed for each in found]


async def test_where_a_key_file_does_not_belong(clinic: Clinic) -> None:
    assert await places(clinic, "data/actionbot.keys") == [
        "It's in the same folder as the database."
    ]
    served = ["It's under a folder named public_html."]
    assert await places(clinic, "public_html/bot/actionbot.keys") == served
    (clinic.folder / "tree" / ".git").mkdir(parents=True)
    assert await places(clinic, "tree/sub/actionbot.keys") == ["It's inside a Git working tree."]


async def test_a_key_that_signs_is_missed(clinic: Clinic) -> None:
    (clinic.folder / "keys" / "dkim.pem").unlink()
    (found,) = await clinic.found("DKIM key")
    assert (found.status, found.observed) == (Status.BAD, "It doesn't exist.")
    assert found.fix == "Restore it, or create one: actionbot keys dkim"


async def test_a_silent_database_can_be_given_up(clinic: Clinic) -> None:
    """A thread that went on asking would keep the command from ending."""
    silent = Sink()
    hold = silent.hold("GREETING")
    server = await asyncio.start_server(silent.meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"postgresql://ann@127.0.0.1:{port}/bot?sslmode=disable"
    before = threading.enumerate()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await open_present_database(clinic.sets(database={"url": url}))
    after = threading.enumerate()
    hold.release()
    server.close()
    silent.hang_up()
    await silent.quiet()
    assert after == before
