"""Bounces, receipts and complaints: which mail they are about, and who must be notified.

A bounce may be received twice. The second time changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from conversations.core.alerts import AlertKind
from conversations.core.events import CodeBounced, CopyBounced
from conversations.core.facts import CopyState
from conversations.model.journey import Journey
from conversations.model.letters.delivery import (
    DeliveryEvent,
    LetterState,
    after,
    states_before,
)
from conversations.model.letters.server_reply import NO_REPLY, ServerReply
from storage.admin import alerts
from storage.chats import reachable
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.wake_ups import Worker, wake
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outcomes
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outbox import NEXT_STATUS, decrypt_chat
from storage.mail.letters import copies, submissions
from storage.mail.proof import codes
from storage.schema.server_replies import reply_values
from storage.schema.tables import RETURNED_COPY, actions, counters
from storage.schema.tables import codes as codes_table
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.action_details import decrypt_details

_CODES = (
    select(codes_table.c.code_id, codes_table.c.encrypted_details)
    .where(codes_table.c.bounced)
    .order_by(codes_table.c.person_key, codes_table.c.code_id)
)
_COPIES = (
    select(mails.c.mail, mails.c.encrypted_chat)
    .join(actions, actions.c.action == mails.c.action)
    .where(text(RETURNED_COPY), mails.c.encrypted_chat.is_not(None))
    .order_by(actions.c.person_key, actions.c.action)
)


BOUNCE_PERIOD = timedelta(days=7)
"""How long after a letter was accepted a bounce counts. Later ones are disputed.

The letter's recipient can report a bounce at any time. Mail servers give up after five days (RFC
5321, section 4.5.4.1).
"""


class StillSending(Exception):
    """The mail bounced before the outcome of its attempt was recorded: try again later."""


def record_bounce(
    connection: Connection, vault: Vault, mail: str, reply: ServerReply, *, now: datetime
) -> bool:
    """Record that a mail bounced. A letter is no longer counted as accepted.

    A letter that was accepted longer ago than `BOUNCE_PERIOD`, or is settled, stays counted: its
    bounce is disputed.

    `reply` is the mail server's. Returns False if nothing changed. Raises StillSending.
    """
    query = select(mails).where(mails.c.mail == mail).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        return False
    if row.state == LetterState.SENDING.value and (row.transmitting or row.possible_duplicate):
        raise StillSending
    state = outcomes.shown_state(row)
    if state not in states_before(DeliveryEvent.RETURNED):
        return False
    if row.kind == MailKind.LETTER.value and _is_too_late(row, now):
        _dispute(connection, row, reply, now)
        return False
    connection.execute(
        update(mails)
        .where(mails.c.mail == mail)
        .values(
            state=after(state, DeliveryEvent.RETURNED).value,
            held=False,
            **reply_values(reply),
            encrypted_content=None,
            encrypted_message=None,
            changed=now,
            turn_id="",
            status=NEXT_STATUS,
        )
    )
    wake(connection, Worker.REPLIES)
    if row.kind == MailKind.COPY.value:
        copies.record_bounce(connection, mail)
        wake(connection, Worker.BOUNCES)
    if row.action is not None:
        _letter(connection, vault, row, reply, now)
    return True


def find_recipient(connection: Connection, mail: str) -> bytes | None:
    """Return the key of the address that a mail was sent to; None if the mail was erased."""
    query = select(mails.c.recipient_key).where(mails.c.mail == mail)
    return connection.execute(query).scalar_one_or_none()


def record_other_failure(
    connection: Connection, mail: str, reply: ServerReply, *, now: datetime
) -> None:
    """Alert admins that a letter may not have arrived: it failed for an address that isn't ours.

    The letter stays counted. `reply` is the mail server's.
    """
    if (letter := _counted_letter(connection, mail)) is not None:
        kind = AlertKind.OTHER_FAILURES
        alerts.count_letter(connection, kind, letter.campaign, reply, now=now)


def record_complaint(connection: Connection, mail: str, *, now: datetime) -> None:
    """Alert admins that somebody marked a mail of a campaign as spam (RFC 5965)."""
    query = select(mails.c.campaign).where(mails.c.mail == mail)
    campaign = connection.execute(query).scalar_one_or_none()
    if campaign:
        alerts.count_letter(connection, AlertKind.COMPLAINTS, campaign, NO_REPLY, now=now)


def record_receipt(connection: Connection, mail: str, *, now: datetime) -> None:
    """Record that an office confirmed that it has received a letter. Only the first one counts."""
    unconfirmed = (mails.c.mail == mail, mails.c.action.is_not(None), mails.c.confirmed.is_(None))
    connection.execute(update(mails).where(*unconfirmed).values(confirmed=now, status=NEXT_STATUS))
    wake(connection, Worker.REPLIES)


def _counted_letter(connection: Connection, mail: str) -> Row[Any] | None:
    """Return the campaign of a letter that counts; None for tests and other mail."""
    query = select(mails.c.campaign).join(actions, actions.c.action == mails.c.action)
    return connection.execute(query.where(mails.c.mail == mail, ~actions.c.test)).one_or_none()


def record_code_bounce(connection: Connection, code_id: str) -> None:
    """Record that the mail with a code bounced: the code no longer works."""
    good = (codes_table.c.code_id == code_id, codes_table.c.code_hash.is_not(None))
    connection.execute(update(codes_table).where(*good).values(bounced=True, code_hash=None))
    wake(connection, Worker.BOUNCES)


def chats_to_notify(connection: Connection, vault: Vault, *, limit: int = 100) -> tuple[int, ...]:
    """Return up to `limit` chats that must be notified of a bounce."""

    def of_code(row: Row[Any]) -> int:
        return codes.chat_of(vault, row.code_id, row.encrypted_details)

    def of_copy(row: Row[Any]) -> int:
        return decrypt_chat(vault, row.mail, row.encrypted_chat)

    find = partial(reachable.find, connection, vault, limit=limit)
    return tuple(dict.fromkeys((*find(_CODES, of_code), *find(_COPIES, of_copy))))[:limit]


def next_bounce(
    connection: Connection, vault: Vault, person: PersonKeys, journey: Journey
) -> CodeBounced | CopyBounced | None:
    """Return the next bounce of which the person must be notified, and record that they were.

    None if there is none. A bounce of a code for an address that the person has changed since is
    ignored.
    """
    own = (codes_table.c.person_key == person.limits, codes_table.c.bounced)
    query = select(codes_table.c.address_key).where(*own)
    addresses = connection.execute(query).scalars().all()
    connection.execute(update(codes_table).where(*own).values(bounced=False))
    awaited = journey.answers.address
    if awaited and AddressKeys.of(vault, awaited).code in addresses:
        return CodeBounced()
    keys = campaign_keys.keys_of_person(connection, vault, person)
    mine = (actions.c.person_key.in_(keys), actions.c.copy_state == CopyState.RETURNED.value)
    action = connection.execute(select(actions.c.action).where(*mine).limit(1)).scalar_one_or_none()
    if action is None:
        return None
    notified = update(actions).where(actions.c.action == action)
    connection.execute(notified.values(copy_state=CopyState.TOLD.value))
    return CopyBounced(action)


@dataclass(frozen=True, slots=True)
class AnsweredMail:
    """A mail of ours that is answered: a letter, its copy, or a forwarded reply."""

    mail: str
    campaign: str

    action: str | None = None
    """The action that it belongs to; None if its letter was settled."""

    language: str = ""
    """Language of the conversation; empty if the letter was settled."""

    reply_to: str = ""
    """Whom the letter's Reply-To names: "supporter", "organisation", or "" for nobody."""


def find_answered(connection: Connection, vault: Vault, mail: str) -> AnsweredMail | None:
    """Return what is known of an answered mail; None if nothing is: its data was deleted."""
    mine = select(mails.c.action, mails.c.about, mails.c.campaign).where(mails.c.mail == mail)
    row = connection.execute(mine).one_or_none()
    if row is None:
        return None
    of = row.action or row.about
    its = select(actions).where(actions.c.action == of)
    acted = connection.execute(its).one_or_none() if of else None
    if acted is None:
        return AnsweredMail(mail, row.campaign)
    language = decrypt_details(vault, acted.action, acted.encrypted_details).language
    return AnsweredMail(mail, row.campaign, acted.action, language, acted.reply_to)


def _is_too_late(letter: Row[Any], now: datetime) -> bool:
    """Whether a letter was accepted too long ago for a bounce to count, or is settled."""
    return bool(letter.settled or now - letter.changed > BOUNCE_PERIOD)


def _dispute(connection: Connection, letter: Row[Any], reply: ServerReply, now: datetime) -> None:
    """Alert admins of a bounce that came too late, and count it once. Tests are not counted."""
    if letter.disputed or _is_test(connection, letter):
        return
    mine = mails.c.mail == letter.mail
    connection.execute(update(mails).where(mine).values(disputed=True))
    of = counters.c.campaign == letter.campaign
    connection.execute(update(counters).where(of).values(disputed=counters.c.disputed + 1))
    alerts.count_letter(connection, AlertKind.DISPUTED, letter.campaign, reply, now=now)


def _is_test(connection: Connection, letter: Row[Any]) -> bool:
    query = select(actions.c.test).where(actions.c.action == letter.action)
    return letter.action is not None and bool(connection.execute(query).scalar_one_or_none())


def _letter(
    connection: Connection, vault: Vault, mail: Row[Any], reply: ServerReply, now: datetime
) -> None:
    """Alert admins of a bounced letter, and count it as bounced. Tests are not counted.

    A bounce never pauses a campaign, because a letter's recipient can forge any number of them.
    """
    action = connection.execute(select(actions).where(actions.c.action == mail.action)).one()
    if action.test:
        return
    before = tallies.counted_state(LetterState(mail.state), doubted=mail.possible_duplicate)
    leads, changes = action.leads, list[Tally]()
    if before is LetterState.ACCEPTED:  # its number is not reused
        leads, changes = submissions.leave(connection, vault, action, bounced=True)
        mine = actions.c.action == action.action
        connection.execute(update(actions).where(mine).values(encrypted_number=None))
        tallies.subtract_accepted(connection, mail.campaign)
    alerts.count_letter(connection, AlertKind.BOUNCED, mail.campaign, reply, now=now)
    state, at = LetterState.BOUNCED, action.at
    changes += tallies.count_state(action.campaign, at, state, before=before, leads=leads)
    tallies.add(connection, changes)
