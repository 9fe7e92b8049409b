"""What admins must know: told once, until it is over."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from conversations.admin.alerts import CALM, FLAPPING, URGENT
from conversations.core.facts import AlertFacts, AlertHolder, AlertKind
from conversations.text.wording import DEFAULT
from storage.crypto.vault import Vault
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import insert
from storage.schema.encryption import ALERT_HOLDER
from storage.schema.tables import alert_messages, alerts, chats
from storage.schema.tables import outbox as mails

_OPEN = (alerts.c.kind == bindparam("of"), alerts.c.about == bindparam("in"))
_TOLD = update(alert_messages).where(
    alert_messages.c.alert == bindparam("of"), alert_messages.c.person_key == bindparam("by")
)
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
_COUNTED = (func.count(), func.coalesce(func.sum(case((mails.c.held, 1), else_=0)), 0))
_ALL_WAITING = select(*_COUNTED).where(mails.c.state.in_(("queued", "deferred", "unknown")))
_WAITING = _ALL_WAITING.where(mails.c.campaign == bindparam("in"))


@dataclass(frozen=True)
class UnsentAlert:
    """An alert that an admin has not been told as it is now: `status`.

    `message` is the one that shows it, if one does.
    """

    alert: str
    person: bytes
    message: int | None
    language: str
    status: int
    facts: AlertFacts


def raise_(
    connection: Connection,
    kind: AlertKind,
    about: str,
    *,
    now: datetime,
    smtp_code: int | None = None,
    smtp_text: str = "",
    letters: int = 0,
    usual: int = 0,
    what: str = "",
) -> None:
    """Raise an alert, unless there is one of that kind already.

    One that was over for a moment only goes on instead, and rings no more.
    """
    row = {
        "smtp_code": smtp_code,
        "smtp_text": smtp_text,
        "letters": letters,
        "usual": usual,
        "what": what,
        "since": now,
    }
    if kind in FLAPPING:
        again = {"of": kind.value, "in": about, "lately": now - CALM}
        if connection.execute(_AGAIN, row | again).rowcount:
            return
    new = {"alert": secrets.token_hex(8), "kind": kind.value, "about": about}
    connection.execute(_raise(connection.dialect.name), row | new)


def letter_bounced(
    connection: Connection, campaign: str, code: int | None, text: str, *, now: datetime
) -> None:
    """Alert of a letter that came back, or add it to those of which there is an alert."""
    raise_(connection, AlertKind.BOUNCED, campaign, now=now)
    asked = {"of": AlertKind.BOUNCED.value, "in": campaign}
    connection.execute(_ADD, asked | {"smtp_code": code, "smtp_text": text})


def end(connection: Connection, kind: AlertKind, about: str, *, now: datetime) -> datetime | None:
    """End the alert of that kind, and return since when it was there; None where there is none."""
    return connection.execute(_END, {"of": kind.value, "in": about, "ended": now}).scalar()


def acknowledge(
    connection: Connection, vault: Vault, person: bytes, alert: str, name: str, *, now: datetime
) -> bool:
    """Note that this person sees to an alert; False where somebody does, or it is over."""
    sealed = vault.encrypt(name.encode(), ALERT_HOLDER, row=alert.encode())
    row = {"holder_key": person, "encrypted_holder": sealed, "held_since": now}
    return connection.execute(_TAKE, {"of": alert, **row}).rowcount == 1


def sync_uncertain(connection: Connection, *, now: datetime) -> None:
    """Show admins whatever is held, and ask them about nothing that is held no more."""
    connection.execute(_NO_MORE, {"ended": now})
    for campaign in connection.execute(_HELD).scalars().all():
        raise_(connection, AlertKind.DOUBTFUL, campaign, now=now)


def prune(connection: Connection, long_ago: datetime) -> None:
    """Erase alerts that were over before `long_ago`, and who was told of them."""
    past = select(alerts.c.alert).where(alerts.c.ended < long_ago)
    connection.execute(delete(alert_messages).where(alert_messages.c.alert.in_(past)))
    connection.execute(delete(alerts).where(alerts.c.ended < long_ago))


def has_unsent(connection: Connection, person: bytes) -> bool:
    """Whether there is something that this admin was not told."""
    return connection.execute(_untold(person).limit(1)).first() is not None


def claim(
    connection: Connection,
    vault: Vault,
    person: bytes,
    *,
    now: datetime,
    until: datetime,
    mail: bool = False,
) -> tuple[UnsentAlert, ...]:
    """Return what this admin was not told, oldest first, and nobody else is telling now.

    Whoever was not told of an alert is not told of its end, either. To an address goes by `mail`
    what is urgent, once, as long as it is not over.
    """
    rows = connection.execute(_unmailed(person) if mail else _untold(person)).all()
    chosen = select(chats.c.language).where(chats.c.person_key == person)
    language = connection.execute(chosen).scalar() or DEFAULT
    take = _take(connection.dialect.name)
    claimed: list[UnsentAlert] = []
    for row in rows:
        mine = {"alert": row.alert, "person_key": person, "lease_until": until, "now": now}
        if connection.execute(take, mine).one_or_none() is not None:
            facts = replace(_facts(connection, row), holder=_holder(vault, row, person))
            claimed.append(UnsentAlert(row.alert, person, row.message, language, row.status, facts))
    return tuple(claimed)


def find_open(connection: Connection, kind: AlertKind, about: str) -> AlertFacts | None:
    """Return the alert of that kind; None where there is none, or it is over."""
    query = select(alerts).where(*_OPEN, alerts.c.ended.is_(None))
    row = connection.execute(query, {"of": kind.value, "in": about}).one_or_none()
    return _facts(connection, row) if row else None


def find(connection: Connection, vault: Vault, alert: str, person: bytes) -> AlertFacts | None:
    """Return the alert, with who has got it, as `person` is told; None where it is over."""
    query = select(alerts).where(alerts.c.alert == alert, alerts.c.ended.is_(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return replace(_facts(connection, row), holder=_holder(vault, row, person))


def open_alerts(
    connection: Connection, kinds: Collection[AlertKind]
) -> frozenset[tuple[AlertKind, str]]:
    """Return of which kinds there are alerts, and about what."""
    query = select(alerts.c.kind, alerts.c.about).where(
        alerts.c.kind.in_(sorted(kinds)), alerts.c.ended.is_(None)
    )
    return frozenset((AlertKind(row.kind), row.about) for row in connection.execute(query))


def defer(connection: Connection, untold: UnsentAlert, until: datetime) -> None:
    """Tell this admin no earlier than `until`."""
    connection.execute(_TOLD, {"of": untold.alert, "by": untold.person, "lease_until": until})


def record_sent(connection: Connection, untold: UnsentAlert, message: int | None = None) -> None:
    """Note that this admin was told, in `message`."""
    mine = {"of": untold.alert, "by": untold.person}
    values = {
        "message": message,
        "shown_status": untold.status,
        "lease_until": None,
    }
    connection.execute(_TOLD, mine | values)


def _untold(person: bytes) -> Select[Any]:
    of_person = and_(
        alert_messages.c.alert == alerts.c.alert, alert_messages.c.person_key == person
    )
    shown_status = func.coalesce(alert_messages.c.shown_status, 0)
    news = and_(shown_status < alerts.c.status, or_(alerts.c.ended.is_(None), shown_status > 0))
    joined = select(alerts, alert_messages.c.message).join(alert_messages, of_person, isouter=True)
    return joined.where(news).order_by(alerts.c.since)


def _unmailed(address: bytes) -> Select[Any]:
    is_new = func.coalesce(alert_messages.c.shown_status, 0) == 0
    urgent = alerts.c.kind.in_(sorted(URGENT))
    return _untold(address).where(urgent, alerts.c.ended.is_(None), is_new)


@cache
def _raise(dialect: str) -> Executable:
    return insert(dialect, alerts).on_conflict_do_nothing()


@cache
def _take(dialect: str) -> Executable:
    statement = insert(dialect, alert_messages)
    return statement.on_conflict_do_update(
        index_elements=["alert", "person_key"],
        set_={"lease_until": statement.excluded["lease_until"]},
        where=or_(
            alert_messages.c.lease_until.is_(None),
            alert_messages.c.lease_until <= bindparam("now", type_=UtcDateTime),
        ),
    ).returning(alert_messages.c.alert)


def _facts(connection: Connection, row: Row[Any]) -> AlertFacts:
    query = _WAITING if row.about else _ALL_WAITING
    waiting, held = connection.execute(query, {"in": row.about} if row.about else {}).one()
    return AlertFacts(
        kind=AlertKind(row.kind),
        about=row.about,
        since=row.since,
        ended=row.ended,
        smtp_code=row.smtp_code,
        smtp_text=row.smtp_text,
        waiting=waiting,
        held=held,
        letters=row.letters,
        usual=row.usual,
        what=row.what,
        id=row.alert,
    )


def _holder(vault: Vault, row: Row[Any], person: bytes) -> AlertHolder | None:
    if row.holder_key is None:
        return None
    name = vault.decrypt(row.encrypted_holder, ALERT_HOLDER, row=row.alert.encode()).decode()
    return AlertHolder(name, row.held_since, mine=row.holder_key == person)
