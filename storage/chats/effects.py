"""Handlers of effects that change a person's chat, subscriptions and consents."""

from sqlalchemy import bindparam, delete, update

from conversations.core.effects.broadcasts import SaveTimezone
from conversations.core.effects.journey import (
    ChooseLanguage,
    ForgetDetails,
    MarkBlocked,
    Subscribe,
    UnsubscribeAll,
)
from storage.chats import consents
from storage.chats.consents import Consent
from storage.engine.dialects import insert
from storage.schema.tables import chats, subscriptions
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()

_CHAT = update(chats).where(chats.c.person_key == bindparam("person"))


@HANDLERS.handles(ChooseLanguage)
def _choose_language(effect: ChooseLanguage, transaction: Transaction) -> None:
    _update_chat(transaction, language=effect.language)


@HANDLERS.handles(SaveTimezone)
def _save_timezone(effect: SaveTimezone, transaction: Transaction) -> None:
    _update_chat(transaction, zone=effect.zone)


@HANDLERS.handles(MarkBlocked)
def _mark_blocked(effect: MarkBlocked, transaction: Transaction) -> None:
    _update_chat(transaction, blocked=effect.blocked)


@HANDLERS.handles(ForgetDetails)
def _forget_details(effect: ForgetDetails, transaction: Transaction) -> None:
    _update_chat(transaction, encrypted_details=None)
    _add_consent(transaction, consents.REMEMBER, "", False, effect.language)


@HANDLERS.handles(Subscribe)
def _subscribe(effect: Subscribe, transaction: Transaction) -> None:
    connection, person = transaction.connection, transaction.person.subscriptions
    if effect.given:
        row = {
            "person_key": person,
            "scope": effect.scope,
            "at": transaction.now,
            "language": effect.language,
        }
        added = insert(connection.dialect.name, subscriptions).values(row)
        connection.execute(added.on_conflict_do_nothing())
    else:
        own = (subscriptions.c.person_key == person, subscriptions.c.scope == effect.scope)
        connection.execute(delete(subscriptions).where(*own))
    _add_consent(transaction, consents.UPDATES, effect.scope, effect.given, effect.language)


@HANDLERS.handles(UnsubscribeAll)
def _unsubscribe_all(effect: UnsubscribeAll, transaction: Transaction) -> None:
    own = subscriptions.c.person_key == transaction.person.subscriptions
    transaction.connection.execute(delete(subscriptions).where(own))
    _add_consent(transaction, consents.UPDATES, "*", False, effect.language)


def _update_chat(transaction: Transaction, **values: object) -> None:
    transaction.connection.execute(_CHAT, {"person": transaction.person.chat, **values})


def _add_consent(
    transaction: Transaction, kind: str, scope: str, given: bool, language: str
) -> None:
    consent = Consent(kind, given, language, scope)
    consents.add(transaction.connection, transaction.person.chat, consent, now=transaction.now)
