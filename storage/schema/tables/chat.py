"""Tables of people's chats: journeys, subscriptions and consents."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from storage.schema.encryption import (
    CHAT_DETAILS,
    CHAT_ID,
    CHAT_JOURNEY,
    CHAT_MESSAGES,
    CHAT_PREFERENCES,
    CHAT_TOPIC,
    CONSENT_EVIDENCE,
    SCHEDULED_CONTENT,
    SUBSCRIPTION_DETAILS,
)
from storage.schema.metadata import encrypted, metadata, partial_index, person_key, timestamp

HAS_JOURNEY = "(encrypted_journey IS NOT NULL OR encrypted_messages IS NOT NULL)"
"""SQL condition for chats with a journey, or with ids of messages."""

WITHOUT_DETAILS = "encrypted_details IS NULL"
"""SQL condition for chats that hold no details for the next letter."""

EMPTY = "encrypted_details IS NULL AND encrypted_preferences IS NULL AND NOT blocked"
"""SQL condition for chats that hold nothing but a journey, at most."""

UNASKED_DETAILS = (
    "encrypted_details IS NOT NULL AND asked IS NULL AND clear_by IS NULL AND NOT blocked"
)
"""SQL condition for chats whose owner can be asked whether saved details may stay."""

UNASKED = "asked IS NULL"
"""SQL condition for subscriptions, and for scheduled messages, about which nobody was asked yet."""

UNCHECKED_OF_LETTERS = "unchecked AND kind IN ('send', 'opt_in')"
"""SQL condition for consents given with a letter that may be due for deletion."""

OTHER_UNCHECKED = "unchecked AND kind NOT IN ('send', 'opt_in')"
"""SQL condition for other consents that may be."""

updates = Table(
    "updates",
    metadata,
    Column(
        "update_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="Id of the update (Bot API, Update). Restarts at random after an idle week.",
    ),
    timestamp(
        "at", "Hour in which the update was handled; rows are deleted after 48 hours.", index=True
    ),
    Column(
        "failed",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether handling failed for good; the content of such an update is not kept.",
    ),
    sqlite_with_rowid=False,
    comment="Telegram updates that were handled, so that none is handled twice.",
)

chats = Table(
    "chats",
    metadata,
    person_key("chat", primary_key=True),
    encrypted("encrypted_chat", CHAT_ID, "Telegram chat id, in decimal digits."),
    encrypted(
        "encrypted_preferences",
        CHAT_PREFERENCES,
        "Language that the person chose, and time zone of a campaigner, as JSON.",
        nullable=True,
    ),
    encrypted(
        "encrypted_details",
        CHAT_DETAILS,
        "Name, country and address remembered for the next letter, as JSON.",
        nullable=True,
    ),
    Column(
        "blocked",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether the person blocked the bot.",
    ),
    encrypted("encrypted_journey", CHAT_JOURNEY, "State of the journey, as JSON.", nullable=True),
    Column(
        "turn",
        Integer,
        nullable=False,
        default=0,
        comment="Number of the last turn that was saved.",
    ),
    Column(
        "replied_turn",
        Integer,
        nullable=False,
        default=0,
        comment="Number of the last turn whose replies were sent.",
    ),
    encrypted(
        "encrypted_messages",
        CHAT_MESSAGES,
        "Message of the current question, and those that can be deleted, with times, as JSON.",
        nullable=True,
    ),
    encrypted(
        "encrypted_topic",
        CHAT_TOPIC,
        "Topic of the person's last message (message_thread_id); none: outside topics.",
        nullable=True,
    ),
    timestamp(
        "clear_by",
        "When a discreet chat is cleared at the latest, to the hour; none: it is not discreet.",
        nullable=True,
    ),
    Column("lease", String, comment="Token of the process that sends replies in this chat."),
    timestamp("lease_until", "When the lease ends.", nullable=True),
    timestamp("changed", "Hour in which a turn was last saved.", index=True),
    timestamp(
        "unreplied_since",
        "Within ten seconds, when the last turn was saved; none once its replies were sent.",
        nullable=True,
    ),
    timestamp(
        "asked",
        "Day on which the person was asked whether saved details may stay; none since they wrote.",
        nullable=True,
    ),
    # Chats in which replies are being sent, or that are paused.
    partial_index("ix_chats_leased", "person_key", where="lease IS NOT NULL"),
    # Chats whose last turn has no replies yet.
    partial_index("ix_chats_unreplied", "unreplied_since", where="unreplied_since IS NOT NULL"),
    # Discreet chats: few, and none for longer than two days.
    partial_index("ix_chats_discreet", "person_key", where="clear_by IS NOT NULL"),
    # People who receive no broadcasts; there are few.
    partial_index("ix_chats_blocked", "person_key", where="blocked"),
    # Their journeys, which are deleted after a day.
    partial_index(
        "ix_chats_blocked_journeys",
        "person_key",
        where="blocked AND encrypted_journey IS NOT NULL",
    ),
    # Journeys and messages that are deleted in time.
    partial_index("ix_chats_journeys", "changed", where=HAS_JOURNEY),
    # Chats that are deleted in time, and those of them without a language.
    partial_index("ix_chats_without_details", "changed", where=WITHOUT_DETAILS),
    partial_index("ix_chats_empty", "changed", where=EMPTY),
    # Details whose owner can be asked whether they may stay.
    partial_index("ix_chats_unasked", "changed", "person_key", where=UNASKED_DETAILS),
    sqlite_with_rowid=False,
    comment="Private chats. A row that holds nothing of value is deleted after 24 hours.",
)

subscriptions = Table(
    "subscriptions",
    metadata,
    person_key("subscriptions", primary_key=True),
    Column(
        "scope",
        String,
        primary_key=True,
        comment="Campaign whose broadcasts the person wants; *: those of other campaigns too.",
    ),
    encrypted(
        "encrypted_details",
        SUBSCRIPTION_DETAILS,
        "Telegram chat id, language tag, and when the person subscribed, as JSON.",
    ),
    timestamp(
        "confirmed", "Day when the person subscribed, or last said that it may stay.", index=True
    ),
    timestamp(
        "asked",
        "Day on which the person was asked whether it may stay; none since they confirmed it.",
        nullable=True,
    ),
    timestamp("at", "Day on which the person subscribed."),
    Index("ix_subscriptions_scope_person_key", "scope", "person_key"),
    partial_index("ix_subscriptions_unasked", "confirmed", "person_key", where=UNASKED),
    sqlite_with_rowid=False,
    comment="Subscriptions to broadcasts.",
)

notices = Table(
    "notices",
    metadata,
    Column("digest", String, primary_key=True, comment="Digest of the text."),
    Column("campaign", String, nullable=False, comment="Slug of the campaign."),
    Column("language", String, nullable=False, comment="Language tag of the text."),
    Column("text", Text, nullable=False, comment="The privacy notice as it was shown, in HTML."),
    timestamp("since", "Day on which a person first consented to it."),
    sqlite_with_rowid=False,
    comment="Every privacy notice that a person consented to, as proof of what was shown.",
)

consents = Table(
    "consents",
    metadata,
    Column("consent_id", String, primary_key=True, comment="Random id."),
    person_key("action, subscriptions or chat", index=True),
    Column(
        "kind",
        String,
        nullable=False,
        comment="What it is about: send, remember, updates (broadcasts), opt_in (a question)"
        " or answer (of the target).",
    ),
    Column(
        "scope",
        String,
        nullable=False,
        comment="Slug of the campaign; *: all campaigns; empty: none.",
    ),
    Column("given", Boolean, nullable=False, comment="Whether the person agreed or refused."),
    encrypted(
        "encrypted_evidence",
        CONSENT_EVIDENCE,
        "Language, version of the campaign, digests of notice and letter, the question of an"
        " opt_in, and time, as JSON.",
    ),
    timestamp("at", "Day on which the person decided."),
    Column(
        "unchecked",
        Boolean,
        nullable=False,
        default=True,
        server_default=text("true"),
        comment="Whether what it allows may have ended, so that its age must be checked.",
    ),
    # Privacy notices and keys of campaigns are kept as long as there is one.
    partial_index("ix_consents_send", "scope", where="kind = 'send'"),
    # Those that may be due for deletion: they are kept for different times.
    partial_index(
        "ix_consents_unchecked_of_letters", "at", "consent_id", where=UNCHECKED_OF_LETTERS
    ),
    partial_index("ix_consents_other_unchecked", "at", "consent_id", where=OTHER_UNCHECKED),
    sqlite_with_rowid=False,
    comment="What each person agreed to or refused.",
)

scheduled_messages = Table(
    "scheduled_messages",
    metadata,
    Column("message", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    person_key("scheduled", index=True),
    Column(
        "kind",
        String,
        nullable=False,
        comment="What it asks or says (ScheduledKind): reminder or answer.",
    ),
    encrypted(
        "encrypted_content",
        SCHEDULED_CONTENT,
        "Telegram chat id, language, campaign, target and day of the letter, as JSON.",
    ),
    Column(
        "mail_key",
        LargeBinary,
        index=True,
        comment="Keyed hash of the id of the letter's mail, 16 bytes; none for a reminder.",
    ),
    Column(
        "heard",
        String,
        comment="The answer that passed through the bot (AnswerKind); none if none did.",
    ),
    timestamp("due", "When it is sent: within a quarter of an hour, or at noon.", index=True),
    timestamp("asked", "Day on which the question was sent; none before.", nullable=True),
    # Those that were not sent yet.
    partial_index("ix_scheduled_messages_unasked", "due", where=UNASKED),
    sqlite_with_rowid=False,
    comment="Messages that people asked for: each is sent once, at its time.",
)
