"""Tables of broadcasts: their drafts, their progress and the ledger of recipients."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)

from storage.schema.encryption import (
    BROADCAST_APPROVAL,
    BROADCAST_AUTHOR,
    BROADCAST_CONTENT,
    BROADCAST_RELEASE,
    RECIPIENT_CHAT,
)
from storage.schema.metadata import encrypted, metadata, partial_index, person_key, timestamp


def _count(name: str, comment: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0, comment=comment)


broadcasts = Table(
    "broadcasts",
    metadata,
    Column("broadcast", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    Column(
        "person_key",
        LargeBinary,
        nullable=False,
        index=True,
        comment="Key of the author for staff, 32 bytes; empty once the author was erased.",
    ),
    encrypted(
        "encrypted_author",
        BROADCAST_AUTHOR,
        "Telegram chat id of the author; none once the author was erased.",
        nullable=True,
    ),
    Column(
        "state",
        String,
        nullable=False,
        index=True,
        comment="State of the broadcast (BroadcastStatus).",
    ),
    Column(
        "kind",
        String,
        nullable=False,
        default="update",
        comment="What it is (BroadcastKind), for searching: the encrypted content decides.",
    ),
    Column(
        "scope",
        String,
        nullable=False,
        comment="Campaign whose subscribers get it; *: subscribers of all campaigns.",
    ),
    encrypted("encrypted_content", BROADCAST_CONTENT, "Audience, texts and buttons, as JSON."),
    Column(
        "token",
        String,
        nullable=False,
        default="",
        comment="Token of the button that confirms it, usable once; empty: no button does.",
    ),
    encrypted(
        "encrypted_approval",
        BROADCAST_APPROVAL,
        "Who approved it, and the digest of what was approved, as JSON; none: nobody.",
        nullable=True,
    ),
    encrypted(
        "encrypted_release",
        BROADCAST_RELEASE,
        "Who confirmed it, and what may be sent to how many people, as JSON; none: nothing.",
        nullable=True,
    ),
    Column(
        "held",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether it waits because nobody else can approve it. Shown, not relied upon.",
    ),
    timestamp(
        "album_until", "When an album whose parts still arrive counts as complete.", nullable=True
    ),
    timestamp("at", "When it is scheduled to be sent; none: at once.", nullable=True),
    timestamp("changed", "When its author, or its state, last changed it."),
    timestamp("began", "When sending began; later subscribers do not get it.", nullable=True),
    timestamp("ended", "When sending ended.", nullable=True),
    _count("expected", "Number of recipients that was shown at the confirmation."),
    Column(
        "listed_up_to",
        LargeBinary,
        nullable=False,
        default=b"",
        comment="Recipients are listed up to this person key, while sending goes on.",
    ),
    Column(
        "complete",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether all recipients are listed; of a recalled one: all messages deleted.",
    ),
    Column(
        "next_key",
        LargeBinary,
        nullable=False,
        default=b"",
        comment="No recipient before this person key is pending.",
    ),
    _count("listed", "Number of recipients listed."),
    _count("sent", "Number of recipients who got it."),
    _count("blocked", "Number of recipients who blocked the bot."),
    _count("failed", "Number of recipients to whom it could not be sent."),
    _count("uncertain", "Number of recipients who may or may not have got it."),
    Column(
        "rate",
        Float,
        nullable=False,
        default=0.0,
        comment="Measured sending rate, in recipients a second.",
    ),
    Column(
        "pause_reason",
        String,
        nullable=False,
        default="",
        comment="Why it is paused; empty: a campaigner paused it.",
    ),
    Column(
        "message",
        BigInteger,
        comment="Telegram message id of the progress report in the author's chat.",
    ),
    Column(
        "shown",
        String,
        nullable=False,
        default="",
        comment="State and number of actions that the report shows.",
    ),
    timestamp("shown_at", "When the report was last edited.", nullable=True),
    partial_index("ix_broadcasts_album_until", "album_until", where="album_until IS NOT NULL"),
    sqlite_with_rowid=False,
    comment="Broadcasts to subscribers: drafts, and those that were sent.",
)

broadcast_recipients = Table(
    "broadcast_recipients",
    metadata,
    Column(
        "broadcast",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="First 60 bits of the broadcast's id.",
    ),
    person_key("subscriptions", primary_key=True),
    Column(
        "state",
        SmallInteger,
        nullable=False,
        default=0,
        comment="State of the recipient: the position in RecipientState, from 0.",
    ),
    Column(
        "sent_twice",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether a call was repeated because the outcome of the first is unknown.",
    ),
    Column(
        "messages",
        String,
        nullable=False,
        default="",
        comment="Telegram message ids: commas within one call, semicolons between calls.",
    ),
    encrypted(
        "encrypted_chat",
        RECIPIENT_CHAT,
        "Telegram chat id of somebody who unsubscribed, so that messages can be recalled.",
        nullable=True,
    ),
    # What a sender that died was sending.
    partial_index("ix_broadcast_recipients_claimed", "broadcast", "person_key", where="state = 1"),
    sqlite_with_rowid=False,
    comment="The ledger: one small row for each recipient, of whom there may be a million.",
)

leases = Table(
    "leases",
    metadata,
    Column(
        "name",
        String,
        primary_key=True,
        comment="The task that one process does at a time; probe: tests whether writing works.",
    ),
    Column("token", String, nullable=False, comment="Token of the process that holds it."),
    timestamp("until", "When the lease ends."),
    sqlite_with_rowid=False,
    comment="Tasks that one process does at a time.",
)
