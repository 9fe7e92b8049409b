"""Let every statement find its rows by an index, however large the tables are."""

import sqlalchemy as sa
from alembic import op

revision = "0008_no_full_scans"
down_revision = "0007_paused_targets"

_INDEXES = {
    "ix_actions_address_key": ("actions", "address_key"),
    "ix_disowned_addresses_at": ("disowned_addresses", "at"),
    "ix_disown_requests_at": ("disown_requests", "at"),
    "ix_erasures_day": ("erasures", "day"),
    "ix_subscriptions_confirmed": ("subscriptions", "confirmed"),
}
_PARTIAL_INDEXES = {
    "ix_actions_campaign": ("settle_days >= 0", "actions", "campaign"),
    "ix_actions_tests": ("test", "actions", "campaign"),
    "ix_actions_texts": ("encrypted_letter IS NOT NULL", "actions", "at"),
    "ix_chats_blocked_journeys": (
        "blocked AND encrypted_journey IS NOT NULL",
        "chats",
        "person_key",
    ),
    "ix_chats_empty": (
        "encrypted_details IS NULL AND encrypted_preferences IS NULL AND NOT blocked",
        "chats",
        "changed",
    ),
    "ix_chats_journeys": (
        "(encrypted_journey IS NOT NULL OR encrypted_messages IS NOT NULL)",
        "chats",
        "changed",
    ),
    "ix_chats_leased": ("lease IS NOT NULL", "chats", "person_key"),
    "ix_chats_unasked": (
        "encrypted_details IS NOT NULL AND asked IS NULL AND clear_by IS NULL AND NOT blocked",
        "chats",
        "changed",
        "person_key",
    ),
    "ix_chats_without_details": ("encrypted_details IS NULL", "chats", "changed"),
    "ix_consents_send": ("kind = 'send'", "consents", "scope"),
    "ix_consents_unchecked": ("unchecked", "consents", "at"),
    "ix_outbox_all_forwards": ("kind = 'forward'", "outbox", "due"),
    "ix_outbox_queued": ("about IS NOT NULL", "outbox", "queued"),
    "ix_outbox_settled": ("settled", "outbox", "changed"),
    "ix_outbox_short_lived": ("kind IN ('code', 'owner')", "outbox", "expires"),
    "ix_outbox_target": (
        "action IS NOT NULL AND NOT settled",
        "outbox",
        "campaign",
        "target",
        "state",
    ),
    "ix_outbox_texts": (
        "(encrypted_content IS NOT NULL OR encrypted_message IS NOT NULL)"
        " AND state NOT IN ('queued', 'deferred', 'sending')",
        "outbox",
        "changed",
    ),
    "ix_outbox_overdue": (
        "state IN ('queued', 'deferred') AND changed < not_before",
        "outbox",
        "not_before",
    ),
    "ix_outbox_unfinished": (
        "state IN ('queued', 'deferred', 'sending', 'unknown')",
        "outbox",
        "campaign",
        "target",
        "mail",
    ),
    "ix_outbox_unsettled": (
        "NOT settled AND state NOT IN ('queued', 'deferred', 'sending')",
        "outbox",
        "settle_days",
        "changed",
    ),
    "ix_scheduled_messages_unasked": ("asked IS NULL", "scheduled_messages", "due"),
    "ix_subscriptions_unasked": ("asked IS NULL", "subscriptions", "confirmed", "person_key"),
}
"""By name: the condition, the table and the columns."""


def upgrade() -> None:
    """Add the columns, and create the indexes."""
    op.add_column(
        "outbox",
        sa.Column(
            "settle_days",
            sa.SmallInteger,
            nullable=True,
            comment="Of a letter that is not settled: days until it is (actions.settle_days).",
        ),
    )
    op.execute(
        "UPDATE outbox SET settle_days = (SELECT actions.settle_days FROM actions"
        " WHERE actions.action = outbox.action) WHERE action IS NOT NULL"
    )
    op.add_column(
        "consents",
        sa.Column(
            "unchecked",
            sa.Boolean,
            nullable=False,
            server_default=sa.text("true"),
            comment="Whether what it allows may have ended, so that its age must be checked.",
        ),
    )
    op.drop_index("ix_actions_campaign_address_key", "actions")
    op.drop_index("ix_outbox_target", "outbox")
    op.drop_index("ix_outbox_unsettled", "outbox")
    _create_letter_changes()
    for name, (table, *columns) in _INDEXES.items():
        op.create_index(name, table, columns, unique=False)
    for name, (where, table, *columns) in _PARTIAL_INDEXES.items():
        condition = sa.text(where)
        op.create_index(
            name,
            table,
            columns,
            unique=False,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _create_letter_changes() -> None:
    op.create_table(
        "letter_changes",
        sa.Column("change", sa.String, nullable=False, comment="Random id, 32 hexadecimal digits."),
        sa.Column("kind", sa.String, nullable=False, comment="What is done (ChangeKind)."),
        sa.Column(
            "campaign",
            sa.String,
            nullable=False,
            comment="Slug of the campaign whose letters change; *: all mail.",
        ),
        sa.Column(
            "target",
            sa.String,
            nullable=False,
            comment="Id of the target whose letters change; empty: all of the campaign.",
        ),
        sa.Column(
            "lane",
            sa.String,
            nullable=False,
            comment="The new lane of the letters; empty: they stay in theirs.",
        ),
        sa.Column(
            "at",
            sa.BigInteger,
            nullable=False,
            comment="When it began. Microseconds since 1970, UTC.",
        ),
        sa.Column(
            "since",
            sa.BigInteger,
            nullable=True,
            comment="When an outage began that is over; none if it is another change. Microseconds"
            " since 1970, UTC.",
        ),
        sa.Column(
            "position",
            sa.String,
            nullable=False,
            comment="How far it has come: campaign, target and mail, one a line.",
        ),
        sa.Column(
            "done",
            sa.Integer,
            nullable=False,
            comment="Number of letters that were looked at.",
        ),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_letter_changes")),
        sqlite_with_rowid=False,
        comment="Changes to many letters that go on: pauses, and letters that are withdrawn.",
    )
