"""Empties journeys whose letter has left: nothing in them is needed any more."""

from collections.abc import Mapping
from dataclasses import replace

import orjson
from sqlalchemy import Connection, Executable, bindparam, exists, or_, select, text, update

from conversations.model.journey import Answers, Journey, NewerVersion, Step, dump, load
from conversations.model.letters.delivery import LEFT_STATES
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.schema.encryption import CHAT_JOURNEY
from storage.schema.tables import actions, chats, outbox

# Locked: a journey that is saved meanwhile must not be overwritten.
_JOURNEYS = (
    select(chats.c.person_key, chats.c.encrypted_journey)
    .where(text("encrypted_journey IS NOT NULL"))
    .order_by(chats.c.person_key)
    .with_for_update()
)
_OF_PERSON = _JOURNEYS.where(chats.c.person_key == bindparam("person"))
_OF_BLOCKED = _JOURNEYS.where(chats.c.blocked)
_SAVE = update(chats).where(chats.c.person_key == bindparam("of"))
_OF_SUBMISSION = select(actions.c.action).where(actions.c.submission == bindparam("action"))
_LEFT = select(
    exists().where(
        or_(outbox.c.action == bindparam("action"), outbox.c.action.in_(_OF_SUBMISSION)),
        outbox.c.state.in_([state.value for state in LEFT_STATES]),
    )
)


def empty(connection: Connection, vault: Vault, person: PersonKeys) -> None:
    """Delete answers and letter from the person's journey, if its letter has left."""
    _empty(connection, vault, _OF_PERSON, {"person": person.chat})


def empty_unreachable(connection: Connection, vault: Vault) -> None:
    """Do so in the chats of people who blocked the bot: nothing is shown to them any more."""
    _empty(connection, vault, _OF_BLOCKED, {})


def _empty(
    connection: Connection, vault: Vault, journeys: Executable, values: Mapping[str, bytes]
) -> None:
    for row in connection.execute(journeys, values).all():
        try:
            content = vault.decrypt(row.encrypted_journey, CHAT_JOURNEY, row=row.person_key)
            journey = load(orjson.loads(content))
        except (NewerVersion, DecryptionError):
            continue  # a newer version of the bot empties it
        if _is_full(journey) and connection.execute(_LEFT, {"action": journey.action}).scalar():
            emptied = dump(replace(journey, answers=Answers(), reviewed=None))
            encrypted = vault.encrypt(orjson.dumps(emptied), CHAT_JOURNEY, row=row.person_key)
            connection.execute(_SAVE, {"of": row.person_key, "encrypted_journey": encrypted})


def _is_full(journey: Journey) -> bool:
    holds = journey.answers != Answers() or journey.reviewed is not None
    return journey.step is Step.SENT and holds
