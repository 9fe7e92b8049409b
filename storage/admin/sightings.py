"""Which machines see a problem. The problem's alert ends when no machine sees it any more.

One worker may be cut off from the mail server while another one reaches it, and each machine has
its own clock, disk and folder.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, delete, exists, or_, select, update

from conversations.core.alerts import AlertKind
from storage.admin import alerts
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import insert
from storage.schema.tables import alerts as alerts_table
from storage.schema.tables import sightings

_HERE = (sightings.c.kind == bindparam("of"), sightings.c.about == bindparam("in"))
_GONE = delete(sightings).where(
    *_HERE,
    or_(
        sightings.c.host == bindparam("by"),
        sightings.c.until <= bindparam("now", type_=UtcDateTime),
    ),
)
_IS_SEEN = select(exists().where(*_HERE))
_MORE = (
    update(alerts_table)
    .where(
        alerts_table.c.kind == bindparam("of"),
        alerts_table.c.about == bindparam("in"),
        alerts_table.c.ended.is_(None),
        alerts_table.c.what != bindparam("now_wrong"),
    )
    .values(
        what=bindparam("now_wrong"),
        letters=bindparam("now_many"),
        status=alerts_table.c.status + 1,
    )
)


@dataclass(frozen=True)
class Problem:
    """What is wrong. The fields have the meaning that they have in `AlertFacts`."""

    letters: int = 0
    what: str = ""


def report(connection: Connection, kind: AlertKind, about: str, host: str, until: datetime) -> None:
    """Record that `host` sees this problem. The sighting counts until `until`."""
    row = {"kind": kind.value, "about": about, "host": host, "until": until}
    connection.execute(_add(connection.dialect.name), row)


def clear(connection: Connection, kind: AlertKind, about: str, host: str, *, now: datetime) -> bool:
    """Record that `host` no longer sees this problem; return whether no machine does."""
    parameters = {"of": kind.value, "in": about}
    connection.execute(_GONE, parameters | {"by": host, "now": now})
    return not connection.execute(_IS_SEEN, parameters).scalar_one()


def update_all(
    connection: Connection,
    kinds: Collection[AlertKind],
    seen: Mapping[tuple[AlertKind, str], Problem],
    host: str,
    *,
    now: datetime,
    until: datetime,
) -> None:
    """Raise alerts for what `host` sees, and end those of `kinds` that no machine sees any more."""
    for (kind, about), trouble in sorted(seen.items()):
        report(connection, kind, about, host, until)
        alerts.raise_(connection, kind, about, now=now, **vars(trouble))
        if kind is AlertKind.FILES:
            more = {"now_wrong": trouble.what, "now_many": trouble.letters}
            alerts.change(connection, _MORE, {"of": kind.value, "in": about} | more)
    for kind, about in sorted(alerts.open_alerts(connection, kinds) - seen.keys()):
        if clear(connection, kind, about, host, now=now):
            alerts.end(connection, kind, about, now=now)


@cache
def _add(dialect: str) -> Executable:
    statement = insert(dialect, sightings)
    return statement.on_conflict_do_update(
        index_elements=["kind", "about", "host"],
        set_={"until": statement.excluded["until"]},
    )
