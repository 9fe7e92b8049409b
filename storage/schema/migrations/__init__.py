"""Migrations: bring a database to the schema of this version.

Each step is a numbered file in `versions/`, named by its revision. Two processes may migrate at
once: the second waits, and has nothing left to do.

Processes of the release before may go on beside those of this one. So a step names its
`oldest_code`: the oldest revision whose code works with the schema after the step. Without one,
only code that has the step does. The database keeps that of its last step, beside the revision.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, String, column, inspect, select, table, update

VERSION_TABLE = "alembic_version"
"""Alembic's table with the revision of a database."""

FOLDER = Path(__file__).parent
"""The folder with the steps, in `versions/`."""

MOVING = "moving"
"""Revision of a database to which another one is being moved. Nothing else may use it."""

MOVED = "moved"
"""Revision of a database that was moved to another one, and that nothing may use any more."""

VERSION = table(VERSION_TABLE, column("version_num", String), column("oldest_code", String))
"""Alembic's table of one row, with the column that we add."""

UNSUPPORTED = frozenset({"0001", "0001_initial"})
"""Revisions of databases from before the first release. They cannot be migrated."""


def upgrade(url: str, to: str = "head") -> None:
    """Run the steps that are missing in the database at `url`, up to `to`, in one transaction."""
    # Imported here: alembic takes a tenth of a second and 7 MB, and most starts need no step.
    from storage.schema.migrations import steps

    def run(connection: Connection) -> None:
        steps.run(connection, FOLDER, to)
        revision = current_revision(connection)
        if revision is not None and records_oldest_code(connection):
            oldest = steps.oldest_code_after(FOLDER, revision)
            connection.execute(update(VERSION).values(oldest_code=oldest))

    steps.within_lock(url, run)


def revision_of(url: str) -> str | None:
    """Return the revision of the database at `url`; None for an empty database."""
    from storage.schema.migrations import steps

    revision: str | None = steps.within_lock(url, current_revision)
    return revision


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a database, its last step; None for an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(select(VERSION.c.version_num)).scalar()
    return revision


def latest() -> str:
    """Return the last revision of this version."""
    return known()[-1]


def is_known(revision: str) -> bool:
    """Whether this version has the revision. If not, a newer version made it, or a former one."""
    return revision in known()


def is_latest(connection: Connection) -> bool:
    """Whether the database has the schema of this version, and no newer one."""
    return current_revision(connection) == latest()


def is_usable(connection: Connection) -> bool:
    """Whether this version can run on the database.

    It has the latest schema of this version, or a newer one that this version can still use.
    """
    revision = current_revision(connection)
    if revision is None or revision in (MOVING, MOVED) or is_known(revision):
        return revision == latest()
    oldest = oldest_code(connection)
    return oldest is not None and is_known(oldest)


def oldest_code(connection: Connection) -> str | None:
    """Return the oldest revision whose code can use the database; None if it isn't recorded."""
    if not records_oldest_code(connection):
        return None
    oldest: str | None = connection.execute(select(VERSION.c.oldest_code)).scalar()
    return oldest


def records_oldest_code(connection: Connection) -> bool:
    """Whether the database's last step is late enough to have the column."""
    columns = inspect(connection).get_columns(VERSION_TABLE)
    return any(each["name"] == VERSION.c.oldest_code.name for each in columns)


@cache
def known() -> tuple[str, ...]:
    """Return the revisions of this version, in their order."""
    return tuple(sorted(step.stem for step in (FOLDER / "versions").glob("[0-9]*.py")))
