"""Replies to letters that came to an address of the bot, and are forwarded.

Whoever knows the sender address of a letter can write to it. Limits keep a flood from the
supporter; what exceeds them leaves later.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from conversations.core.alerts import AlertKind
from storage.admin import alerts
from storage.crypto.vault import Vault
from storage.mail import answers
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox
from storage.mail.delivery.content import Forward
from storage.mail.proof import codes
from storage.mail.returned_mail import AnsweredMail
from storage.schema.tables import FORWARDS, actions
from storage.schema.tables import outbox as mails
from storage.stats.action_details import decrypt_details

PERIOD = timedelta(days=1)
"""Period of the limits, except `MAX_PER_LETTER`."""

MAX_PER_LETTER_AND_DAY, MAX_PER_CAMPAIGN_AND_DAY, MAX_PER_DAY = 3, 500, 2_000
"""Number of replies that are forwarded in `PERIOD`: to one letter, to a campaign's, and to all."""

MAX_PER_LETTER = 10
"""Number of replies to one letter that are forwarded in all, as far as they are remembered."""

MAX_DEFERRAL = timedelta(days=3)
"""How long a reply waits in the outbox for its turn. What had to wait longer is not taken in."""


class TooManyForwards(Exception):
    """Too many replies wait to be forwarded: the mail server or mailbox must keep this one."""


@dataclass(frozen=True)
class IncomingReply:
    """A reply to a letter, and its content as it is forwarded."""

    letter: AnsweredMail
    """The mail of ours that it answers."""

    forward: Forward
    """The reply, addressed to the organisation."""

    to_supporter: bool
    """Whether it goes to the supporter, if the address was proved."""

    is_answer: bool
    """Whether a person answered the letter, as far as can be told."""

    same: str
    """The same text for the same reply, however often it arrives."""


def queue(connection: Connection, vault: Vault, reply: IncomingReply, *, now: datetime) -> bool:
    """Queue a reply once. Returns False if it must stay where it is, because too many wait.

    Admins are alerted if it is not forwarded at once.
    """
    acted = select(actions).where(actions.c.action == reply.letter.action).with_for_update()
    row = connection.execute(acted).one_or_none() if reply.letter.action else None
    about = row.action if row else reply.letter.mail
    id_ = vault.keyed_hash("answer", reply.same)[:16].hex()
    if connection.execute(select(mails.c.mail).where(mails.c.mail == id_)).first():
        return True
    campaign = reply.letter.campaign
    leaves = _turn(connection, about, campaign, now)
    if leaves != now:
        alerts.raise_(connection, AlertKind.FORWARDS, campaign, now=now)
    if leaves is None:
        return False
    forward = reply.forward
    if row is not None and reply.to_supporter:
        forward = _to_supporter(connection, vault, row, forward)
    place = {"campaign": campaign, "about": about}
    outbox.queue_about(connection, vault, forward, **place, now=now, not_before=leaves, mail=id_)
    if reply.is_answer:
        answers.hear_real(connection, vault, reply.letter.mail, now)
    return True


def _turn(connection: Connection, about: str, campaign: str, now: datetime) -> datetime | None:
    """Return when the next reply may leave within the limits; None if that is too far away."""
    mine, its = mails.c.about == about, mails.c.campaign == campaign
    count = select(func.count()).where(text(FORWARDS), mine)
    if connection.execute(count).scalar_one() >= MAX_PER_LETTER:
        return None
    limits: tuple[tuple[int, tuple[ColumnElement[bool], ...]], ...] = (
        (MAX_PER_LETTER_AND_DAY, (mine,)),
        (MAX_PER_CAMPAIGN_AND_DAY, (its,)),
        (MAX_PER_DAY, ()),
    )
    leaves = max(_free_at(connection, most, which, now) for most, which in limits)
    return leaves if leaves <= now + MAX_DEFERRAL else None


def _free_at(
    connection: Connection, most: int, which: tuple[ColumnElement[bool], ...], now: datetime
) -> datetime:
    """Return when fewer than `most` of these replies leave in the PERIOD before."""
    recent = select(mails.c.due).where(text(FORWARDS), mails.c.due > now - PERIOD, *which)
    last = recent.order_by(mails.c.due.desc()).limit(1).offset(most - 1)
    if connection.execute(last.where(mails.c.due <= now)).first() is None:
        return now
    due: datetime = connection.execute(last).scalar_one()
    return due + PERIOD


def _to_supporter(connection: Connection, vault: Vault, row: Row[Any], forward: Forward) -> Forward:
    details = decrypt_details(vault, row.action, row.encrypted_details).person
    address = AddressKeys.of(vault, details.address)
    if not details.proved or codes.is_disowned(connection, address):
        return forward
    return replace(forward, address=details.address)
