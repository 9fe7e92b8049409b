"""Telegram ids of private chats, in their encrypted form."""

from datetime import date
from functools import lru_cache

from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.encryption import CHAT_ID


def encrypt_chat_id(vault: Vault, person: PersonKeys) -> bytes:
    """Return the encrypted Telegram id of a person's chat, for the table of chats.

    Each answer and each reply writes it, in case the row is new: it is encrypted once a day.
    """
    return _encrypted(vault, vault.day, person.chat_id, person.chat)


def decrypt_chat_id(vault: Vault, encrypted: bytes, person: bytes) -> int:
    """Return the Telegram id of a person's chat. Raises DecryptionError."""
    return int(vault.decrypt(encrypted, CHAT_ID, row=person))


@lru_cache(maxsize=10_000)
def _encrypted(vault: Vault, _day: date, chat_id: int, person: bytes) -> bytes:
    return vault.encrypt(str(chat_id).encode(), CHAT_ID, row=person)
