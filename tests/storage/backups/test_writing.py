import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backups.writing import copy_sqlite
from storage.schema.migrations import latest, upgrade
from tests.databases import opened


async def test_a_copy_is_consistent_while_the_bot_writes(tmp_path: Path) -> None:
    source, target = tmp_path / "actionbot.db", tmp_path / "copy.db"
    upgrade(f"sqlite:///{source}")
    async with opened(f"sqlite:///{source}") as database:
        await database.transact(lambda c: c.exec_driver_sql("CREATE TABLE notes (note TEXT)"))
        await database.transact(lambda c: c.exec_driver_sql("INSERT INTO notes VALUES ('kept')"))
        copy_sqlite(source, target)
        await database.transact(lambda c: c.exec_driver_sql("INSERT INTO notes VALUES ('later')"))
    assert target.stat().st_mode & 0o777 == 0o600
    assert not target.with_name("copy.db.part").exists()
    with closing(sqlite3.connect(target)) as kept:
        assert kept.execute("SELECT note FROM notes").fetchall() == [("kept",)]
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (latest(),)
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_sqlite(tmp_path / "actionbot.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
