"""Empties journeys whose letter has left: nothing in them is needed any more."""

from dataclasses import replace

import orjson
from sqlalchemy import Connection, bindparam, update

from conversations.model.journey import Answers, NewerVersion, Step, dump
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.encryption import CHAT_JOURNEY
from storage.schema.tables import chats as chats_table

_SAVE = update(chats_table).where(chats_table.c.person_key == bindparam("of"))


def empty(connection: Connection, vault: Vault, person: PersonKeys, action: str) -> None:
    """Delete the answers and the letter from the journey that sent `action`, if it still is open.

    The chat must be locked (`chats.lock`).
    """
    chat = chats.find(connection, vault, person)
    if chat is None:
        return
    try:
        journey = chats.journey(vault, chat)
    except NewerVersion:
        return  # a newer version of the bot empties it
    if journey is None or journey.step is not Step.SENT or journey.action != action:
        return
    if journey.answers == Answers() and journey.reviewed is None:
        return
    emptied = replace(journey, answers=Answers(), reviewed=None)
    encrypted = vault.encrypt(orjson.dumps(dump(emptied)), CHAT_JOURNEY, row=chat.person_key)
    connection.execute(_SAVE, {"of": chat.person_key, "encrypted_journey": encrypted})
