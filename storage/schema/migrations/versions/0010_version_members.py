"""Store who published a version in the chat, so that they can be told what was put on top of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010_version_members"
down_revision = "0009_side_by_side"
oldest_code = "0009_side_by_side"

_DIGEST = "Keyed hash of everything else here but the encryption and the id in the team, 32 bytes."


def upgrade() -> None:
    """Add the column. Change the comment of the digest, which SQLite does not store."""
    member = sa.Column(
        "encrypted_member",
        sa.LargeBinary,
        nullable=True,
        comment="Id in the team of who published it in the chat. Encrypted.",
    )
    op.add_column("campaign_versions", member)
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(
            "campaign_versions", "digest", existing_type=sa.LargeBinary(), comment=_DIGEST
        )
