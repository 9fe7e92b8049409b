"""Recipients of notices: everybody to whom a row leads, subscribed or not.

They are listed before the first one is sent to: from chats, then subscriptions, letters that are
not settled, and messages that wait for their time. Somebody who stands in several of them is listed
once.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from conversations.model.broadcast import Broadcast, RecipientState
from storage.broadcasts.recipients.listing import STATE_CODES
from storage.chats import preferences
from storage.chats.chat_ids import decrypt_chat_id
from storage.chats.ledger_numbers import ledger_number
from storage.chats.scheduled_messages import read as read_scheduled
from storage.chats.subscribers import decrypt_subscriber, decrypt_subscribers
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.mail.delivery.outbox import decrypt_chat
from storage.schema.encryption import RECIPIENT_CHAT
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, chats, outbox, scheduled_messages, subscriptions

SLICE_SIZE = 500
"""Number of rows that one transaction reads: they are decrypted in about 10 ms."""

_CHATS, _SUBSCRIPTIONS, _LETTERS, _SCHEDULED, _END = range(5)
"""What is read, in this order. `listed_up_to` begins with the number, and the row's key follows."""


@dataclass(frozen=True, slots=True)
class NoticeRecipient:
    """A person who gets a notice."""

    key: bytes
    """The person's key in the ledger."""

    person: PersonKeys
    language: str
    """Language tag that the person chose, else that of a subscription; empty: none is known."""

    covered: bool
    """Whether the chat is discreet: it shows a notice only when it is tapped."""


def count(connection: Connection) -> int:
    """Return about how many people are known: how many chats there are."""
    return int(connection.execute(select(func.count()).select_from(chats)).scalar_one())


def list_slice(connection: Connection, vault: Vault, notice: Broadcast, row: Row[Any]) -> None:
    """List the next recipients. `row` is the notice's row."""
    source, after = (row.listed_up_to or bytes([_CHATS]))[0], row.listed_up_to[1:]
    found, last = _read(connection, source, after)
    chat_ids = dict.fromkeys(_decrypted(vault, source, found))
    added = _add(connection, vault, notice.id, [*chat_ids])
    source, last = (source, last) if last else (source + 1, b"")
    reached = {"listed_up_to": bytes([source]) + last, "complete": source == _END}
    this = update(broadcasts).where(broadcasts.c.broadcast == notice.id)
    connection.execute(this.values(listed=broadcasts.c.listed + added, **reached))


def find_people(
    connection: Connection, vault: Vault, of: int, found: Sequence[Any]
) -> dict[bytes, NoticeRecipient]:
    """Return the people of these rows of the ledger `of`, by key."""
    keys = [each.person_key for each in found]
    query = select(rows.c.person_key, rows.c.encrypted_chat)
    people: dict[bytes, PersonKeys] = {}
    for row in connection.execute(query.where(rows.c.broadcast == of, rows.c.person_key.in_(keys))):
        with suppress(DecryptionError):
            chat = vault.decrypt(row.encrypted_chat, RECIPIENT_CHAT, row=row.person_key)
            people[row.person_key] = PersonKeys(vault, int(chat))
    by_chat = [each.chat for each in people.values()]
    languages, discreet = _languages(connection, vault, by_chat), _discreet(connection, by_chat)
    subscribed = select(subscriptions).where(subscriptions.c.person_key.in_([*people]))
    former = {
        each.key: each.language
        for each in decrypt_subscribers(vault, connection.execute(subscribed))
    }
    return {
        key: NoticeRecipient(
            key, person, languages.get(person.chat) or former.get(key, ""), person.chat in discreet
        )
        for key, person in people.items()
    }


def _languages(
    connection: Connection, vault: Vault, chat_keys: Sequence[bytes]
) -> dict[bytes, str]:
    """Return the languages that people chose, by the key of the chat."""
    chosen = select(chats.c.person_key, chats.c.encrypted_preferences)
    languages = {}
    for row in connection.execute(chosen.where(chats.c.person_key.in_(chat_keys))):
        with suppress(DecryptionError):
            found = preferences.decrypt(vault, row.person_key, row.encrypted_preferences)
            languages[row.person_key] = found.language
    return languages


def _discreet(connection: Connection, chat_keys: Sequence[bytes]) -> frozenset[bytes]:
    """Return the keys of the chats that are discreet: they clear themselves."""
    query = select(chats.c.person_key).where(chats.c.person_key.in_(chat_keys))
    return frozenset(connection.execute(query.where(chats.c.clear_by.is_not(None))).scalars())


def _read(connection: Connection, source: int, after: bytes) -> tuple[Sequence[Any], bytes | None]:
    """Return the next rows of a source, and the key of the last one; None: there are no more."""
    found: Sequence[Any]
    if source == _LETTERS:
        leads = (outbox.c.mail > after.decode(), outbox.c.encrypted_chat.is_not(None))
        letters = select(outbox.c.mail, outbox.c.encrypted_chat).where(*leads)
        found = connection.execute(letters.order_by(outbox.c.mail).limit(SLICE_SIZE)).all()
        return found, found[-1].mail.encode() if found else None
    if source == _SCHEDULED:
        id_ = scheduled_messages.c.message
        waiting = select(scheduled_messages).where(id_ > after.decode())
        found = connection.execute(waiting.order_by(id_).limit(SLICE_SIZE)).all()
        return found, found[-1].message.encode() if found else None
    table = chats if source == _CHATS else subscriptions
    key = table.c.person_key
    query = select(table).where(key > after).order_by(key).limit(SLICE_SIZE)
    found = connection.execute(query).all()
    return found, found[-1].person_key if found else None


def _decrypted(vault: Vault, source: int, found: Sequence[Any]) -> Iterator[int]:
    """Yield the chat ids of rows, without those that no key decrypts."""
    for row in found:
        with suppress(DecryptionError):
            if source == _CHATS:
                yield decrypt_chat_id(vault, row.encrypted_chat, row.person_key)
            elif source == _SUBSCRIPTIONS:
                yield decrypt_subscriber(vault, row).person.chat_id
            elif source == _SCHEDULED:
                yield int(read_scheduled(vault, row)["chat"])
            else:
                yield decrypt_chat(vault, row.mail, row.encrypted_chat)


def _add(connection: Connection, vault: Vault, id_: str, chat_ids: Sequence[int]) -> int:
    """Add people to the ledger, and return how many were not in it yet."""
    if not chat_ids:
        return 0
    people = {each.subscriptions: each for each in (PersonKeys(vault, chat) for chat in chat_ids)}
    number = ledger_number(id_)
    listed = select(rows.c.person_key).where(rows.c.broadcast == number)
    already = set(connection.execute(listed.where(rows.c.person_key.in_([*people]))).scalars())
    same = {"broadcast": number, "state": STATE_CODES[RecipientState.PENDING]}
    new = [
        {**same, "person_key": key, "encrypted_chat": _encrypted(vault, person)}
        for key, person in people.items()
        if key not in already
    ]
    if new:
        connection.execute(rows.insert(), new)
    return len(new)


def _encrypted(vault: Vault, person: PersonKeys) -> bytes:
    chat = str(person.chat_id).encode()
    return vault.encrypt(chat, RECIPIENT_CHAT, row=person.subscriptions)
