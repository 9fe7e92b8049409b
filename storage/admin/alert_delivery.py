"""Sending alerts: which admins got which alerts, and which they must get next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Select, and_, bindparam, func, or_, select, update

from conversations.core.alerts import URGENT, AlertFacts
from conversations.text.languages import DEFAULT
from storage.admin.alerts import alert_facts, alert_holder
from storage.crypto.vault import Vault
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import insert
from storage.engine.lease_ends import has_ended
from storage.schema.tables import alert_messages, alerts

MAX_DEFERRAL = timedelta(minutes=45)
"""Longer than an alert is leased, or deferred after a failure."""

_SENT = update(alert_messages).where(
    alert_messages.c.alert == bindparam("of"), alert_messages.c.person_key == bindparam("by")
)


@dataclass(frozen=True)
class UnsentAlert:
    """An alert whose current version was not sent to an admin yet."""

    alert: str
    """Id of the alert."""

    person: bytes
    """Key of the admin."""

    message: int | None
    """Telegram message id of the former version; None if none was sent."""

    language: str
    status: int
    """Version of the alert."""

    facts: AlertFacts


def has_unsent(connection: Connection, person: bytes) -> bool:
    """Whether there is an alert, or a change of one, to send to this admin."""
    return connection.execute(_unsent(person).limit(1)).first() is not None


def claim(
    connection: Connection,
    vault: Vault,
    person: bytes,
    *,
    now: datetime,
    until: datetime,
    language: str = DEFAULT,
    mail: bool = False,
) -> tuple[UnsentAlert, ...]:
    """Claim the alerts to send to this admin until `until`, oldest first.

    Alerts that another process is sending are left out. The end of an alert is sent only to those
    who got the alert. An email address (`mail`) gets urgent alerts only, once, while they last;
    `person` is the key of the address then. `language` is that of the admin.
    """
    rows = connection.execute(_unsent_mail(person) if mail else _unsent(person)).all()
    take_lease = _take_lease(connection.dialect.name)
    claimed: list[UnsentAlert] = []
    for row in rows:
        own = {"alert": row.alert, "person_key": person, "lease_until": until, "now": now}
        if connection.execute(take_lease, own).one_or_none() is not None:
            facts = replace(alert_facts(connection, row), holder=alert_holder(vault, row, person))
            claimed.append(UnsentAlert(row.alert, person, row.message, language, row.status, facts))
    return tuple(claimed)


def defer(connection: Connection, unsent: UnsentAlert, until: datetime) -> None:
    """Send the alert no earlier than `until`."""
    connection.execute(_SENT, {"of": unsent.alert, "by": unsent.person, "lease_until": until})


def record_sent(connection: Connection, unsent: UnsentAlert, message: int | None = None) -> None:
    """Record that the alert was sent, in the Telegram message `message`."""
    own = {"of": unsent.alert, "by": unsent.person}
    values = {
        "message": message,
        "shown_status": unsent.status,
        "lease_until": None,
    }
    connection.execute(_SENT, own | values)


def _unsent(person: bytes) -> Select[Any]:
    of_person = and_(
        alert_messages.c.alert == alerts.c.alert, alert_messages.c.person_key == person
    )
    shown_status = func.coalesce(alert_messages.c.shown_status, 0)
    news = and_(shown_status < alerts.c.status, or_(alerts.c.ended.is_(None), shown_status > 0))
    joined = select(alerts, alert_messages.c.message).join(alert_messages, of_person, isouter=True)
    return joined.where(news).order_by(alerts.c.since)


def _unsent_mail(address: bytes) -> Select[Any]:
    is_new = func.coalesce(alert_messages.c.shown_status, 0) == 0
    urgent = alerts.c.kind.in_(sorted(URGENT))
    return _unsent(address).where(urgent, alerts.c.ended.is_(None), is_new)


@cache
def _take_lease(dialect: str) -> Executable:
    statement = insert(dialect, alert_messages)
    return statement.on_conflict_do_update(
        index_elements=["alert", "person_key"],
        set_={"lease_until": statement.excluded["lease_until"]},
        where=or_(
            alert_messages.c.lease_until.is_(None),
            has_ended(
                alert_messages.c.lease_until, bindparam("now", type_=UtcDateTime), MAX_DEFERRAL
            ),
        ),
    ).returning(alert_messages.c.alert)
