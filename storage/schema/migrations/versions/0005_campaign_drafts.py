"""Create the table of drafts of campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0005_campaign_drafts"
down_revision = "0002_campaign_versions"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "campaign_drafts",
        sa.Column("campaign", sa.String, nullable=False, comment="Slug of the campaign."),
        sa.Column(
            "base", sa.Integer, nullable=False, comment="Number of the version that it changes."
        ),
        sa.Column(
            "revision",
            sa.String,
            nullable=False,
            comment="Random id of the last change, 16 hexadecimal digits.",
        ),
        sa.Column(
            "changed",
            sa.BigInteger,
            nullable=False,
            comment="When it was last changed. Microseconds since 1970, UTC.",
        ),
        sa.Column(
            "encrypted_files",
            sa.LargeBinary,
            nullable=False,
            comment="The files of the campaign, packed. Encrypted.",
        ),
        sa.Column(
            "encrypted_state",
            sa.LargeBinary,
            nullable=False,
            comment="JSON: who changed it, and what is half-finished besides the files. Encrypted.",
        ),
        sa.Column(
            "encrypted_approval",
            sa.LargeBinary,
            nullable=True,
            comment="JSON: which content a colleague approved. Encrypted.",
        ),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_campaign_drafts")),
        sqlite_with_rowid=False,
        comment="Changes of campaigns that were made in the chat and are not published yet.",
    )
