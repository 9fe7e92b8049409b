"""Migrations: bring a database to the schema of this version.

Each step is a numbered file in `versions/`, named by its revision. Two processes may migrate at
once: the second waits, and has nothing left to do.
"""

from functools import cache, partial
from pathlib import Path

from sqlalchemy import Connection, String, column, inspect, select, table

VERSION_TABLE = "alembic_version"
"""Alembic's table with the revision of a database."""

_STEPS = Path(__file__).parent / "versions"
MOVING = "moving"
"""Revision of a database to which another one is being moved. Nothing else may use it."""

MOVED = "moved"
"""Revision of a database that was moved to another one, and that nothing may use any more."""

UNSUPPORTED = frozenset({"0001", "0001_initial"})
"""Revisions of databases from before the first release. They cannot be migrated."""


def upgrade(url: str, to: str = "head") -> None:
    """Run the steps that are missing in the database at `url`, up to `to`, in one transaction."""
    # Imported here: alembic takes a tenth of a second and 7 MB, and most starts need no step.
    from storage.schema.migrations import steps

    steps.within_lock(url, partial(steps.run, to))


def revision_of(url: str) -> str | None:
    """Return the revision of the database at `url`; None for an empty database."""
    from storage.schema.migrations import steps

    revision: str | None = steps.within_lock(url, current_revision)
    return revision


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a database, its last step; None for an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    query = select(column("version_num", String)).select_from(table(VERSION_TABLE))
    revision: str | None = connection.execute(query).scalar()
    return revision


def latest() -> str:
    """Return the last revision of this version."""
    return known()[-1]


def is_known(revision: str) -> bool:
    """Whether this version has the revision. If not, a newer version made it, or a former one."""
    return revision in known()


@cache
def known() -> tuple[str, ...]:
    """Return the revisions of this version, in their order."""
    return tuple(sorted(step.stem for step in _STEPS.glob("[0-9]*.py")))
