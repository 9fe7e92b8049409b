"""Why a database can't be opened, in words."""

import errno
import socket
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from bot.database_errors import DatabaseOutage, database_error, describe_database_error
from bot.errors import CommandError
from storage.engine.urls import open_database
from storage.schema import migrations
from tests.databases import plain
from tests.ports import free_port


async def reason(url: str) -> tuple[str, str]:
    try:
        database = await open_database(url)
        try:
            await database.transact(migrations.current_revision)
        finally:
            await database.close()
    except Exception as error:
        said = describe_database_error(error, url)
        assert "hunter2" not in "".join(said)
        return said
    raise AssertionError("the database was opened")


LOGIN = "Fix user and password: postgresql://user:password@host/name, with @ as %40 and / as %2F."


async def test_postgresql_says_what_is_wrong(server: URL) -> None:
    """The tests' server trusts everyone, so a wrong password is invented below."""
    nowhere = server.set(database="nowhere")
    assert await reason(plain(nowhere)) == (
        "There is no database “nowhere” on the server.",
        "Create it: createdb nowhere",
    )
    stranger = server.set(username="stranger", password="hunter2")
    assert await reason(plain(stranger)) == (
        "The server doesn't let user “stranger” in.",
        f"Check that the user exists, and what pg_hba.conf allows. {LOGIN}",
    )


class Refused(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("hunter2")
        self.sqlstate = sqlstate


class Damaged(sqlite3.DatabaseError):
    def __init__(self, code: int) -> None:
        super().__init__("hunter2")
        self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused("28P01"), "The password of user “ann” is wrong, or there is no such user."),
        (Refused("42501"), "User “ann” has no right to create or change tables in “bot”."),
        (Refused("53300"), "The server has no free connection."),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "Nothing listens at db.example:5432."),
        (
            OSError("Multiple exceptions: [Errno 111] ('::1', 5432), [Errno 111] ('127.0.0.1',)"),
            "Nothing listens at db.example:5432.",
        ),
        (TimeoutError(), "db.example:5432 doesn't answer."),
        (ConnectionError("the server rejected SSL upgrade"), "The server doesn't offer TLS."),
        (KeyError("hunter2"), "The reason is KeyError."),
    ],
)
def test_postgresql_errors_are_explained(error: Exception, said: str) -> None:
    url = "postgresql://ann:hunter2@db.example/bot"
    wrapped = RuntimeError("hunter2")
    wrapped.__cause__ = error
    for each in (error, wrapped):
        observed, fix = describe_database_error(each, url)
        assert observed == said
        assert fix
        assert "hunter2" not in observed + fix


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Damaged(26), "Its file is damaged, or isn't an SQLite database."),
        (Damaged(11 | (1 << 8)), "Its file is damaged."),
        (Damaged(8), "You have no right to write to it."),
        (Damaged(14), "Its file can't be opened or created."),
        (PermissionError(errno.EACCES, "x"), "You have no permission to use it."),
        (IsADirectoryError(errno.EISDIR, "x"), "This is a folder, not a file."),
        (OSError(errno.EROFS, "x"), "Its file system is read-only."),
    ],
)
def test_sqlite_errors_are_explained(error: Exception, said: str) -> None:
    observed, fix = describe_database_error(error, "sqlite:///bot.db")
    assert observed == said
    assert fix


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Refused("28P01"), CommandError),
        (Refused("3D000"), CommandError),
        (Refused("57P03"), DatabaseOutage),
        (Refused("08006"), DatabaseOutage),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), DatabaseOutage),
        (TimeoutError(), DatabaseOutage),
        (ConnectionError("the server rejected SSL upgrade"), CommandError),
        (socket.gaierror("x"), CommandError),
        (OperationalError(None, None, Exception(), connection_invalidated=True), DatabaseOutage),
    ],
)
def test_what_may_be_over_in_a_moment_is_an_outage(
    error: Exception, kind: type[CommandError]
) -> None:
    assert type(database_error(error, "postgresql://ann:hunter2@db.example/bot")) is kind
    assert type(database_error(error, "sqlite:///bot.db")) is CommandError


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.write_text("not a database, but long enough to be read" * 99)
    said, _ = await reason(f"sqlite:///{file}")
    assert said == "Its file is damaged, or isn't an SQLite database."
    said, _ = await reason(f"sqlite:///{tmp_path}")
    assert said == "This is a folder, not a file."
    said, _ = await reason(f"postgresql://ann:hunter2@127.0.0.1:{(port := free_port())}/bot")
    assert said == f"Nothing listens at 127.0.0.1:{port}."
