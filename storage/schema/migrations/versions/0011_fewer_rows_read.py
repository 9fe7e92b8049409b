"""Find what is due, or waits, without reading rows that are not."""

import sqlalchemy as sa
from alembic import op

revision = "0011_fewer_rows_read"
down_revision = "0010_version_members"
oldest_code = "0009_side_by_side"

_INDEXES = {
    "ix_consents_unchecked_of_letters": (
        "unchecked AND kind IN ('send', 'opt_in')",
        "consents",
        "at",
        "consent_id",
    ),
    "ix_consents_other_unchecked": (
        "unchecked AND kind NOT IN ('send', 'opt_in')",
        "consents",
        "at",
        "consent_id",
    ),
    "ix_outbox_refused": (
        "(state IN ('queued', 'deferred')"
        " OR (state = 'unknown' AND NOT possible_duplicate AND NOT held))"
        " AND smtp_meaning IS NOT NULL",
        "outbox",
        "lane",
        "changed",
    ),
}
"""By name: the condition, the table and the columns."""


def upgrade() -> None:
    """Create the indexes, and drop one. Older code beside this one reads its table meanwhile."""
    op.drop_index("ix_consents_unchecked", "consents")
    for name, (where, table, *columns) in _INDEXES.items():
        condition = sa.text(where)
        op.create_index(
            name,
            table,
            columns,
            unique=False,
            sqlite_where=condition,
            postgresql_where=condition,
        )
