"""Actions: a person's letter to a target, with the consent to send it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, delete, or_, select
from sqlalchemy.exc import IntegrityError

from conversations.core.effects.letters import RecordAction
from conversations.core.facts import ActionTaken, CopyState
from conversations.model.letters.delivery import LetterState
from conversations.model.letters.letter import Letter
from storage.chats import consents
from storage.chats.consents import Consent
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.engine.rounding import day_of
from storage.mail import opt_ins
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox, outcomes
from storage.mail.delivery.outbox import decrypt_status_message
from storage.mail.letters import cancellation, submissions
from storage.schema.encryption import ACTION_ARCHIVE
from storage.schema.tables import actions, notices
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
        mails.c.target,
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
    """Save the action of each letter and the consent, queue the letters, and return the changes
    that count them.

    Raises DuplicateAction.
    """
    campaign_key = campaign_keys.find_or_create(connection, vault, effect.campaign)
    try:
        connection.execute(_ADD, _rows(vault, person, campaign_key, effect, now))
    except IntegrityError:
        raise DuplicateAction from None
    key = person.action(campaign_key)
    _add_consent(connection, vault, key, effect, now)
    opt_ins.record(connection, vault, key, effect, now)
    outbox.queue_letters(connection, vault, person, effect, now=now, turn_id=turn_id)
    if effect.letter.is_test:
        return []
    first = CountedAction(
        effect.campaign,
        effect.letter.sender_country,
        effect.language,
        effect.source,
        now,
        effect.has_own_words,
        counted_answers(effect.own),
        leads=effect.round == 1,
    )
    others = tallies.count_action(replace(first, leads=False), by=len(effect.others))
    return [*tallies.count_action(first), *(others if effect.others else ())]


def _rows(
    vault: Vault, person: PersonKeys, campaign_key: bytes, effect: RecordAction, now: datetime
) -> list[dict[str, Any]]:
    """Return the row of each letter's action."""
    letter = effect.letter
    saved = ActionDetails.of(effect)
    address = AddressKeys.of(vault, letter.sender_address)
    common = {
        "campaign": effect.campaign,
        "person_key": person.action(campaign_key),
        "address_key": address.action(campaign_key),
        "submission": effect.action if effect.others else None,
        "round": effect.round,
        "reply_to": _reply_to(letter),
        "test": letter.is_test,
        "settle_days": effect.settle_days,
        "keep_until": effect.keep_until.isoformat(),
        "at": now,
    }
    return [
        {
            "action": each.action,
            "leads": each.action == effect.action and effect.round == 1,
            "person_target_key": person.target(campaign_key, each.letter.target_id, effect.round),
            "address_target_key": address.target(campaign_key, each.letter.target_id, effect.round),
            "encrypted_details": encrypt_details(vault, each.action, saved),
            "encrypted_archive_key": _archive_key(vault, each.action, effect.archive_key),
            **common,
        }
        for each in effect.letters
    ]


def _archive_key(vault: Vault, action: str, key: str | None) -> bytes | None:
    """Return the archive's public key, encrypted: nobody can replace it without our keys."""
    if key is None:
        return None
    return vault.encrypt(key.encode(), ACTION_ARCHIVE, row=action.encode())


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

    was_last: bool = True
    """Whether no other letter of the same Send is left, nor the letter that this one reminds of."""

    mail: str = ""
    """The id of its mail; "" if there was none."""


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
    settled = row.encrypted_details is None
    leads, passed_on = (row.leads, []) if settled else submissions.leave(connection, vault, row)
    mail = cancellation.delete_letter(connection, action, row.at)
    connection.execute(delete(mails).where(mails.c.about == action))
    connection.execute(delete(actions).where(actions.c.action == action))
    consents.recheck(connection, [row.person_key])
    fate = _fate(mail) if mail else None
    if settled:  # it stays counted
        return WithdrawnAction(row.campaign, "", row.person_key, [], was_last=row.round == 1)
    details = decrypt_details(vault, action, row.encrypted_details)
    counted = replace(counted_action(row, details), leads=leads)
    changes = [] if row.test else [*passed_on, *count_withdrawn(counted, fate)]
    was_last = row.round == 1 and not submissions.has_letters(connection, row.submission)
    person, mail_id = row.person_key, mail.mail if mail else ""
    return WithdrawnAction(row.campaign, details.language, person, changes, was_last, mail_id)


def find_own(
    connection: Connection, vault: Vault, person: PersonKeys, action: str
) -> Row[Any] | None:
    """Return the row of an action; None if this person has no such action."""
    found = find_sent(connection, vault, person, action)
    return next((row for row in found if row.action == action), None)


def find_sent(
    connection: Connection, vault: Vault, person: PersonKeys, sent: str
) -> Sequence[Row[Any]]:
    """Return the rows of what this person sent under this id, that of the first letter first.

    Only letters that are settled are missing where a Send wrote to several targets.
    """
    keys = campaign_keys.keys_of_person(connection, vault, person)
    cleared = campaign_keys.cleared_keys_of_person(connection, vault, person)
    own = actions.c.person_key.in_([*keys, *cleared])
    this = or_(actions.c.action == sent, actions.c.submission == sent)
    rows = connection.execute(select(actions).where(this, own)).all()
    return sorted(rows, key=lambda row: (row.action != sent, row.action))


def find_all(
    connection: Connection, vault: Vault, keys: Sequence[bytes]
) -> tuple[ActionTaken, ...]:
    """Return the actions of the person with these keys (`campaign_keys.keys_of_person`), one for
    each Send.

    Locks their letters until the transaction ends.
    """
    rows = connection.execute(_OF, {"keys": keys}).all()
    settled = connection.execute(_SETTLED, {"keys": keys}).all()
    unsettled = (_unsettled(vault, row) for row in rows)
    return submissions.grouped([*map(_settled, settled), *unsettled])


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
        target=row.target,
        round=row.round,
        submission=row.submission or "",
    )


def _settled(row: Row[Any]) -> ActionTaken:
    """Return an action of which only that it was taken is known."""
    state = LetterState(row.final_state)
    archived = row.sealed is not None
    return ActionTaken(
        row.action,
        row.campaign,
        state,
        row.at,
        None,
        test=row.test,
        archived=archived,
        round=row.round,
    )


@cache
def _add_notice(dialect: str) -> Executable:
    return insert(dialect, notices).on_conflict_do_nothing()


def _fate(mail: Row[Any]) -> LetterState | None:
    return tallies.counted_state(LetterState(mail.state), doubted=mail.possible_duplicate)


def count_withdrawn(action: CountedAction, fate: LetterState | None = None) -> list[Tally]:
    """Return the changes that no longer count an action, and its letter under `fate`."""
    fared = tallies.count_state(action.campaign, action.at, None, before=fate, leads=action.leads)
    return [*tallies.count_action(action, by=-1), *fared]
