"""A database that a newer version migrated: which older versions can use it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import row_order
from storage.engine.database import Database
from storage.schema import migrations
from storage.schema.migrations import is_latest, is_usable, latest, oldest_code, steps
from storage.schema.tables import chats
from tests.newer_version import REVISION, NewerVersion


async def migrated(database_url: str, version: NewerVersion) -> None:
    await asyncio.to_thread(version.migrate, database_url)


async def test_a_database_of_this_version_can_be_used(database: Database) -> None:
    assert await database.read(is_latest)
    assert await database.read(is_usable)


async def test_an_expanded_schema_can_be_used_by_the_version_before(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    version = NewerVersion(tmp_path)
    await migrated(database_url, version)
    assert await database.read(migrations.current_revision) == REVISION
    assert await database.read(oldest_code) == latest()
    assert not await database.read(is_latest)
    assert await database.read(is_usable)
    with version.code():
        assert await database.read(is_latest)


@pytest.mark.parametrize("oldest", [REVISION, "9998_between"])
async def test_a_schema_that_needs_newer_code_cannot(
    database: Database, database_url: str, tmp_path: Path, oldest: str
) -> None:
    await migrated(database_url, NewerVersion(tmp_path, oldest))
    assert not await database.read(is_usable)


async def test_a_newer_schema_that_does_not_say_so_cannot(database: Database) -> None:
    forget = text("UPDATE alembic_version SET version_num = '9999', oldest_code = NULL")
    await database.transact(lambda c: c.execute(forget))
    assert not await database.read(is_usable)
    drop = text("ALTER TABLE alembic_version DROP COLUMN oldest_code")
    await database.transact(lambda c: c.execute(drop))
    assert not await database.read(is_usable)


async def test_an_older_schema_cannot(database: Database) -> None:
    older = text("UPDATE alembic_version SET version_num = '0008_no_full_scans'")
    await database.transact(lambda c: c.execute(older))
    assert not await database.read(is_usable)


def test_each_step_names_code_that_is_as_new_as_that_of_the_step_before() -> None:
    """Otherwise a database that skips a release would let code in that knows too little."""
    found = list(steps.scripts(migrations.FOLDER).walk_revisions())[::-1]
    revisions = [step.revision for step in found]
    first = revisions.index("0009_side_by_side")
    named = [getattr(step.module, "oldest_code", step.revision) for step in found[first:]]
    positions = [revisions.index(each) for each in named]
    assert positions == sorted(positions)
    assert positions[0] == first


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_rows_with_unknown_columns_are_not_rewritten(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Rewriting deletes rows, and inserts what this version knows of them."""
    await migrated(database_url, NewerVersion(tmp_path))
    assert not await database.transact(lambda c: row_order.rewrite(c, chats, [(b"key",)]))
