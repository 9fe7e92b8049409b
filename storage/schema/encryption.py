"""The places of encrypted values.

The names in a context are bound into each value that is encrypted in it, so they never change, not
even when a table or a column is renamed: no value could be decrypted any more.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncryptionContext:
    """The table and the column of a value. A value decrypts only in the context of its own."""

    table: str
    column: str


CHAT_ID = EncryptionContext("chats", "chat")
CHAT_DETAILS = EncryptionContext("chats", "details")
CHAT_JOURNEY = EncryptionContext("chats", "journey")
ROLE_NAME = EncryptionContext("roles", "name")
AUDIT_NAMES = EncryptionContext("audit", "names")
ALERT_HOLDER = EncryptionContext("alerts", "holder")
ACTION_DETAILS = EncryptionContext("actions", "details")
ACTION_LETTER = EncryptionContext("actions", "letter")
MAIL_CONTENT = EncryptionContext("outbox", "content")
MAIL_MESSAGE = EncryptionContext("outbox", "message")
BROADCAST_CONTENT = EncryptionContext("broadcasts", "content")
