"""Telegram ids of private chats: their keys, and their encrypted form."""

from storage.crypto.vault import Vault
from storage.schema.encryption import CHAT_ID

_PERSON = "person"
"""Kind of the keyed hash. It never changes."""


def key(vault: Vault, chat: int) -> bytes:
    """Return the key of the person in the private chat `chat`: 32 bytes."""
    return vault.keyed_hash(_PERSON, str(chat))


def decrypt_chat_id(vault: Vault, encrypted: bytes, person: bytes) -> int:
    """Return the Telegram id of a person's chat. Raises DecryptionError."""
    return int(vault.decrypt(encrypted, CHAT_ID, row=person))
