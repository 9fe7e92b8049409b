"""Mail that waits because a clock was ahead: its times are corrected once the clock is right.

A time that lies in the future tells nothing, since mail may wait for days. But no state can have
changed in the future: mail that changed later than now was stored by a clock that was ahead, by as
much as that at least.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, or_, select, text, update

from conversations.model.letters.delivery import LetterState
from storage.mail.delivery.sending import EACH_LANE
from storage.schema.tables import DUE, paces
from storage.schema.tables import outbox as mails

TOLERANCE = timedelta(seconds=10)
"""How far the clocks of two processes differ at most, while none is wrong."""

MAX_LEASE = timedelta(minutes=5)
"""Longer than any lease of mail."""

SLICE_SIZE = 500

Place = tuple[datetime, str]
"""A place in a lane: when a mail is due, and its id."""

_LANES = select(EACH_LANE.c.lane).where(EACH_LANE.c.lane.is_not(None))
_SLICE = (
    select(mails.c.mail, mails.c.not_before, mails.c.changed)
    .where(
        text(DUE),
        mails.c.lane == bindparam("of"),
        mails.c.not_before >= bindparam("after"),
        or_(mails.c.not_before > bindparam("after"), mails.c.mail > bindparam("last_mail")),
    )
    .order_by(mails.c.not_before, mails.c.mail)
    .limit(bindparam("most"))
)
_FUTURE = (
    select(
        *(mails.c.mail, mails.c.campaign, mails.c.lane, mails.c.target),
        *(mails.c.not_before, mails.c.due, mails.c.queued, mails.c.changed),
    )
    .where(
        text(DUE),
        mails.c.mail.in_(bindparam("found", expanding=True)),
        mails.c.changed > bindparam("right"),
    )
    .order_by(mails.c.mail)
    .with_for_update()
)
_LEASED = update(mails).where(
    mails.c.state == LetterState.SENDING.value, mails.c.lease_until > bindparam("beyond")
)
_CORRECT = update(mails).where(mails.c.mail == bindparam("of"))
_LAST_SLOT = select(func.max(mails.c.not_before)).where(
    text(DUE), mails.c.lane == bindparam("in"), mails.c.target == bindparam("to")
)
_SET_LAST = update(paces).where(
    paces.c.campaign == bindparam("of"),
    paces.c.target == bindparam("to"),
    paces.c.last > bindparam("right"),
)


def lanes(connection: Connection) -> tuple[str, ...]:
    """Return the lanes in which mail waits, also those that are paused."""
    return tuple(connection.execute(_LANES).scalars())


def end_leases(connection: Connection, now: datetime) -> None:
    """End the leases of mail that end later than any can. Workers that live renew theirs."""
    connection.execute(_LEASED, {"beyond": now + MAX_LEASE, "lease_until": now})


def find(
    connection: Connection, *, lane: str, after: Place, now: datetime
) -> tuple[tuple[str, ...], Place | None]:
    """Search a slice of a lane for mail that changed after `now`; return the ids of it.

    Also returns the place after which the next slice begins; None at the end. `after` is that of
    this slice: only what is due later matters.
    """
    place = {"of": lane, "after": after[0], "last_mail": after[1], "most": SLICE_SIZE}
    rows = connection.execute(_SLICE, place).all()
    found = tuple(row.mail for row in rows if row.changed > now + TOLERANCE)
    is_last = len(rows) < SLICE_SIZE
    return found, None if is_last else (rows[-1].not_before, rows[-1].mail)


def correct(connection: Connection, found: Sequence[str], *, now: datetime) -> int:
    """Correct the times of this mail, as far as it changed after `now`; return how much it was.

    It waits as long from `now` on as it would have waited from its last change on.
    """
    wrong = connection.execute(_FUTURE, {"found": found, "right": now + TOLERANCE}).all()
    for row in wrong:
        ahead = row.changed - now
        values = {
            "not_before": max(now, row.not_before - ahead),
            "due": max(now, row.due - ahead),
            "queued": min(now, row.queued),
            "changed": now,
        }
        connection.execute(_CORRECT, {"of": row.mail} | values)
    for campaign, lane, target in sorted({(row.campaign, row.lane, row.target) for row in wrong}):
        last = connection.execute(_LAST_SLOT, {"in": lane, "to": target}).scalar() or now
        slot = {"of": campaign, "to": target, "right": last, "last": last}
        connection.execute(_SET_LAST, slot)
    return len(wrong)
