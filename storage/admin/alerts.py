"""Alerts: problems that admins must know of. Each is raised once, until it is over."""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Row,
    bindparam,
    exists,
    func,
    select,
    text,
    update,
)

from conversations.core.alerts import FLAPPING, REOPEN_WITHIN, AlertFacts, AlertHolder, AlertKind
from conversations.core.counts import MOST_COUNTED
from conversations.model.letters.server_reply import NO_REPLY, ServerReply
from storage.crypto.vault import Vault
from storage.engine.bounded_counts import count_up_to
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import insert
from storage.engine.wake_ups import Worker, wake
from storage.schema.encryption import ALERT_HOLDER
from storage.schema.server_replies import read_reply, reply_values
from storage.schema.tables import DUE, UNFINISHED, alerts
from storage.schema.tables import outbox as mails

_OPEN = (alerts.c.kind == bindparam("of"), alerts.c.about == bindparam("in"))
_CHANGED = alerts.c.status + 1
_END = (
    update(alerts)
    .where(*_OPEN, alerts.c.ended.is_(None))
    .values(status=_CHANGED)
    .returning(alerts.c.since)
)
_LATELY = alerts.alias()
_AGAIN = (
    update(alerts)
    .where(
        alerts.c.alert
        == select(_LATELY.c.alert)
        .where(
            _LATELY.c.kind == bindparam("of"),
            _LATELY.c.about == bindparam("in"),
            _LATELY.c.ended > bindparam("lately", type_=UtcDateTime),
        )
        .order_by(_LATELY.c.ended.desc())
        .limit(1)
        .scalar_subquery(),
        alerts.c.ended.is_not(None),
        ~exists().where(
            _LATELY.c.kind == bindparam("of"),
            _LATELY.c.about == bindparam("in"),
            _LATELY.c.ended.is_(None),
        ),
    )
    .values(ended=None, status=_CHANGED)
)
_TAKE = (
    update(alerts)
    .where(
        alerts.c.alert == bindparam("of"),
        alerts.c.ended.is_(None),
        alerts.c.holder_key.is_(None),
    )
    .values(status=_CHANGED)
)
_ADD = update(alerts).where(*_OPEN, alerts.c.ended.is_(None)).values(letters=alerts.c.letters + 1)
_HELD = select(mails.c.campaign).where(mails.c.held).distinct().order_by(mails.c.campaign)
_NO_MORE = (
    update(alerts)
    .where(
        alerts.c.kind == AlertKind.DOUBTFUL.value,
        alerts.c.ended.is_(None),
        alerts.c.about.not_in(_HELD.order_by(None)),
    )
    .values(status=_CHANGED)
)
_OF_CAMPAIGN = mails.c.campaign == bindparam("in")
_DUE = select(mails.c.campaign).where(text(DUE))
_ALL_DUE = count_up_to(MOST_COUNTED, _DUE)
_DUE_OF_CAMPAIGN = count_up_to(MOST_COUNTED, _DUE.where(text(UNFINISHED), _OF_CAMPAIGN))
_ALL_HELD = select(func.count()).where(mails.c.held)
_HELD_OF_CAMPAIGN = _ALL_HELD.where(_OF_CAMPAIGN)


def raise_(
    connection: Connection,
    kind: AlertKind,
    about: str,
    *,
    now: datetime,
    reply: ServerReply = NO_REPLY,
    letters: int = 0,
    usual: int = 0,
    what: str = "",
) -> None:
    """Raise an alert, unless one of that kind is open.

    An alert that ended only a moment ago is reopened instead, so that it does not notify again. The
    keyword arguments have the meaning that they have in `AlertFacts`.
    """
    row = {
        **reply_values(reply),
        "letters": letters,
        "usual": usual,
        "what": what,
        "since": now,
    }
    if kind in FLAPPING:
        again = {"of": kind.value, "in": about, "lately": now - REOPEN_WITHIN}
        if change(connection, _AGAIN, row | again):
            return
    new = {"alert": secrets.token_hex(8), "kind": kind.value, "about": about}
    change(connection, _raise(connection.dialect.name), row | new)


def count_letter(
    connection: Connection,
    kind: AlertKind,
    campaign: str,
    reply: ServerReply,
    *,
    now: datetime,
) -> None:
    """Raise an alert about letters of a campaign, or count one more in it.

    `reply` is a mail server's.
    """
    raise_(connection, kind, campaign, now=now)
    parameters = {"of": kind.value, "in": campaign}
    change(connection, _ADD, parameters | reply_values(reply))


def end(connection: Connection, kind: AlertKind, about: str, *, now: datetime) -> datetime | None:
    """End the open alert of that kind, and return when it began; None if there is none."""
    since: datetime | None = connection.execute(
        _END, {"of": kind.value, "in": about, "ended": now}
    ).scalar()
    if since is not None:
        wake(connection, Worker.ALERTS)
    return since


def acknowledge(
    connection: Connection, vault: Vault, person: bytes, alert: str, name: str, *, now: datetime
) -> bool:
    """Assign an open alert to this admin; False if it is over, or another admin has taken it."""
    encrypted = vault.encrypt(name.encode(), ALERT_HOLDER, row=alert.encode())
    row = {"holder_key": person, "encrypted_holder": encrypted, "held_since": now}
    return change(connection, _TAKE, {"of": alert, **row})


def sync_uncertain(connection: Connection, *, now: datetime) -> None:
    """Raise alerts for all campaigns with held letters, and end those of campaigns without."""
    change(connection, _NO_MORE, {"ended": now})
    for campaign in connection.execute(_HELD).scalars().all():
        raise_(connection, AlertKind.DOUBTFUL, campaign, now=now)


def find_open(connection: Connection, kind: AlertKind, about: str) -> AlertFacts | None:
    """Return the open alert of that kind; None if there is none."""
    query = select(alerts).where(*_OPEN, alerts.c.ended.is_(None))
    row = connection.execute(query, {"of": kind.value, "in": about}).one_or_none()
    return alert_facts(connection, row) if row else None


def find(connection: Connection, vault: Vault, alert: str, person: bytes) -> AlertFacts | None:
    """Return an open alert with its holder, as `person` sees it; None if it is over."""
    query = select(alerts).where(alerts.c.alert == alert, alerts.c.ended.is_(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return replace(alert_facts(connection, row), holder=alert_holder(vault, row, person))


def open_alerts(
    connection: Connection, kinds: Collection[AlertKind]
) -> frozenset[tuple[AlertKind, str]]:
    """Return the kind and the subject of all open alerts of these kinds."""
    query = select(alerts.c.kind, alerts.c.about).where(
        alerts.c.kind.in_(sorted(kinds)), alerts.c.ended.is_(None)
    )
    return frozenset((AlertKind(row.kind), row.about) for row in connection.execute(query))


def change(connection: Connection, statement: Executable, values: dict[str, Any]) -> bool:
    """Change alerts, and wake what sends them; return whether any changed."""
    is_changed = connection.execute(statement, values).rowcount > 0
    if is_changed:
        wake(connection, Worker.ALERTS)
    return is_changed


@cache
def _raise(dialect: str) -> Executable:
    return insert(dialect, alerts).on_conflict_do_nothing()


def alert_facts(connection: Connection, row: Row[Any]) -> AlertFacts:
    """Return what the alert of `row` says, with the number of letters that wait."""
    due, held = _count_waiting(connection, row.about)
    return AlertFacts(
        kind=AlertKind(row.kind),
        about=row.about,
        since=row.since,
        ended=row.ended,
        reply=read_reply(row),
        waiting=due + held,
        held=held,
        letters=row.letters,
        usual=row.usual,
        detail=row.what,
        id=row.alert,
    )


def _count_waiting(connection: Connection, about: str) -> tuple[int, int]:
    """Return how much mail waits, of a campaign or of all, and how many letters are held.

    Of more than MOST_COUNTED mails, it is one more.
    """
    if not about:
        return (
            connection.execute(_ALL_DUE).scalar_one(),
            connection.execute(_ALL_HELD).scalar_one(),
        )
    of = {"in": about}
    return (
        connection.execute(_DUE_OF_CAMPAIGN, of).scalar_one(),
        connection.execute(_HELD_OF_CAMPAIGN, of).scalar_one(),
    )


def alert_holder(vault: Vault, row: Row[Any], person: bytes) -> AlertHolder | None:
    """Return the admin who takes care of the alert of `row`, as `person` sees it; None: nobody."""
    if row.holder_key is None:
        return None
    name = vault.decrypt(row.encrypted_holder, ALERT_HOLDER, row=row.alert.encode()).decode()
    return AlertHolder(name, row.held_since, mine=row.holder_key == person)
