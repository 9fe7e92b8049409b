"""Telegram ids of private chats, in their encrypted form."""

from storage.crypto.vault import Vault
from storage.schema.encryption import CHAT_ID


def decrypt_chat_id(vault: Vault, encrypted: bytes, person: bytes) -> int:
    """Return the Telegram id of a person's chat. Raises DecryptionError."""
    return int(vault.decrypt(encrypted, CHAT_ID, row=person))
