"""Leases by name, such as that of broadcast senders: one process does the work at a time."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, literal, or_, update

from storage.engine.dialects import insert
from storage.engine.lease_ends import has_ended
from storage.schema.tables import leases

LEASE_NAME = "broadcasting"
"""Name of the lease in the table. It is stored, so it never changes."""

MAX_LEASE = timedelta(minutes=5)
"""Longer than any lease with a name."""

_RENEW = (
    update(leases)
    .where(leases.c.name == LEASE_NAME, leases.c.token == bindparam("mine"))
    .values(until=bindparam("ends"))
)


def take(
    connection: Connection,
    token: str,
    now: datetime,
    duration: timedelta,
    name: str = LEASE_NAME,
    *,
    take_over: bool = True,
) -> bool:
    """Take or renew the lease `name` as `token`; False if another process holds it.

    `take_over`: also take one that another process held and that has ended.
    """
    until = now + duration
    statement = insert(connection.dialect.name, leases)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"token": token, "until": until},
        where=or_(
            leases.c.token == token,
            and_(has_ended(leases.c.until, now, MAX_LEASE), literal(take_over)),
        ),
    ).returning(leases.c.token)
    row = {"name": name, "token": token, "until": until}
    return connection.execute(taken, row).first() is not None


def renew(connection: Connection, token: str, until: datetime) -> bool:
    """Renew the lease; False if another sender has taken it."""
    return connection.execute(_RENEW, {"mine": token, "ends": until}).rowcount == 1


def release(connection: Connection, token: str, name: str = LEASE_NAME) -> None:
    """Release the lease `name`, so that another process can take it at once."""
    own = (leases.c.name == name, leases.c.token == token)
    connection.execute(delete(leases).where(*own))


def release_all(connection: Connection) -> None:
    """Release the leases of all processes, when the only process that may run has just started."""
    connection.execute(delete(leases))
