"""Count the mail of a lane that left lately without reading that of the others."""

import sqlalchemy as sa
from alembic import op

revision = "0012_lanes_left"
down_revision = "0011_fewer_rows_read"
oldest_code = "0009_side_by_side"


def upgrade() -> None:
    """Replace the index. Older code beside this one reads its table meanwhile."""
    op.drop_index("ix_outbox_left", "outbox")
    condition = sa.text("state = 'accepted'")
    op.create_index(
        "ix_outbox_left_lane",
        "outbox",
        ["lane", "changed"],
        unique=False,
        sqlite_where=condition,
        postgresql_where=condition,
    )
