"""Tables of actions: letters to targets, and the keys on which their hashes depend."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    text,
)

from storage.schema.encryption import (
    ACTION_ARCHIVE,
    ACTION_DETAILS,
    ACTION_LETTER,
    ACTION_NUMBER,
    CAMPAIGN_KEY,
)
from storage.schema.metadata import encrypted, metadata, partial_index, person_key, timestamp

LIVE = "NOT test"
"""SQL condition for actions that count: test letters are unlimited, and counted nowhere."""

OF_CAMPAIGN = "settle_days >= 0"
"""SQL condition that always holds. Queries with it are about a campaign, not about a person in it.

Without it, SQLite would take the index of campaigns where a query names a person and a campaign.
"""

RETURNED_COPY = "copy_state = 'returned'"
"""SQL condition for actions whose copy came back, until the chat was notified."""

actions = Table(
    "actions",
    metadata,
    Column("action", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    Column("campaign", String, nullable=False, comment="Slug of the campaign."),
    person_key("action", index=True),
    Column(
        "address_key",
        LargeBinary,
        nullable=False,
        comment="Keyed hash of the address in this campaign, 16 bytes.",
    ),
    Column(
        "submission",
        String,
        comment="Id that the letters of one Send share; none if it is a single letter, or settled.",
    ),
    Column(
        "leads",
        Boolean,
        nullable=False,
        default=True,
        server_default=text("true"),
        comment="Whether it counts its person in figures, as one of the letters of a Send does.",
    ),
    Column(
        "round",
        SmallInteger,
        nullable=False,
        default=1,
        server_default=text("1"),
        comment="Which letter of the person to the target it is; the first has 1.",
    ),
    Column(
        "person_target_key",
        LargeBinary,
        comment="Keyed hash of the person, target and round in this campaign, 16 bytes; none once"
        " its discreet chat was cleared.",
    ),
    Column(
        "address_target_key",
        LargeBinary,
        comment="Keyed hash of the address, target and round in this campaign, 16 bytes.",
    ),
    encrypted(
        "encrypted_details",
        ACTION_DETAILS,
        "Name, country, address, language, source of the supporter's link, and answers to the"
        " campaign's own questions, as JSON; none once the letter is settled.",
        nullable=True,
    ),
    encrypted(
        "encrypted_number",
        ACTION_NUMBER,
        "Number of the accepted letter in its campaign; none before.",
        nullable=True,
    ),
    encrypted(
        "encrypted_letter",
        ACTION_LETTER,
        "JSON list: subject and body; kept for 28 days if a copy may be requested.",
        nullable=True,
    ),
    Column(
        "copy_state",
        String,
        nullable=False,
        default="none",
        comment="State of the supporter's copy of the letter (CopyState).",
    ),
    Column(
        "reply_to",
        String,
        nullable=False,
        comment="Whom the letter's Reply-To names: supporter, organisation, or empty: nobody.",
    ),
    Column("test", Boolean, nullable=False, default=False, comment="Whether it is a test."),
    Column(
        "settle_days",
        SmallInteger,
        nullable=False,
        comment="Days after the letter's final state until it is settled, as the person was told.",
    ),
    Column(
        "final_state",
        String,
        comment="State of the letter when it was settled (LetterState); none before.",
    ),
    encrypted(
        "encrypted_archive_key",
        ACTION_ARCHIVE,
        "Public key of the archive that gets the details when the letter is settled; none: none.",
        nullable=True,
    ),
    Column(
        "sealed",
        LargeBinary,
        comment="Record for the organisation's archive, encrypted to its public key; often none.",
    ),
    Column(
        "keep_until",
        String,
        nullable=False,
        index=True,
        comment="Last day of its retention, as the person was told: YYYY-MM-DD.",
    ),
    timestamp("at", "When Send was pressed."),
    partial_index("uq_actions_person_target_key", "person_target_key", where=LIVE, unique=True),
    partial_index("uq_actions_address_target_key", "address_target_key", where=LIVE, unique=True),
    Index("ix_actions_address_key", "address_key"),
    partial_index("ix_actions_campaign", "campaign", where=OF_CAMPAIGN),
    partial_index("ix_actions_submission", "submission", where="submission IS NOT NULL"),
    partial_index("ix_actions_copy_bounced", "person_key", where=RETURNED_COPY),
    # Texts for copies, which are deleted in time.
    partial_index("ix_actions_texts", "at", where="encrypted_letter IS NOT NULL"),
    partial_index("ix_actions_tests", "campaign", where="test"),
    sqlite_with_rowid=False,
    comment="Letters to targets. Each person and each address has one to a target and round of a"
    " campaign, tests aside.",
)

campaign_keys = Table(
    "campaign_keys",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    encrypted(
        "encrypted_key",
        CAMPAIGN_KEY,
        "Random key, 32 bytes, on which hashes of people and addresses in actions depend.",
    ),
    sqlite_with_rowid=False,
    comment="Keys of campaigns that have data. A key is destroyed with the last of it.",
)
