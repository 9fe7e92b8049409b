"""Create the table of published versions of campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0002_campaign_versions"
down_revision = "0001_tables"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "campaign_versions",
        sa.Column(
            "version", sa.String, nullable=False, comment="Random id, 32 hexadecimal digits."
        ),
        sa.Column("campaign", sa.String, nullable=False, comment="Slug of the campaign."),
        sa.Column(
            "number", sa.Integer, nullable=False, comment="Number of the version, from 1 on."
        ),
        sa.Column(
            "base", sa.Integer, nullable=False, comment="Number of the version that it changed."
        ),
        sa.Column(
            "origin", sa.String, nullable=False, comment="Where it comes from (VersionOrigin)."
        ),
        sa.Column(
            "at",
            sa.BigInteger,
            nullable=False,
            comment="When it was published. Microseconds since 1970, UTC.",
        ),
        sa.Column(
            "encrypted_publisher",
            sa.LargeBinary,
            nullable=False,
            comment="Name of who published it. Encrypted.",
        ),
        sa.Column(
            "content_hash",
            sa.String,
            nullable=False,
            comment="SHA-256 of its files, hexadecimal.",
        ),
        sa.Column(
            "files",
            sa.LargeBinary,
            nullable=True,
            comment="Its files, packed; none once it is too old.",
        ),
        sa.Column(
            "digest",
            sa.LargeBinary,
            nullable=False,
            comment="Keyed hash of everything else here but the encryption, 32 bytes.",
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_campaign_versions")),
        sa.UniqueConstraint("campaign", "number", name="uq_campaign_versions_number"),
        sqlite_with_rowid=False,
        comment="Published versions of campaigns. Supporters see the newest one.",
    )
