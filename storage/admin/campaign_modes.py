"""The mode of each campaign that was in service: live, test mode or closed.

    unknown ──in service, live──▶ live ◀──go_live── in test mode
       └──in service, in test mode──▶ in test mode ◀──in service, in test mode── live

Only `go_live` ends test mode.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from storage.engine.dialects import insert
from storage.schema.tables import actions, campaigns
from storage.schema.tables import outbox as mails

# On PostgreSQL, FOR SHARE: many transactions may lock the row at once, unless one changes it.
_CLOSED = (
    select(campaigns.c.closed_since)
    .where(campaigns.c.slug == bindparam("of"))
    .with_for_update(read=True)
)


def register(connection: Connection, tests: Mapping[str, bool], *, now: datetime) -> None:
    """Register the campaigns in service. `tests` says which are tests by their file or settings."""
    if not tests:
        return
    dialect = connection.dialect.name
    rows = [
        {"slug": slug, "tested_since": now if test else None, "live_since": None if test else now}
        for slug, test in sorted(tests.items())
    ]
    connection.execute(insert(dialect, campaigns).on_conflict_do_nothing(), rows)
    was_live = or_(campaigns.c.tested_since.is_(None), campaigns.c.live_since.is_not(None))
    tested = campaigns.c.slug.in_([slug for slug, test in tests.items() if test])
    connection.execute(
        update(campaigns).where(tested, was_live).values(tested_since=now, live_since=None)
    )


def unconfirmed(connection: Connection) -> frozenset[str]:
    """Return the campaigns in test mode that wait for an admin to confirm that they go live."""
    query = select(campaigns.c.slug).where(campaigns.c.live_since.is_(None))
    return frozenset(connection.execute(query).scalars())


def tests(connection: Connection) -> dict[str, bool]:
    """Return for each campaign whether it is in test mode."""
    rows = connection.execute(select(campaigns.c.slug, campaigns.c.live_since.is_(None)))
    return {slug: bool(in_test_mode) for slug, in_test_mode in rows}


def close(connection: Connection, slug: str, *, now: datetime) -> None:
    """Close the campaign to new letters, whatever its file says."""
    connection.execute(update(campaigns).where(campaigns.c.slug == slug).values(closed_since=now))


def lock_if_open(connection: Connection, slug: str) -> bool:
    """Return whether the campaign is open, and prevent closing until the transaction ends."""
    return connection.execute(_CLOSED, {"of": slug}).scalar() is None


def reopen(connection: Connection, slug: str) -> None:
    """Open the campaign again, if its file says so."""
    connection.execute(update(campaigns).where(campaigns.c.slug == slug).values(closed_since=None))


def start_test_mode(connection: Connection, slug: str, *, now: datetime) -> None:
    """Put a live campaign into test mode, until an admin confirms that it goes live again."""
    values = {"tested_since": now, "live_since": None}
    connection.execute(update(campaigns).where(campaigns.c.slug == slug).values(values))


def closed_and_unconfirmed(connection: Connection) -> tuple[frozenset[str], frozenset[str]]:
    """Return the campaigns closed in the chat, and those that wait to go live."""
    rows = connection.execute(select(campaigns)).all()
    closed = frozenset(row.slug for row in rows if row.closed_since)
    return closed, frozenset(row.slug for row in rows if row.live_since is None)


def go_live(connection: Connection, slug: str, *, now: datetime) -> int:
    """End a campaign's test mode and delete its test letters; return how many there were."""
    tests = select(actions.c.action).where(actions.c.campaign == slug, actions.c.test)
    connection.execute(delete(mails).where(mails.c.action.in_(tests)))
    erased = connection.execute(delete(actions).where(actions.c.action.in_(tests))).rowcount
    connection.execute(update(campaigns).where(campaigns.c.slug == slug).values(live_since=now))
    return erased
