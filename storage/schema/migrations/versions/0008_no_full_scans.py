"""Let every statement find its rows by an index, however large the tables are."""

from alembic import op

revision = "0008_no_full_scans"
down_revision = "0007_paused_targets"


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("ix_subscriptions_confirmed", "subscriptions", ["confirmed"], unique=False)
