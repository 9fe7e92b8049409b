"""The changes between two snapshots of a SQLite database."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.moves import snapshots
from storage.schema.tables import metadata

BEFORE = [(1, 10, 0), (2, 20, 0), (3, 30, 1)]


@pytest.mark.parametrize(
    ("now", "gone", "came"),
    [
        (BEFORE, [], []),
        ([], BEFORE, []),
        ([(1, 10, 0), (3, 30, 1)], [(2, 20, 0)], []),
        ([*BEFORE, (4, 40, 0)], [], [(4, 40, 0)]),
        ([(1, 10, 0), (2, 21, 0), (3, 30, 1)], [(2, 20, 0)], [(2, 21, 0)]),
        # One is replaced by another: the number of rows stays.
        ([(1, 10, 0), (2, 20, 0), (4, 40, 0)], [(3, 30, 1)], [(4, 40, 0)]),
    ],
    ids=["none", "all deleted", "deleted", "added", "changed", "replaced"],
)
def test_changes(
    template: Path,
    tmp_path: Path,
    now: list[tuple[int, int, int]],
    gone: list[tuple[int, int, int]],
    came: list[tuple[int, int, int]],
) -> None:
    file = tmp_path / "actionbot.db"
    shutil.copy(template, file)
    write(file, BEFORE)
    before = snapshots.take(file, "before")
    write(file, now)
    with snapshots.reading(file, before=before) as opened:
        assert snapshots.changes(opened, metadata.tables["updates"]) == (gone, came)


def write(file: Path, rows: list[tuple[int, int, int]]) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM updates")
        connection.executemany("INSERT INTO updates (update_id, at, failed) VALUES (?, ?, ?)", rows)


def test_a_value_that_becomes_null_is_a_change(template: Path, tmp_path: Path) -> None:
    file = tmp_path / "actionbot.db"
    shutil.copy(template, file)
    message = "message, person_key, kind, encrypted_content, heard, due"
    values = "'a', x'00', 'answer', x'01', 'yes', 1"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"INSERT INTO scheduled_messages ({message}) VALUES ({values})")  # noqa: S608 - our names
    before = snapshots.take(file, "before")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE scheduled_messages SET heard = NULL")
    table = metadata.tables["scheduled_messages"]
    heard = list(table.columns.keys()).index("heard")
    with snapshots.reading(file, before=before) as opened:
        (gone,), (came,) = snapshots.changes(opened, table)
    assert (gone[heard], came[heard]) == ("yes", None)


def test_nobody_writes_to_a_database_that_is_locked(template: Path, tmp_path: Path) -> None:
    file = tmp_path / "actionbot.db"
    shutil.copy(template, file)
    before = snapshots.take(file, "before")
    with snapshots.locking(file, before=before) as locked:
        refused = pytest.raises(sqlite3.OperationalError, match="database is locked")
        with closing(sqlite3.connect(file, timeout=0)) as other, refused:
            other.execute("DELETE FROM updates")
        snapshots.end_with_revision(locked, "moved")
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchall() == [("moved",)]
