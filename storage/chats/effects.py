"""Handlers of effects that change a person's chat, subscriptions and consents."""

from dataclasses import replace

from sqlalchemy import bindparam, delete, select, update

from conversations.core.effects.broadcasts import SaveTimezone
from conversations.core.effects.journey import (
    ChooseLanguage,
    DropReminder,
    DropScheduled,
    ForgetChat,
    ForgetDetails,
    KeepSubscriptions,
    MarkBlocked,
    ScheduleReminder,
    Subscribe,
    UnsubscribeAll,
)
from conversations.model.scheduled import ScheduledKind
from storage import erasure_log
from storage.chats import consents, preferences, scheduled_messages
from storage.chats.chat_ids import encrypt_chat_id
from storage.chats.consents import Consent
from storage.chats.ledger_numbers import ledger_number
from storage.chats.subscribers import decrypt_subscriber, encrypt_subscriber
from storage.engine.dialects import insert
from storage.engine.rounding import day_of, hour_of
from storage.schema.encryption import RECIPIENT_CHAT
from storage.schema.tables import broadcast_recipients as recipients
from storage.schema.tables import broadcasts, chats, subscriptions
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()

_CHAT = update(chats).where(chats.c.person_key == bindparam("person"))


@HANDLERS.handles(ChooseLanguage)
def _choose_language(effect: ChooseLanguage, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    chosen = preferences.find(connection, vault, person)
    preferences.save(connection, vault, person, replace(chosen, language=effect.language))
    own = subscriptions.c.person_key == person.subscriptions
    for row in connection.execute(select(subscriptions).where(own)).all():
        at = decrypt_subscriber(vault, row).at
        encrypted = encrypt_subscriber(vault, person, effect.language, at)
        this = update(subscriptions).where(own, subscriptions.c.scope == row.scope)
        connection.execute(this.values(encrypted_details=encrypted))


@HANDLERS.handles(SaveTimezone)
def _save_timezone(effect: SaveTimezone, transaction: Transaction) -> None:
    connection, vault, person = transaction.connection, transaction.vault, transaction.person
    chosen = preferences.find(connection, vault, person)
    preferences.save(connection, vault, person, replace(chosen, zone=effect.zone))


@HANDLERS.handles(MarkBlocked)
def _mark_blocked(effect: MarkBlocked, transaction: Transaction) -> None:
    row = {
        "person_key": transaction.person.chat,
        "encrypted_chat": encrypt_chat_id(transaction.vault, transaction.person),
        "changed": hour_of(transaction.now),
        "blocked": effect.blocked,
    }
    known = insert(transaction.connection.dialect.name, chats)
    values = {"blocked": effect.blocked, "unreplied_since": None}
    known_or_new = known.on_conflict_do_update(index_elements=["person_key"], set_=values)
    transaction.connection.execute(known_or_new, row)
    if effect.blocked:
        _drop_scheduled_messages(transaction)


@HANDLERS.handles(ForgetChat)
def _forget_chat(effect: ForgetChat, transaction: Transaction) -> None:
    _update_chat(transaction, clear_by=hour_of(transaction.now))


@HANDLERS.handles(ForgetDetails)
def _forget_details(effect: ForgetDetails, transaction: Transaction) -> None:
    _update_chat(transaction, encrypted_details=None)
    key = transaction.person.chat
    consents.recheck(transaction.connection, [key])
    transaction.erased.append(erasure_log.details_forgotten(key))
    _add_consent(transaction, key, Consent(consents.REMEMBER, False, effect.language))


@HANDLERS.handles(Subscribe)
def _subscribe(effect: Subscribe, transaction: Transaction) -> None:
    connection, now = transaction.connection, transaction.now
    vault, key = transaction.vault, transaction.person.subscriptions
    if effect.given:
        details = encrypt_subscriber(vault, transaction.person, effect.language, now)
        row = {
            "person_key": key,
            "scope": effect.scope,
            "encrypted_details": details,
            "at": day_of(now),
            "confirmed": day_of(now),
        }
        added = insert(connection.dialect.name, subscriptions).values(row)
        again = {"confirmed": added.excluded.confirmed, "asked": None}
        keys = ["person_key", "scope"]
        connection.execute(added.on_conflict_do_update(index_elements=keys, set_=again))
    else:
        _unsubscribe(transaction, effect.scope)
    consent = Consent(consents.UPDATES, effect.given, effect.language, effect.scope)
    _add_consent(transaction, key, consent)


@HANDLERS.handles(KeepSubscriptions)
def _keep_subscriptions(effect: KeepSubscriptions, transaction: Transaction) -> None:
    own = subscriptions.c.person_key == transaction.person.subscriptions
    kept = update(subscriptions).where(own)
    transaction.connection.execute(kept.values(confirmed=day_of(transaction.now), asked=None))


@HANDLERS.handles(UnsubscribeAll)
def _unsubscribe_all(effect: UnsubscribeAll, transaction: Transaction) -> None:
    key = transaction.person.subscriptions
    _unsubscribe(transaction)
    _drop_scheduled_messages(transaction)
    _add_consent(transaction, key, Consent(consents.UPDATES, False, effect.language, "*"))


@HANDLERS.handles(ScheduleReminder)
def _schedule_reminder(effect: ScheduleReminder, transaction: Transaction) -> None:
    scheduled_messages.schedule_reminder(
        transaction.connection,
        transaction.vault,
        transaction.person,
        campaign=effect.campaign,
        language=effect.language,
        hours=effect.hours,
        now=transaction.now,
    )


@HANDLERS.handles(DropReminder)
def _drop_reminder(effect: DropReminder, transaction: Transaction) -> None:
    own = transaction.person.scheduled
    scheduled_messages.drop(transaction.connection, own, ScheduledKind.REMINDER)


@HANDLERS.handles(DropScheduled)
def _drop_scheduled(effect: DropScheduled, transaction: Transaction) -> None:
    _drop_scheduled_messages(transaction)


def _drop_scheduled_messages(transaction: Transaction) -> None:
    """Send the person nothing that they asked for earlier."""
    own = transaction.person.scheduled
    if scheduled_messages.drop(transaction.connection, own):
        transaction.erased.append(erasure_log.unscheduled(own))


def _unsubscribe(transaction: Transaction, scope: str = "") -> None:
    """End the person's subscription to `scope`; without it, all subscriptions.

    Where a broadcast has reached them, its ledger keeps the chat: it can still be recalled.
    """
    connection, person = transaction.connection, transaction.person
    own = [subscriptions.c.person_key == person.subscriptions]
    if scope:
        own.append(subscriptions.c.scope == scope)
    if connection.execute(delete(subscriptions).where(*own)).rowcount:
        transaction.erased.append(erasure_log.unsubscribed(person.subscriptions, scope))
        consents.recheck(connection, [person.subscriptions])
    key = person.subscriptions
    encrypted = transaction.vault.encrypt(str(person.chat_id).encode(), RECIPIENT_CHAT, row=key)
    mine = (recipients.c.person_key == key, recipients.c.messages != "")
    for broadcast in connection.execute(select(broadcasts.c.broadcast)).scalars().all():
        this = recipients.c.broadcast == ledger_number(broadcast)
        reached = update(recipients).where(this, *mine)
        connection.execute(reached.values(encrypted_chat=encrypted))


def _update_chat(transaction: Transaction, **values: object) -> None:
    transaction.connection.execute(_CHAT, {"person": transaction.person.chat, **values})


def _add_consent(transaction: Transaction, key: bytes, consent: Consent) -> None:
    connection, vault = transaction.connection, transaction.vault
    consents.add(connection, vault, key, consent, now=transaction.now)
