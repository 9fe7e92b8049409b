"""Tables of mail: codes and the outbox."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)

from storage.schema.encryption import (
    CODE_DETAILS,
    MAIL_CHAT,
    MAIL_CONTENT,
    MAIL_MESSAGE,
    MAIL_STATUS_MESSAGE,
)
from storage.schema.metadata import encrypted, metadata, partial_index, person_key, timestamp
from storage.schema.server_replies import reply_columns

DUE = (
    "(state IN ('queued', 'deferred')"
    " OR (state = 'unknown' AND NOT possible_duplicate AND NOT held))"
)
"""SQL condition for mail that waits to be sent.

Mail that may have left is sent once more, with the same Message-ID, and never a third time. SQLite
uses a partial index only if the query has the same condition, character by character.
"""

REFUSED = f"{DUE} AND smtp_meaning IS NOT NULL"
"""SQL condition for mail that waits because a server answered."""

FORWARDS = "kind = 'forward'"
"""SQL condition for forwarded replies."""
UNSETTLED = "NOT settled AND state NOT IN ('queued', 'deferred', 'sending')"
"""SQL condition for letters that may be settled once their time has come."""

UNSETTLED_LETTER = "action IS NOT NULL AND NOT settled"
"""SQL condition for letters whose target is still stored."""

UNFINISHED = "state IN ('queued', 'deferred', 'sending', 'unknown')"
"""SQL condition for mail that may still be tried."""

OVERDUE = "state IN ('queued', 'deferred') AND changed < not_before"
"""SQL condition for mail whose chat was not told that it did not leave when it should."""

FINISHED_TEXT = (
    "(encrypted_content IS NOT NULL OR encrypted_message IS NOT NULL)"
    " AND state NOT IN ('queued', 'deferred', 'sending')"
)
"""SQL condition for mail that is not tried now, and whose text is still stored."""

SHORT_LIVED = "kind IN ('code', 'owner')"
"""SQL condition for mails with codes, and for those to owners of addresses."""

LEFT = "state = 'accepted'"
"""SQL condition for mail that a server accepted."""

codes = Table(
    "codes",
    metadata,
    Column("code_id", String, primary_key=True, comment="Random id."),
    person_key("limits"),
    Column(
        "address_key",
        LargeBinary,
        nullable=False,
        comment="Keyed hash of the address among codes, 16 bytes.",
    ),
    encrypted(
        "encrypted_details",
        CODE_DETAILS,
        "Telegram chat id and language, until the person is erased or the chat cleared, and key of"
        " the mailbox that is in its return address, as JSON.",
    ),
    Column(
        "domain_key",
        LargeBinary,
        comment="Keyed hash of the address's domain, 16 bytes; none at a large provider.",
    ),
    Column(
        "code_hash",
        LargeBinary,
        comment="Keyed hash of the code, 32 bytes; none once it was used, replaced or spent.",
    ),
    timestamp("requested", "When the code was requested; limits count from here.", index=True),
    timestamp("expires", "When the code expires."),
    Column(
        "attempts",
        SmallInteger,
        nullable=False,
        default=0,
        comment="Number of wrong codes that were typed.",
    ),
    Column(
        "bounced",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether its mail bounced, until the chat was notified.",
    ),
    Column(
        "cleared",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether its discreet chat was cleared: /mydata no longer lists it.",
    ),
    Index("ix_codes_person_key_requested", "person_key", "requested"),
    Index("ix_codes_address_key_requested", "address_key", "requested"),
    partial_index(
        "ix_codes_domain_key_requested", "domain_key", "requested", where="domain_key IS NOT NULL"
    ),
    partial_index("ix_codes_bounced", "person_key", where="bounced"),
    sqlite_with_rowid=False,
    comment="One-time codes. Rows outlive the erasure of a person, or it would lift the limits.",
)

disowned_addresses = Table(
    "disowned_addresses",
    metadata,
    Column(
        "address_key",
        LargeBinary,
        primary_key=True,
        comment="Keyed hash of the address among disowned addresses, 16 bytes.",
    ),
    timestamp("at", "Day on which the owner said so.", index=True),
    sqlite_with_rowid=False,
    comment="Addresses whose owners said “this wasn't me”: nothing is mailed to them again.",
)

disown_requests = Table(
    "disown_requests",
    metadata,
    Column(
        "address_key", LargeBinary, primary_key=True, comment="Keyed hash of the address, 16 bytes."
    ),
    Column(
        "words_key",
        LargeBinary,
        nullable=False,
        comment="Keyed hash of the words of the unclear reply: a program would repeat them.",
    ),
    timestamp("at", "Day on which the owner was asked.", index=True),
    sqlite_with_rowid=False,
    comment="Addresses whose owners were asked whether their reply means “this wasn't me”.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("mail", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    Column("kind", String, nullable=False, comment="Kind of the mail (MailKind)."),
    Column("campaign", String, nullable=False, comment="Slug of the campaign; may be empty."),
    Column(
        "action",
        String,
        index=True,
        comment="Action whose letter this is (actions.action); none for other mail.",
    ),
    Column(
        "about",
        String,
        comment="Action or letter that a copy or a forwarded reply belongs to, or code of a mail.",
    ),
    encrypted(
        "encrypted_chat",
        MAIL_CHAT,
        "Telegram chat id of the supporter whose letter this is; none for other mail.",
        nullable=True,
    ),
    Column(
        "target",
        String,
        nullable=False,
        default="",
        comment="Id of the letter's target in its campaign; empty for other mail.",
    ),
    Column(
        "recipient_key",
        LargeBinary,
        comment="Keyed hash of this mail's id and the address it goes to, 16 bytes: bounces may be"
        " about others.",
    ),
    encrypted(
        "encrypted_content",
        MAIL_CONTENT,
        "What the mail says, as JSON: frozen at the review; none once it is final.",
        nullable=True,
    ),
    Column(
        "message_id",
        String,
        nullable=False,
        comment="Token of the Message-ID, 32 hexadecimal digits.",
    ),
    encrypted(
        "encrypted_message",
        MAIL_MESSAGE,
        "The signed message, in bytes: assembled at the first attempt; none once it is final.",
        nullable=True,
    ),
    Column("identity", String, comment="Identity as which the letter leaves (its From)."),
    Column(
        "identity_reason",
        String,
        comment="Why the identity is not the one that the campaign permits.",
    ),
    Column("state", String, nullable=False, comment="State of the delivery (LetterState)."),
    Column(
        "lane",
        String,
        nullable=False,
        comment="What is claimed and paused together: a campaign's slug, with /target if that is"
        " paused; empty: codes; ~: copies.",
    ),
    timestamp("due", "When the mail was first to leave."),
    timestamp("not_before", "When the mail is tried next."),
    timestamp("expires", "When the mail is given up."),
    Column(
        "transmitting",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether the message may be on its way to a server.",
    ),
    Column(
        "possible_duplicate",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether the mail may have left before its last attempt.",
    ),
    Column(
        "held",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether an admin must decide if a letter that may have left is sent again.",
    ),
    Column(
        "unwanted",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether it is not sent again: the address is disowned, or the sender blocked.",
    ),
    timestamp(
        "confirmed",
        "When a program of the letter's recipient confirmed that it has received the letter.",
        nullable=True,
    ),
    Column(
        "disputed",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether a bounce of the letter came too late to count.",
    ),
    Column(
        "settle_days",
        SmallInteger,
        comment="Of a letter that is not settled: days until it is (actions.settle_days).",
    ),
    Column(
        "settled",
        Boolean,
        nullable=False,
        default=False,
        comment="Whether it is a settled letter: only kind, campaign, state and days are left.",
    ),
    Column("lease", String, comment="Token of the worker that sends the mail."),
    timestamp("lease_until", "When the lease ends.", nullable=True),
    *reply_columns(),
    timestamp("queued", "When the mail was queued."),
    timestamp("changed", "When its state last changed."),
    Column(
        "status",
        Integer,
        nullable=False,
        default=0,
        comment="Version of what the chat shows, which rises with each change of a letter's state.",
    ),
    Column(
        "shown_status",
        Integer,
        nullable=False,
        default=0,
        comment="Version (status) that the chat shows.",
    ),
    encrypted(
        "encrypted_status_message",
        MAIL_STATUS_MESSAGE,
        "Telegram message id of the message that shows the letter's state.",
        nullable=True,
    ),
    Column(
        "turn_id",
        String,
        nullable=False,
        default="",
        comment="Id in the logs of the answer that queued the mail.",
    ),
    partial_index("ix_outbox_about", "about", where="about IS NOT NULL"),
    # Forwarded replies of a campaign, for their limits.
    partial_index("ix_outbox_forwards", "campaign", "due", where=FORWARDS),
    partial_index("ix_outbox_all_forwards", "due", where=FORWARDS),
    # The next mail of a lane.
    partial_index("ix_outbox_due", "lane", "not_before", "due", where=DUE),
    # The last answer of a server about mail that waits in a lane.
    partial_index("ix_outbox_refused", "lane", "changed", where=REFUSED),
    # Leases that ended.
    partial_index("ix_outbox_leased", "lease_until", where="state = 'sending'"),
    # States that a chat does not show yet.
    partial_index("ix_outbox_unshown", "changed", where="shown_status < status"),
    # Letters that will be settled.
    partial_index("ix_outbox_unsettled", "settle_days", "changed", where=UNSETTLED),
    # Mail that is deleted, or emptied, in time.
    partial_index("ix_outbox_texts", "changed", where=FINISHED_TEXT),
    partial_index("ix_outbox_short_lived", "expires", where=SHORT_LIVED),
    partial_index("ix_outbox_queued", "queued", where="about IS NOT NULL"),
    partial_index("ix_outbox_settled", "changed", where="settled"),
    partial_index("ix_outbox_held", "campaign", where="held"),
    # Letters to a target.
    partial_index("ix_outbox_target", "campaign", "target", "state", where=UNSETTLED_LETTER),
    # Mail to a target that may still be tried.
    partial_index("ix_outbox_unfinished", "campaign", "target", "mail", where=UNFINISHED),
    # Mail whose chat doesn't show that it is late.
    partial_index("ix_outbox_overdue", "not_before", where=OVERDUE),
    # Mail of a lane that left lately.
    partial_index("ix_outbox_left_lane", "lane", "changed", where=LEFT),
    sqlite_with_rowid=False,
    comment="Mail that waits, and the outcome of mail that does not.",
)
