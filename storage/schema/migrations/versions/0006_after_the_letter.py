"""Create the tables of messages that people asked for, and of answers to letters."""

import sqlalchemy as sa
from alembic import op

revision = "0006_after_the_letter"
down_revision = "0005_campaign_drafts"


def upgrade() -> None:
    """Create the tables."""
    _create_scheduled_messages()
    _create_answers()


def _create_scheduled_messages() -> None:
    op.create_table(
        "scheduled_messages",
        sa.Column(
            "message", sa.String, nullable=False, comment="Random id, 32 hexadecimal digits."
        ),
        sa.Column(
            "person_key",
            sa.LargeBinary,
            nullable=False,
            comment="Keyed hash of the person's Telegram user id for scheduled, 32 bytes.",
        ),
        sa.Column(
            "kind",
            sa.String,
            nullable=False,
            comment="What it asks or says (ScheduledKind): reminder or answer.",
        ),
        sa.Column(
            "encrypted_content",
            sa.LargeBinary,
            nullable=False,
            comment="Telegram chat id, language, campaign, target and day of the letter, as JSON. "
            "Encrypted.",
        ),
        sa.Column(
            "mail_key",
            sa.LargeBinary,
            nullable=True,
            comment="Keyed hash of the id of the letter's mail, 16 bytes; none for a reminder.",
        ),
        sa.Column(
            "heard",
            sa.String,
            nullable=True,
            comment="The answer that passed through the bot (AnswerKind); none if none did.",
        ),
        sa.Column(
            "due",
            sa.BigInteger,
            nullable=False,
            comment="When it is sent: within a quarter of an hour, or at noon. Microseconds since "
            "1970, UTC.",
        ),
        sa.Column(
            "asked",
            sa.BigInteger,
            nullable=True,
            comment="Day on which the question was sent; none before. Microseconds since 1970, "
            "UTC.",
        ),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_scheduled_messages")),
        sqlite_with_rowid=False,
        comment="Messages that people asked for: each is sent once, at its time.",
    )
    for column in ("person_key", "mail_key", "due"):
        op.create_index(
            op.f(f"ix_scheduled_messages_{column}"), "scheduled_messages", [column], unique=False
        )


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("answer", sa.String, nullable=False, comment="Random id, 32 hexadecimal digits."),
        sa.Column("campaign", sa.String, nullable=False, comment="Slug of the campaign."),
        sa.Column("target", sa.String, nullable=False, comment="Target's id in the campaign."),
        sa.Column(
            "value",
            sa.String,
            nullable=False,
            comment="Whether the target answered, and within how many days (AnswerKind).",
        ),
        sa.Column(
            "day",
            sa.String,
            nullable=False,
            comment="UTC day on which it was known: YYYY-MM-DD.",
        ),
        sa.PrimaryKeyConstraint("answer", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
        comment="What became of letters, as far as it is known. They lead to nobody.",
    )
