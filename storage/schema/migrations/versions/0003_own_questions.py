"""Say in the columns' comments that answers to campaigns' own questions are stored."""

import sqlalchemy as sa
from alembic import op

revision = "0003_own_questions"
down_revision = "0002_campaign_versions"

_COMMENTS = (
    (
        "actions",
        "encrypted_details",
        sa.LargeBinary(),
        "Name, country, address, language, source of the supporter's link, and answers to the"
        " campaign's own questions, as JSON; none once the letter is settled. Encrypted.",
    ),
    (
        "consents",
        "kind",
        sa.String(),
        "What it is about: send, remember, updates (broadcasts), opt_in (a question)"
        " or answer (of the target).",
    ),
    (
        "consents",
        "encrypted_evidence",
        sa.LargeBinary(),
        "Language, version of the campaign, digests of notice and letter, the question of an"
        " opt_in, and time, as JSON. Encrypted.",
    ),
)


def upgrade() -> None:
    """Change the comments, which SQLite does not store."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column, kind, comment in _COMMENTS:
        op.alter_column(table, column, existing_type=kind, comment=comment)
