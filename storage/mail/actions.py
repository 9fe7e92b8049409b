"""Actions: a person's letter to a target, with the consent to send it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Executable, Row, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from conversations.core.effects.letters import RecordAction
from conversations.core.facts import ActionTaken, CopyState, Details
from conversations.model.delivery import LetterState
from conversations.model.letter import Letter
from storage.chats import consents
from storage.chats.consents import Consent
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.mail import cancellation
from storage.mail.address_keys import address_key
from storage.mail.delivery import outbox, outcomes
from storage.schema.encryption import ACTION_DETAILS, CHAT_DETAILS
from storage.schema.tables import (
    actions,
    chats,
    notices,
)
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.tallies import CountedAction

_OF = (
    select(actions, mails.c.state, mails.c.possible_duplicate, mails.c.status_message)
    .join(mails, mails.c.action == actions.c.action)
    .where(actions.c.person_key == bindparam("person"))
    .order_by(actions.c.at)
    .with_for_update(of=mails)
)
_ADD = actions.insert()


class DuplicateAction(Exception):
    """The person, or the address, already has an action in the campaign."""


def record(
    connection: Connection,
    vault: Vault,
    person: bytes,
    effect: RecordAction,
    now: datetime,
    turn_id: str = "",
) -> list[Tally]:
    """Save the action and its consent, queue its letter, and return the changes that count it.

    Raises DuplicateAction.
    """
    try:
        connection.execute(_ADD, _row(vault, person, effect, now))
    except IntegrityError:
        raise DuplicateAction from None
    _add_consent(connection, vault, person, effect, now)
    outbox.queue_letter(connection, vault, person, effect, now=now, turn_id=turn_id)
    if effect.letter.is_test:
        return []
    country, language = effect.letter.sender_country, effect.language
    return tallies.count_action(
        CountedAction(effect.campaign, country, language, effect.source, now)
    )


def _row(vault: Vault, person: bytes, effect: RecordAction, now: datetime) -> dict[str, Any]:
    letter = effect.letter
    details = Details(
        letter.sender_name, letter.sender_country, letter.sender_address, effect.proved
    )
    return {
        "action": effect.action,
        "campaign": effect.campaign,
        "person_key": person,
        "address_key": address_key(vault, letter.sender_address),
        "encrypted_details": encrypt_details(vault, effect.action, details),
        "reply_to": _reply_to(letter),
        "country": letter.sender_country,
        "language": effect.language,
        "source": effect.source,
        "test": letter.is_test,
        "keep_until": effect.keep_until.isoformat(),
        "at": now,
    }


def _add_consent(
    connection: Connection, vault: Vault, person: bytes, effect: RecordAction, now: datetime
) -> None:
    consent = effect.consent
    notice = {
        "digest": consent.notice_digest,
        "campaign": effect.campaign,
        "language": consent.language,
        "text": consent.notice,
        "since": now,
    }
    connection.execute(_add_notice(connection.dialect.name), notice)
    given = Consent(
        consents.SEND,
        True,
        effect.language,
        effect.campaign,
        version=consent.version,
        notice_digest=consent.notice_digest,
        # A keyed hash, since the text is public, and a name and an address can be guessed.
        letter_digest=vault.keyed_hash("letter", consent.letter_digest).hex(),
    )
    consents.add(connection, person, given, now=now)


def _reply_to(letter: Letter) -> str:
    if not letter.reply_address:
        return ""
    return "supporter" if letter.reply_address == letter.sender_address else "organisation"


@dataclass(frozen=True, slots=True)
class WithdrawnAction:
    """An action that was withdrawn."""

    campaign: str
    language: str
    tallies: list[Tally]
    """The changes that no longer count the action."""


def withdraw(connection: Connection, person: bytes, action: str) -> WithdrawnAction | None:
    """Delete the action and its mail; None if this person has no such action."""
    own = (actions.c.action == action, actions.c.person_key == person)
    if connection.execute(select(actions.c.action).where(*own)).first() is None:
        return None
    return delete_action(connection, action)


def delete_action(connection: Connection, action: str) -> WithdrawnAction | None:
    """Delete an action and its mail; None if there is no such action."""
    own = actions.c.action == action
    row = connection.execute(select(actions).where(own)).one_or_none()
    if row is None:
        return None
    mail = cancellation.delete_letter(connection, action, row.at)
    connection.execute(delete(mails).where(mails.c.about == action))
    connection.execute(delete(actions).where(own))
    fate = _fate(mail) if mail else None
    counted = [] if row.test else count_withdrawn(_counted(row), fate)
    return WithdrawnAction(row.campaign, row.language, counted)


def find_all(connection: Connection, vault: Vault, person: bytes) -> tuple[ActionTaken, ...]:
    """Return the person's actions, and lock their letters until the transaction ends."""
    rows = connection.execute(_OF, {"person": person}).all()
    return tuple(
        ActionTaken(
            action=row.action,
            campaign=row.campaign,
            state=outcomes.shown_state(row),
            at=row.at,
            details=decrypt_details(vault, row.action, row.encrypted_details),
            number=row.number,
            message=row.status_message,
            test=row.test,
            copy=CopyState(row.copy_state),
        )
        for row in rows
    )


def decrypt_details(vault: Vault, action: str, encrypted: bytes) -> Details:
    """Return the details of an action."""
    content = vault.decrypt(encrypted, ACTION_DETAILS, row=action.encode())
    return Details(**orjson.loads(content))


def correct_address(
    connection: Connection, vault: Vault, person: bytes, action: str, address: str
) -> None:
    """Replace the address of an action by one that was proved, also in the remembered details.

    Raises DuplicateAction if another action has the address.
    """
    own = (actions.c.action == action, actions.c.person_key == person)
    row = connection.execute(select(actions).where(*own)).one_or_none()
    if row is None:
        return
    former = decrypt_details(vault, action, row.encrypted_details)
    details = replace(former, address=address, proved=True)
    values = {
        "encrypted_details": encrypt_details(vault, action, details),
        "address_key": address_key(vault, address),
    }
    try:
        connection.execute(update(actions).where(*own).values(values))
    except IntegrityError:
        raise DuplicateAction from None
    _correct_saved_details(connection, vault, person, former, details)


def _correct_saved_details(
    connection: Connection, vault: Vault, person: bytes, former: Details, details: Details
) -> None:
    query = select(chats.c.encrypted_details).where(chats.c.person_key == person)
    kept = connection.execute(query).scalar_one_or_none()
    if (
        kept is None
        or Details(**orjson.loads(vault.decrypt(kept, CHAT_DETAILS, row=person))) != former
    ):
        return
    fresh = vault.encrypt(orjson.dumps(asdict(details)), CHAT_DETAILS, row=person)
    remembered = update(chats).where(chats.c.person_key == person)
    connection.execute(remembered.values(encrypted_details=fresh))


def encrypt_details(vault: Vault, action: str, details: Details) -> bytes:
    """Return the encrypted details of an action."""
    content = orjson.dumps(asdict(details))
    return vault.encrypt(content, ACTION_DETAILS, row=action.encode())


@cache
def _add_notice(dialect: str) -> Executable:
    return insert(dialect, notices).on_conflict_do_nothing()


def _fate(mail: Row[Any]) -> LetterState | None:
    return tallies.counted_state(LetterState(mail.state), doubted=mail.possible_duplicate)


def _counted(row: Row[Any]) -> CountedAction:
    return CountedAction(row.campaign, row.country, row.language, row.source, row.at)


def count_withdrawn(action: CountedAction, fate: LetterState | None = None) -> list[Tally]:
    """Return the changes that no longer count an action, and its letter under `fate`."""
    fared = tallies.count_state(action.campaign, action.at, None, before=fate)
    return [*tallies.count_action(action, by=-1), *fared]
