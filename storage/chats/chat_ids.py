"""Telegram ids of private chats, in their encrypted form."""

from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.encryption import CHAT_ID


def encrypt_chat_id(vault: Vault, person: PersonKeys) -> bytes:
    """Return the encrypted Telegram id of a person's chat, for the table of chats."""
    return vault.encrypt(str(person.chat_id).encode(), CHAT_ID, row=person.chat)


def decrypt_chat_id(vault: Vault, encrypted: bytes, person: bytes) -> int:
    """Return the Telegram id of a person's chat. Raises DecryptionError."""
    return int(vault.decrypt(encrypted, CHAT_ID, row=person))
