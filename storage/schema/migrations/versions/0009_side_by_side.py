"""Record which older versions of the bot can use the schema, so that two work side by side."""

import sqlalchemy as sa
from alembic import op

revision = "0009_side_by_side"
down_revision = "0008_no_full_scans"
oldest_code = "0009_side_by_side"


def upgrade() -> None:
    """Add a column to Alembic's own table. `storage.schema.migrations` fills it."""
    op.add_column("alembic_version", sa.Column("oldest_code", sa.String(), nullable=True))
