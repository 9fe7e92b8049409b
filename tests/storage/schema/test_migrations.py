from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from storage.engine.columns import UtcDateTime
from storage.engine.database import Database
from storage.schema import migrations
from storage.schema.migrations import known, latest, revision_of, steps, upgrade
from storage.schema.tables import metadata


async def test_the_migrations_create_the_tables_of_the_metadata(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": _differs, "target_metadata": metadata}
        )
        found = compare_metadata(context, metadata)
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return [*found, *(tables ^ set(metadata.tables))]

    assert await database.transact(differences) == []


def test_a_database_is_migrated_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert revision_of(url) is None
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade, [url, url]))
    assert revision_of(url) == latest()
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


def test_the_names_of_the_steps_are_their_revisions_in_order() -> None:
    """So a start finds the last one without importing alembic."""
    scripts = steps.scripts(migrations.FOLDER)
    walked = [each.revision for each in scripts.walk_revisions()]
    assert list(known()) == walked[::-1]
    assert latest() == scripts.get_current_head()


def test_each_table_and_each_column_has_a_comment() -> None:
    tables = metadata.sorted_tables
    assert [table.name for table in tables if not table.comment] == []
    assert [str(each) for table in tables for each in table.columns if not each.comment] == []


def _differs(
    context: object, column: object, meta_column: object, kept: object, wanted: object
) -> bool | None:
    """Ignore the type of times, which are stored as numbers. Alembic compares all other types."""
    return False if isinstance(wanted, UtcDateTime) else None
