"""Actions: a person's letter to a target, with the consent to send it."""

from collections.abc import Sequence
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
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.engine.rounding import day_of
from storage.mail import cancellation, opt_ins
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox, outcomes
from storage.mail.delivery.outbox import decrypt_status_message
from storage.schema.encryption import ACTION_ARCHIVE, CHAT_DETAILS
from storage.schema.tables import actions, chats, notices
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.action_details import (
    ActionDetails,
    counted_action,
    counted_answers,
    decrypt_details,
    decrypt_number,
    encrypt_details,
)
from storage.stats.tallies import CountedAction

_OF = (
    select(
        actions,
        mails.c.mail,
        mails.c.state,
        mails.c.possible_duplicate,
        mails.c.encrypted_status_message,
    )
    .join(mails, mails.c.action == actions.c.action)
    .where(actions.c.person_key.in_(bindparam("keys", expanding=True)))
    .order_by(actions.c.at)
    .with_for_update(of=mails)
)
_SETTLED = (
    select(actions)
    .where(
        actions.c.person_key.in_(bindparam("keys", expanding=True)),
        actions.c.final_state.is_not(None),
    )
    .order_by(actions.c.at)
)
_ADD = actions.insert()


class DuplicateAction(Exception):
    """The person, or the address, already has an action in the campaign."""


def record(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    effect: RecordAction,
    now: datetime,
    turn_id: str = "",
) -> list[Tally]:
    """Save the action and its consent, queue its letter, and return the changes that count it.

    Raises DuplicateAction.
    """
    campaign_key = campaign_keys.find_or_create(connection, vault, effect.campaign)
    key = person.action(campaign_key)
    try:
        connection.execute(_ADD, _row(vault, key, campaign_key, effect, now))
    except IntegrityError:
        raise DuplicateAction from None
    _add_consent(connection, vault, key, effect, now)
    opt_ins.record(connection, vault, key, effect, now)
    outbox.queue_letter(connection, vault, person, effect, now=now, turn_id=turn_id)
    if effect.letter.is_test:
        return []
    return tallies.count_action(
        CountedAction(
            effect.campaign,
            effect.letter.sender_country,
            effect.language,
            effect.source,
            now,
            effect.has_own_words,
            counted_answers(effect.own),
        )
    )


def _row(
    vault: Vault, key: bytes, campaign_key: bytes, effect: RecordAction, now: datetime
) -> dict[str, Any]:
    letter = effect.letter
    return {
        "action": effect.action,
        "campaign": effect.campaign,
        "person_key": key,
        "address_key": AddressKeys.of(vault, letter.sender_address).action(campaign_key),
        "encrypted_details": encrypt_details(vault, effect.action, ActionDetails.of(effect)),
        "reply_to": _reply_to(letter),
        "test": letter.is_test,
        "settle_days": effect.settle_days,
        "encrypted_archive_key": _archive_key(vault, effect),
        "keep_until": effect.keep_until.isoformat(),
        "at": now,
    }


def _archive_key(vault: Vault, effect: RecordAction) -> bytes | None:
    """Return the archive's public key, encrypted: nobody can replace it without our keys."""
    if effect.archive_key is None:
        return None
    return vault.encrypt(effect.archive_key.encode(), ACTION_ARCHIVE, row=effect.action.encode())


def _add_consent(
    connection: Connection, vault: Vault, key: bytes, effect: RecordAction, now: datetime
) -> None:
    consent = effect.consent
    notice = {
        "digest": consent.notice_digest,
        "campaign": effect.campaign,
        "language": consent.language,
        "text": consent.notice,
        "since": day_of(now),
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
    consents.add(connection, vault, key, given, now=now)


def _reply_to(letter: Letter) -> str:
    if not letter.reply_address:
        return ""
    return "supporter" if letter.reply_address == letter.sender_address else "organisation"


@dataclass(frozen=True, slots=True)
class WithdrawnAction:
    """An action that was withdrawn."""

    campaign: str
    language: str
    key: bytes
    """Key of the person in the campaign's actions."""

    tallies: list[Tally]
    """The changes that no longer count the action."""


def withdraw(
    connection: Connection, vault: Vault, person: PersonKeys, action: str
) -> WithdrawnAction | None:
    """Delete the action and its mail; None if this person has no such action."""
    if find_own(connection, vault, person, action) is None:
        return None
    return delete_action(connection, vault, action)


def delete_action(connection: Connection, vault: Vault, action: str) -> WithdrawnAction | None:
    """Delete an action and its mail; None if there is no such action."""
    row = connection.execute(select(actions).where(actions.c.action == action)).one_or_none()
    if row is None:
        return None
    mail = cancellation.delete_letter(connection, action, row.at)
    connection.execute(delete(mails).where(mails.c.about == action))
    connection.execute(delete(actions).where(actions.c.action == action))
    fate = _fate(mail) if mail else None
    if row.encrypted_details is None:  # it is settled, and stays counted
        return WithdrawnAction(row.campaign, "", row.person_key, [])
    details = decrypt_details(vault, action, row.encrypted_details)
    counted = [] if row.test else count_withdrawn(counted_action(row, details), fate)
    return WithdrawnAction(row.campaign, details.language, row.person_key, counted)


def find_own(
    connection: Connection, vault: Vault, person: PersonKeys, action: str
) -> Row[Any] | None:
    """Return the row of an action; None if this person has no such action."""
    keys = campaign_keys.keys_of_person(connection, vault, person)
    cleared = campaign_keys.cleared_keys_of_person(connection, vault, person)
    own = (actions.c.action == action, actions.c.person_key.in_([*keys, *cleared]))
    return connection.execute(select(actions).where(*own)).one_or_none()


def find_all(
    connection: Connection, vault: Vault, keys: Sequence[bytes]
) -> tuple[ActionTaken, ...]:
    """Return the actions of the person with these keys (`campaign_keys.keys_of_person`).

    Locks their letters until the transaction ends.
    """
    rows = connection.execute(_OF, {"keys": keys}).all()
    settled = connection.execute(_SETTLED, {"keys": keys}).all()
    return (*map(_settled, settled), *(_unsettled(vault, row) for row in rows))


def _unsettled(vault: Vault, row: Row[Any]) -> ActionTaken:
    """Return an action with all that is stored of it."""
    details = decrypt_details(vault, row.action, row.encrypted_details)
    return ActionTaken(
        action=row.action,
        campaign=row.campaign,
        state=outcomes.shown_state(row),
        at=row.at,
        details=details.person,
        number=decrypt_number(vault, row.action, row.encrypted_number),
        message=decrypt_status_message(vault, row.mail, row.encrypted_status_message),
        test=row.test,
        copy=CopyState(row.copy_state),
        own=details.own,
    )


def _settled(row: Row[Any]) -> ActionTaken:
    """Return an action of which only that it was taken is known."""
    state = LetterState(row.final_state)
    archived = row.sealed is not None
    return ActionTaken(
        row.action, row.campaign, state, row.at, None, test=row.test, archived=archived
    )


def correct_address(
    connection: Connection, vault: Vault, person: PersonKeys, action: str, address: str
) -> None:
    """Replace the address of an action by one that was proved, also in the remembered details.

    Raises DuplicateAction if another action has the address.
    """
    row = find_own(connection, vault, person, action)
    if row is None or row.encrypted_details is None:
        return
    saved = decrypt_details(vault, action, row.encrypted_details)
    details = replace(saved.person, address=address, proved=True)
    campaign_key = campaign_keys.find_or_create(connection, vault, row.campaign)
    values = {
        "encrypted_details": encrypt_details(vault, action, replace(saved, person=details)),
        "address_key": AddressKeys.of(vault, address).action(campaign_key),
    }
    try:
        connection.execute(update(actions).where(actions.c.action == action).values(values))
    except IntegrityError:
        raise DuplicateAction from None
    _correct_saved_details(connection, vault, person.chat, saved.person, details)


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


@cache
def _add_notice(dialect: str) -> Executable:
    return insert(dialect, notices).on_conflict_do_nothing()


def _fate(mail: Row[Any]) -> LetterState | None:
    return tallies.counted_state(LetterState(mail.state), doubted=mail.possible_duplicate)


def count_withdrawn(action: CountedAction, fate: LetterState | None = None) -> list[Tally]:
    """Return the changes that no longer count an action, and its letter under `fate`."""
    fared = tallies.count_state(action.campaign, action.at, None, before=fate)
    return [*tallies.count_action(action, by=-1), *fared]
