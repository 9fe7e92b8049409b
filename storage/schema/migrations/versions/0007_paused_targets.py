"""Find the letters to a target, so that they can be paused or withdrawn, and counted."""

import sqlalchemy as sa
from alembic import op

revision = "0007_paused_targets"
down_revision = "0006_after_the_letter"

_LETTER = sa.text("action IS NOT NULL AND NOT settled")
_COMMENTS = (
    (
        "outbox",
        "lane",
        "What is claimed and paused together: a campaign's slug, with /target if that is paused;"
        " empty: codes; ~: copies.",
    ),
    (
        "pauses",
        "campaign",
        "Slug of the campaign, with /target if only that is paused; *: all sending except of"
        " codes.",
    ),
)


def upgrade() -> None:
    """Create the index, and change the comments, which SQLite does not store."""
    op.create_index(
        "ix_outbox_target",
        "outbox",
        ["campaign", "target"],
        unique=False,
        sqlite_where=_LETTER,
        postgresql_where=_LETTER,
    )
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column, comment in _COMMENTS:
        op.alter_column(table, column, existing_type=sa.String(), comment=comment)
