"""Letters that may have left: after a crash they are uncertain, and an admin may decide on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    or_,
    select,
    text,
    update,
)

from conversations.core.alerts import AlertKind
from conversations.model.letters.delivery import DeliveryEvent, LetterState, after, states_before
from storage.admin import alerts
from storage.engine.wake_ups import Worker, wake
from storage.mail.delivery.outbox import NEXT_STATUS
from storage.schema.tables import LIVE, actions
from storage.schema.tables import outbox as mails
from storage.stats import tallies

_AFTER_SENDING = {
    event: after(LetterState.SENDING, event).value
    for event in DeliveryEvent
    if LetterState.SENDING in states_before(event)
}
_RECOVER = (
    update(mails)
    .where(mails.c.state == LetterState.SENDING.value, mails.c.lease_until <= bindparam("now"))
    .values(
        state=case(
            (
                or_(mails.c.transmitting, mails.c.possible_duplicate),
                _AFTER_SENDING[DeliveryEvent.BROKEN_OFF],
            ),
            else_=_AFTER_SENDING[DeliveryEvent.NOT_SENT],
        ),
        possible_duplicate=and_(mails.c.possible_duplicate, mails.c.transmitting),
        held=and_(
            bindparam("hold", type_=Boolean),
            mails.c.transmitting,
            ~mails.c.possible_duplicate,
            mails.c.action.is_not(None),
        ),
        transmitting=False,
        lease=None,
        lease_until=None,
        status=NEXT_STATUS,
    )
    .returning(mails.c.campaign, mails.c.held)
)
_LOST = (
    select(mails.c.action)
    .where(
        mails.c.state == LetterState.SENDING.value,
        mails.c.lease_until <= bindparam("now"),
        mails.c.action.is_not(None),
        mails.c.transmitting,
        ~mails.c.possible_duplicate,
    )
    # Ordered by `mail` alone, SQLite would read all mail that ever left.
    .order_by(mails.c.lease_until, mails.c.mail)
    .with_for_update()
)
_RESOLVE = (
    update(mails)
    .where(mails.c.campaign == bindparam("of"), mails.c.held)
    .values(held=False, status=NEXT_STATUS)
)
_LIVE: Select[Any] = select(
    actions.c.action,
    actions.c.campaign,
    actions.c.at,
    actions.c.submission,
    actions.c.leads,
).where(actions.c.action.in_(bindparam("letters", expanding=True)), text(LIVE))


def recover_lost(connection: Connection, *, now: datetime, hold: bool = False) -> int:
    """Recover mail whose worker is gone, and return how much it was.

    Mail whose transmission had started may have left: it is uncertain. If `hold` is true, an admin
    decides whether such a letter is sent again.
    """
    lost = connection.execute(_LOST, {"now": now}).scalars().all()
    rows = connection.execute(_RECOVER, {"now": now, "changed": now, "hold": hold}).all()
    if rows:
        wake(connection, Worker.REPLIES)
    alert_of_held(connection, {row.campaign for row in rows if row.held}, now)
    unknown = LetterState.UNKNOWN
    live = counted_actions(connection, lost).values()
    tallies.add(
        connection,
        [each for row in live for each in tallies.count_state(row.campaign, row.at, unknown)],
    )
    return len(rows)


def resolve_held(connection: Connection, campaign: str, *, again: bool, now: datetime) -> None:
    """Send the campaign's held letters again, or never again."""
    values = {"not_before": now, "possible_duplicate": not again, "changed": now}
    connection.execute(_RESOLVE, {"of": campaign, **values})
    alerts.end(connection, AlertKind.DOUBTFUL, campaign, now=now)
    wake(connection, Worker.MAIL, Worker.REPLIES)


def alert_of_held(connection: Connection, campaigns: set[str], now: datetime) -> None:
    """Raise the alert about held letters in each of these campaigns."""
    for campaign in sorted(campaigns):
        alerts.raise_(connection, AlertKind.DOUBTFUL, campaign, now=now)


def counted_actions(connection: Connection, letters: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the actions among `letters` that are counted, by id: tests are not."""
    rows = connection.execute(_LIVE, {"letters": letters}) if letters else ()
    return {row.action: row for row in rows}
