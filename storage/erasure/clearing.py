"""Discreet chats: which ones are to be cleared, and what is forgotten with a chat.

A cleared letter keeps neither the chat nor the key by which the person's letters are found. It has
another key (`PersonKeys.cleared_action`), which is only asked for once an address is proved.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from conversations.core.fact_requests import ClearedLetter
from conversations.core.facts import ClearedAction
from conversations.model.journey import UNDER_WAY, Journey, NewerVersion
from conversations.model.letters.delivery import REACHED_NOBODY, LetterState
from conversations.text.languages import DEFAULT
from storage import erasure_log
from storage.broadcasts.recipients import listing
from storage.chats import chats, consents, leases
from storage.chats.chat_ids import decrypt_chat_id
from storage.chats.chats import JOURNEY_LIFETIME
from storage.chats.consents import Consent
from storage.chats.leases import ChatLease
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.mail.letters import cancellation
from storage.mail.proof import codes as mailed
from storage.schema.tables import actions, codes, subscriptions
from storage.schema.tables import chats as chats_table
from storage.schema.tables import consents as consents_table
from storage.schema.tables import outbox as mails

_WAITING = frozenset((LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING))
"""The states of a letter that has not left."""

_ROUNDED = timedelta(hours=1)
"""How far `chats.changed` is rounded down."""

_IS_DISCREET = select(
    chats_table.c.person_key,
    chats_table.c.encrypted_chat,
    chats_table.c.encrypted_journey,
    chats_table.c.changed,
    chats_table.c.clear_by,
).where(text("clear_by IS NOT NULL"))
_ONE_DISCREET = _IS_DISCREET.where(chats_table.c.person_key == bindparam("person"))
_DISCREET = (
    _IS_DISCREET.where(chats_table.c.person_key > bindparam("after"))
    .order_by(chats_table.c.person_key)
    .limit(bindparam("most"))
)
_SENT: BindParameter[Any] = bindparam("sent", expanding=True)
_LETTERS = (
    select(actions.c.action, actions.c.submission, mails.c.state, mails.c.changed)
    .join(mails, mails.c.action == actions.c.action)
    .where(or_(actions.c.action.in_(_SENT), actions.c.submission.in_(_SENT)))
)

_CLEARED = (
    select(actions.c.action, func.coalesce(actions.c.final_state, mails.c.state).label("state"))
    .outerjoin(mails, mails.c.action == actions.c.action)
    .where(actions.c.person_key == bindparam("key"), ~actions.c.test)
    .order_by(actions.c.action)
)


@dataclass(frozen=True, slots=True)
class DiscreetChats:
    """A slice of the discreet chats, in the order of their keys."""

    due: tuple[int, ...]
    """The chats that are to be cleared now."""

    last: bytes | None
    """The key after which the next slice begins; None at the end."""


def find_due(
    connection: Connection, vault: Vault, now: datetime, *, after: bytes = b"", size: int = 200
) -> DiscreetChats:
    """Return which of the `size` discreet chats with keys above `after` are to be cleared."""
    rows = connection.execute(_DISCREET, {"after": after, "most": size}).all()
    due = _due(connection, vault, rows, now)
    found: list[int] = []
    for row in due:
        with suppress(DecryptionError):  # a damaged row must not stop the others
            found.append(decrypt_chat_id(vault, row.encrypted_chat, row.person_key))
    return DiscreetChats(tuple(found), rows[-1].person_key if len(rows) == size else None)


def _due(connection: Connection, vault: Vault, rows: Sequence[Any], now: datetime) -> list[Any]:
    """Return those of the rows of `_DISCREET` whose chats are to be cleared now."""
    journeys = [_journey(vault, row) for row in rows]
    sent = [each.action for each in journeys if each and each.action]
    letters: dict[str, list[Any]] = {}
    for letter in connection.execute(_LETTERS, {"sent": sent}).all():
        letters.setdefault(letter.submission or letter.action, []).append(letter)
    return [
        row
        for row, journey in zip(rows, journeys, strict=True)
        if row.clear_by <= now or _over(row, journey, letters) <= now
    ]


def _journey(vault: Vault, row: Any) -> Journey | None:
    with suppress(NewerVersion, DecryptionError):
        return chats.read_journey(vault, row.encrypted_journey, row.person_key)
    return None


def _over(row: Any, journey: Journey | None, letters: Mapping[str, Sequence[Any]]) -> datetime:
    """Return when a chat is to be cleared, as far as is known now, if not before."""
    changed: datetime = row.changed + _ROUNDED  # at the latest
    if journey is None or journey.step in UNDER_WAY:
        return changed + JOURNEY_LIFETIME
    sent = letters.get(journey.action, ())
    if any(LetterState(letter.state) in _WAITING for letter in sent):
        latest: datetime = row.clear_by
        return latest
    ended: datetime = max((letter.changed for letter in sent), default=changed)
    return ended + timedelta(hours=journey.clear_after)


@dataclass(frozen=True, slots=True)
class ClaimedChat:
    """A discreet chat that its process may clear."""

    lease: ChatLease

    clear_by: datetime
    """When it is cleared at the latest."""

    language: str
    """The tag of the language of the conversation; English if it is not known."""

    others: tuple[int, ...]
    """The ids of the messages that broadcasts left in the chat."""


def claim(
    connection: Connection, vault: Vault, person: PersonKeys, *, now: datetime, lease: str
) -> ClaimedChat | None:
    """Claim a chat for clearing; None if another process sends there, or if it is not due."""
    chats.lock(connection, person.chat)
    row = connection.execute(_ONE_DISCREET, {"person": person.chat}).one_or_none()
    if row is None or not _due(connection, vault, [row], now):
        return None
    held = leases.claim_chat(connection, vault, person, now=now, lease=lease)
    if held is None:
        return None
    journey = _journey(vault, row)
    others = listing.messages_to(connection, person.subscriptions)
    return ClaimedChat(held, row.clear_by, journey.language if journey else DEFAULT, others)


def forget(
    connection: Connection, vault: Vault, person: PersonKeys, claimed: ClaimedChat, now: datetime
) -> bool:
    """Forget a chat that was cleared, and cut its letters off from it.

    Does nothing, and returns False, if the lease was lost or the person has written meanwhile: the
    chat is cleared again in a later round.
    """
    chats.lock(connection, person.chat)
    this = (chats_table.c.person_key == person.chat, chats_table.c.lease == claimed.lease.lease)
    row = connection.execute(select(chats_table).where(*this)).one_or_none()
    if row is None:
        return False
    if row.turn != claimed.lease.turn:
        leases.release(connection, person.chat, claimed.lease.lease)
        return False
    own = select(exists().where(subscriptions.c.person_key == person.subscriptions))
    if connection.execute(own).scalar_one():
        refusal = Consent(consents.UPDATES, False, claimed.language, "*")
        consents.add(connection, vault, person.subscriptions, refusal, now=now)
    keys = ClearedKeys.of(connection, vault, person)
    cut_off(connection, keys)
    mailed.forget_chat(connection, vault, person.limits)
    erasure_log.add(connection, vault, [erasure_log.cleared(keys.as_json())], now)
    return True


@dataclass(frozen=True)
class ClearedKeys:
    """The keys of a person that are needed to forget their chat, or to forget it again."""

    chat: bytes
    subscriptions: bytes
    limits: bytes
    cleared: bytes
    actions: tuple[tuple[bytes, bytes], ...]
    """For each campaign, the key in its actions, and the one that replaces it."""

    @classmethod
    def of(cls, connection: Connection, vault: Vault, person: PersonKeys) -> Self:
        """Return the keys of a person."""
        acted = tuple(
            (person.action(key), person.cleared_action(key))
            for key in campaign_keys.find_all(connection, vault).values()
        )
        return cls(person.chat, person.subscriptions, person.limits, person.cleared, acted)

    def as_json(self) -> dict[str, Any]:
        """Return the keys as hexadecimal digits."""
        return {
            "chat": self.chat.hex(),
            "subscriptions": self.subscriptions.hex(),
            "limits": self.limits.hex(),
            "cleared": self.cleared.hex(),
            "actions": [[mine.hex(), cleared.hex()] for mine, cleared in self.actions],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return the keys that `as_json` wrote."""
        names = ("chat", "subscriptions", "limits", "cleared")
        chat, subscribed, limits, cleared = (bytes.fromhex(saved[name]) for name in names)
        acted = ((bytes.fromhex(mine), bytes.fromhex(other)) for mine, other in saved["actions"])
        return cls(chat, subscribed, limits, cleared, tuple(acted))


def cut_off(connection: Connection, keys: ClearedKeys) -> None:
    """Delete a chat, and take from letters and consents what leads to it."""
    _cut_off_letters(connection, keys)
    cancellation.delete_codes(connection, keys.limits)
    used = update(codes).where(codes.c.person_key == keys.limits)
    connection.execute(used.values(code_hash=None, bounced=False, cleared=True))
    subscribed = subscriptions.c.person_key == keys.subscriptions
    connection.execute(delete(subscriptions).where(subscribed))
    decided = consents_table.c.person_key.in_((keys.chat, keys.subscriptions))
    moved = update(consents_table).where(decided)
    connection.execute(moved.values(person_key=keys.cleared, unchecked=True))
    listing.erase_recipient(connection, keys.subscriptions)
    connection.execute(delete(chats_table).where(chats_table.c.person_key == keys.chat))


def _cut_off_letters(connection: Connection, keys: ClearedKeys) -> None:
    """Take from the person's letters, and from consents to send them, what leads to the chat."""
    for mine, cleared in keys.actions:
        own = select(actions.c.action).where(actions.c.person_key == mine)
        gone = {"encrypted_chat": None, "encrypted_status_message": None}
        shown = {"shown_status": mails.c.status}
        connection.execute(update(mails).where(mails.c.action.in_(own)).values(**gone, **shown))
        decided = update(consents_table).where(consents_table.c.person_key == mine)
        connection.execute(decided.values(person_key=cleared))
        acted = update(actions).where(actions.c.person_key == mine)
        connection.execute(acted.values(person_key=cleared, person_target_key=None))


def cleared_letter(
    connection: Connection, vault: Vault, person: PersonKeys, request: ClearedLetter
) -> ClearedAction | None:
    """Return the person's letters in a campaign, if their chat was cleared. No test counts."""
    key = campaign_keys.find_all(connection, vault).get(request.campaign)
    if key is None:
        return None
    rows = connection.execute(_CLEARED, {"key": person.cleared_action(key)}).all()
    if not rows:
        return None
    reached_nobody = all(LetterState(row.state) in REACHED_NOBODY for row in rows)
    return ClearedAction(tuple(row.action for row in rows), reached_nobody)
