"""Tables of published campaigns."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

from storage.schema.encryption import (
    CAMPAIGN_DRAFT_APPROVAL,
    CAMPAIGN_DRAFT_FILES,
    CAMPAIGN_DRAFT_STATE,
    VERSION_MEMBER,
    VERSION_PUBLISHER,
)
from storage.schema.metadata import encrypted, metadata, timestamp

campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("version", String, primary_key=True, comment="Random id, 32 hexadecimal digits."),
    Column("campaign", String, nullable=False, comment="Slug of the campaign."),
    Column("number", Integer, nullable=False, comment="Number of the version, from 1 on."),
    Column("base", Integer, nullable=False, comment="Number of the version that it changed."),
    Column("origin", String, nullable=False, comment="Where it comes from (VersionOrigin)."),
    timestamp("at", "When it was published."),
    encrypted("encrypted_publisher", VERSION_PUBLISHER, "Name of who published it."),
    encrypted(
        "encrypted_member",
        VERSION_MEMBER,
        "Id in the team of who published it in the chat.",
        nullable=True,
    ),
    Column("content_hash", String, nullable=False, comment="SHA-256 of its files, hexadecimal."),
    Column("files", LargeBinary, comment="Its files, packed; none once it is too old."),
    Column(
        "digest",
        LargeBinary,
        nullable=False,
        comment=(
            "Keyed hash of everything else here but the encryption and the id in the team, 32"
            " bytes."
        ),
    ),
    UniqueConstraint("campaign", "number", name="uq_campaign_versions_number"),
    sqlite_with_rowid=False,
    comment="Published versions of campaigns. Supporters see the newest one.",
)

campaign_drafts = Table(
    "campaign_drafts",
    metadata,
    Column("campaign", String, primary_key=True, comment="Slug of the campaign."),
    Column("base", Integer, nullable=False, comment="Number of the version that it changes."),
    Column(
        "revision",
        String,
        nullable=False,
        comment="Random id of the last change, 16 hexadecimal digits.",
    ),
    timestamp("changed", "When it was last changed."),
    encrypted("encrypted_files", CAMPAIGN_DRAFT_FILES, "The files of the campaign, packed."),
    encrypted(
        "encrypted_state",
        CAMPAIGN_DRAFT_STATE,
        "JSON: who changed it, and what is half-finished besides the files.",
    ),
    encrypted(
        "encrypted_approval",
        CAMPAIGN_DRAFT_APPROVAL,
        "JSON: which content a colleague approved.",
        nullable=True,
    ),
    sqlite_with_rowid=False,
    comment="Changes of campaigns that were made in the chat and are not published yet.",
)
