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

    block: int
    """Values are padded to a multiple of so many bytes, because their length reveals something. It
    may change: it is not bound into the value.
    """


CHAT_ID = EncryptionContext("chats", "chat", 32)
CHAT_DETAILS = EncryptionContext("chats", "details", 256)
CHAT_JOURNEY = EncryptionContext("chats", "journey", 512)
AUTHORITY = EncryptionContext("authority", "content", 1024)
VERSION_PUBLISHER = EncryptionContext("campaign_versions", "publisher", 64)
VERSION_MEMBER = EncryptionContext("campaign_versions", "member", 64)
CAMPAIGN_DRAFT_FILES = EncryptionContext("campaign_drafts", "files", 1024)
CAMPAIGN_DRAFT_STATE = EncryptionContext("campaign_drafts", "state", 512)
CAMPAIGN_DRAFT_APPROVAL = EncryptionContext("campaign_drafts", "approval", 256)
CHAT_PREFERENCES = EncryptionContext("chats", "preferences", 64)
CHAT_MESSAGES = EncryptionContext("chats", "messages", 512)
CHAT_TOPIC = EncryptionContext("chats", "topic", 16)
SUBSCRIPTION_DETAILS = EncryptionContext("subscriptions", "details", 128)
SCHEDULED_CONTENT = EncryptionContext("scheduled_messages", "content", 256)
CONSENT_EVIDENCE = EncryptionContext("consents", "evidence", 256)
CAMPAIGN_KEY = EncryptionContext("campaign_keys", "key", 64)
CODE_DETAILS = EncryptionContext("codes", "details", 128)
AUDIT_NAMES = EncryptionContext("audit", "names", 128)
ALERT_HOLDER = EncryptionContext("alerts", "holder", 64)
ACTION_DETAILS = EncryptionContext("actions", "details", 256)
ACTION_ARCHIVE = EncryptionContext("actions", "archive key", 64)
ACTION_NUMBER = EncryptionContext("actions", "number", 16)
ACTION_LETTER = EncryptionContext("actions", "letter", 1024)
MAIL_CONTENT = EncryptionContext("outbox", "content", 1024)
MAIL_CHAT = EncryptionContext("outbox", "chat", 32)
MAIL_STATUS_MESSAGE = EncryptionContext("outbox", "status_message", 16)
MAIL_MESSAGE = EncryptionContext("outbox", "message", 1024)
ERASURE_ENTRY = EncryptionContext("erasures", "entry", 512)
BROADCAST_AUTHOR = EncryptionContext("broadcasts", "author", 32)
RECIPIENT_CHAT = EncryptionContext("broadcast_recipients", "chat", 32)
BROADCAST_CONTENT = EncryptionContext("broadcasts", "content", 1024)
BROADCAST_APPROVAL = EncryptionContext("broadcasts", "approval", 256)
BROADCAST_RELEASE = EncryptionContext("broadcasts", "release", 512)
