"""Tables of the staff: documents of authority, the audit log and alerts."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from storage.schema.encryption import ALERT_HOLDER, AUDIT_NAMES, AUTHORITY
from storage.schema.metadata import encrypted, metadata, partial_index, person_key, timestamp
from storage.schema.server_replies import reply_columns

authority = Table(
    "authority",
    metadata,
    Column(
        "name",
        String,
        primary_key=True,
        comment="Which document: team, modes, versions, approvals, audit (where the log begins).",
    ),
    Column(
        "generation",
        BigInteger,
        nullable=False,
        comment="Number of the version. The one inside the content counts.",
    ),
    encrypted("encrypted_content", AUTHORITY, "JSON: the number of the version, and what it says."),
    sqlite_with_rowid=False,
    comment="What grants a right: roles and invitations, modes of campaigns, approvals.",
)

blocked_senders = Table(
    "blocked_senders",
    metadata,
    person_key("blocked", primary_key=True),
    Column(
        "letter_key",
        LargeBinary,
        nullable=False,
        comment="Keyed hash of the id of the letter that led to the block, 32 bytes.",
    ),
    Column("campaign", String, nullable=False, comment="Slug of the letter's campaign."),
    timestamp("at", "Day on which an admin blocked the person."),
    sqlite_with_rowid=False,
    comment="People who may send no more letters. The rows stay when a person is erased.",
)

link_sources = Table(
    "link_sources",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    Column("source", String, primary_key=True, comment="Source in the campaign's deep links."),
    timestamp("at", "When an admin added the source."),
    sqlite_with_rowid=False,
    comment="Link sources added in the chat, besides those in the campaigns' files.",
)

audit = Table(
    "audit",
    metadata,
    Column("entry", String, primary_key=True, comment="Random id."),
    Column(
        "position",
        BigInteger,
        nullable=False,
        index=True,
        unique=True,
        comment="Number of the entry in the log, from 1 on, without gaps.",
    ),
    Column(
        "digest",
        LargeBinary,
        nullable=False,
        comment="Keyed hash of the digest before and of this entry's plaintext, 32 bytes.",
    ),
    timestamp("at", "When it was done.", index=True),
    Column(
        "staff_key",
        LargeBinary,
        index=True,
        comment="Key of the person with a role, 32 bytes; none for a command on the server.",
    ),
    Column(
        "action",
        String,
        nullable=False,
        comment="What was done: the key of a sentence in the catalogue, after audit.",
    ),
    Column(
        "about",
        String,
        nullable=False,
        comment="What it was done to: slug of a campaign, id of a broadcast, or a role.",
    ),
    encrypted(
        "encrypted_names",
        AUDIT_NAMES,
        "JSON list: name of the person, and name of whom or what was changed.",
    ),
    sqlite_with_rowid=False,
    comment="What people with a role did, and commands on the server. Digests form a chain.",
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert", String, primary_key=True, comment="Random id."),
    Column("kind", String, nullable=False, comment="Kind of the problem (AlertKind)."),
    Column(
        "about", String, nullable=False, comment="Slug of the campaign; empty: it concerns none."
    ),
    *reply_columns(),
    Column(
        "letters",
        Integer,
        nullable=False,
        default=0,
        comment="Letters that bounced, or letters in the last hour, or the one number of its kind.",
    ),
    Column(
        "usual",
        Integer,
        nullable=False,
        default=0,
        comment="How many letters would be usual in an hour.",
    ),
    Column("what", String, nullable=False, default="", comment="What is wrong, and where."),
    timestamp("since", "When the problem began."),
    timestamp("ended", "When the problem was over; none while it lasts.", nullable=True),
    Column(
        "status",
        Integer,
        nullable=False,
        default=1,
        comment="Version of the alert, which rises with each change that admins should see.",
    ),
    Column("holder_key", LargeBinary, comment="Key of the admin who takes care of it, 32 bytes."),
    encrypted("encrypted_holder", ALERT_HOLDER, "Name of that admin.", nullable=True),
    timestamp("held_since", "When that admin took it.", nullable=True),
    timestamp(
        "retry_requested",
        "When an admin last asked to try the mail server at once.",
        nullable=True,
    ),
    # At most one open alert of each kind.
    partial_index("uq_alerts_open", "kind", "about", where="ended IS NULL", unique=True),
    sqlite_with_rowid=False,
    comment="Problems that admins must know of. Each is reported once, until it is over.",
)

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("alert", String, primary_key=True, comment="Id of the alert (alerts.alert)."),
    Column(
        "person_key",
        LargeBinary,
        primary_key=True,
        comment="Key of the admin, 32 bytes; for an address that gets alerts, its key.",
    ),
    Column("message", BigInteger, comment="Telegram message id of the alert in that chat."),
    Column(
        "shown_status",
        Integer,
        nullable=False,
        default=0,
        comment="Version of the alert (alerts.status) that the message shows.",
    ),
    timestamp("lease_until", "Until when one process may send the message.", nullable=True),
    sqlite_with_rowid=False,
    comment="Which admins were told of which alerts.",
)

sightings = Table(
    "sightings",
    metadata,
    Column("kind", String, primary_key=True, comment="Kind of the problem (alerts.kind)."),
    Column("about", String, primary_key=True, comment="What it is about (alerts.about)."),
    Column("host", String, primary_key=True, comment="Name of the machine that sees it."),
    timestamp("until", "Until when the sighting counts: the machine may be gone."),
    sqlite_with_rowid=False,
    comment="Which machines see a problem. Its alert ends when no machine does.",
)
