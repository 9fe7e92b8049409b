"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


_DUE = (
    "state IN ('queued', 'deferred') OR (state = 'unknown' AND NOT possible_duplicate AND NOT held)"
)

# Nobody changes or erases what the audit log says; names are sealed anew where a key is changed.
_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_stays BEFORE UPDATE OF entry, at, person_key, deed, about ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_stays BEFORE UPDATE OF entry, at, person_key, deed, about ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
        "CREATE TRIGGER audit_is_kept BEFORE DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    ),
}


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "actions",
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_letter", sa.LargeBinary(), nullable=True),
        sa.Column("copied", sa.String(), nullable=False),
        sa.Column("answers_to", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("keep_until", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("action", name=op.f("pk_actions")),
    )
    op.create_index(
        "uq_actions_campaign_address_key",
        "actions",
        ["campaign", "address_key"],
        unique=True,
        sqlite_where=sa.text("NOT test"),
        postgresql_where=sa.text("NOT test"),
    )
    op.create_index(
        "uq_actions_campaign_person_key",
        "actions",
        ["campaign", "person_key"],
        unique=True,
        sqlite_where=sa.text("NOT test"),
        postgresql_where=sa.text("NOT test"),
    )
    op.create_index(op.f("ix_actions_keep_until"), "actions", ["keep_until"], unique=False)
    op.create_index(op.f("ix_actions_person_key"), "actions", ["person_key"], unique=False)
    op.create_index(
        "ix_actions_returned",
        "actions",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("copied = 'returned'"),
        postgresql_where=sa.text("copied = 'returned'"),
    )
    op.create_table(
        "alerts",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("smtp_code", sa.SmallInteger(), nullable=True),
        sa.Column("smtp_text", sa.String(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("holder_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_holder", sa.LargeBinary(), nullable=True),
        sa.Column("held_since", sa.BigInteger(), nullable=True),
        sa.Column("tried", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("alert", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["kind", "about"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_table(
        "audit",
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("sealed_names", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "barred",
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_barred")),
    )
    op.create_table(
        "broadcast_recipients",
        sa.Column("broadcast", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("fate", sa.SmallInteger(), nullable=False),
        sa.Column("twice", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast", "person_key", name=op.f("pk_broadcast_recipients")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_broadcast_recipients_claimed",
        "broadcast_recipients",
        ["broadcast", "person_key"],
        unique=False,
        sqlite_where=sa.text("fate = 1"),
        postgresql_where=sa.text("fate = 1"),
    )
    op.create_table(
        "broadcasts",
        sa.Column("broadcast", sa.String(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("approved", sa.String(), nullable=False),
        sa.Column("album_until", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("listed_to", sa.LargeBinary(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("next_key", sa.LargeBinary(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("broadcast", name=op.f("pk_broadcasts")),
    )
    op.create_index(
        "ix_broadcasts_album_until",
        "broadcasts",
        ["album_until"],
        unique=False,
        sqlite_where=sa.text("album_until IS NOT NULL"),
        postgresql_where=sa.text("album_until IS NOT NULL"),
    )
    op.create_index(op.f("ix_broadcasts_person_key"), "broadcasts", ["person_key"], unique=False)
    op.create_index(op.f("ix_broadcasts_state"), "broadcasts", ["state"], unique=False)
    op.create_table(
        "chats",
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_chat", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("menu", sa.Boolean(), nullable=False),
        sa.Column("sealed_journey", sa.LargeBinary(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("prompt_message", sa.BigInteger(), nullable=True),
        sa.Column("prompt_has_picture", sa.Boolean(), nullable=False),
        sa.Column("seen_messages", sa.Text(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_chats")),
    )
    op.create_index(
        "ix_chats_blocked",
        "chats",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("blocked"),
        postgresql_where=sa.text("blocked"),
    )
    op.create_index(
        "ix_chats_menu",
        "chats",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("menu"),
        postgresql_where=sa.text("menu"),
    )
    op.create_index(op.f("ix_chats_touched"), "chats", ["touched"], unique=False)
    op.create_index(
        "ix_chats_untold",
        "chats",
        ["touched"],
        unique=False,
        sqlite_where=sa.text("told < turn"),
        postgresql_where=sa.text("told < turn"),
    )
    op.create_table(
        "campaigns",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("tested_since", sa.BigInteger(), nullable=True),
        sa.Column("live_since", sa.BigInteger(), nullable=True),
        sa.Column("closed_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "codes",
        sa.Column("code_id", sa.String(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_codes")),
    )
    op.create_index("ix_codes_address_key_asked", "codes", ["address_key", "asked"], unique=False)
    op.create_index(op.f("ix_codes_asked"), "codes", ["asked"], unique=False)
    op.create_index("ix_codes_person_key_asked", "codes", ["person_key", "asked"], unique=False)
    op.create_index(
        "ix_codes_returned",
        "codes",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("returned"),
        postgresql_where=sa.text("returned"),
    )
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.String(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("notice_digest", sa.String(), nullable=True),
        sa.Column("letter_digest", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person_key"), "consents", ["person_key"], unique=False)
    op.create_table(
        "counters",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("stood", sa.BigInteger(), nullable=False),
        sa.Column("numbered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_counters")),
    )
    op.create_table(
        "digests",
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("last", sa.String(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_digests")),
    )
    op.create_table(
        "disowned",
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_disowned")),
    )
    op.create_table(
        "invitations",
        sa.Column("token_key", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("by_key", sa.LargeBinary(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_key", name=op.f("pk_invitations")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "notices",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_notices")),
    )
    op.create_table(
        "outbox",
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=True),
        sa.Column("identity", sa.String(), nullable=True),
        sa.Column("identity_reason", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("possible_duplicate", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("smtp_code", sa.SmallInteger(), nullable=True),
        sa.Column("smtp_text", sa.String(), nullable=True),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("told_status", sa.Integer(), nullable=False),
        sa.Column("status_message", sa.BigInteger(), nullable=True),
        sa.Column("turn_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mail", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_about",
        "outbox",
        ["about"],
        unique=False,
        sqlite_where=sa.text("about IS NOT NULL"),
        postgresql_where=sa.text("about IS NOT NULL"),
    )
    op.create_index(op.f("ix_outbox_action"), "outbox", ["action"], unique=False)
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["lane", "not_before", "due"],
        unique=False,
        sqlite_where=sa.text(_DUE),
        postgresql_where=sa.text(_DUE),
    )
    op.create_index(
        "ix_outbox_held",
        "outbox",
        ["campaign"],
        unique=False,
        sqlite_where=sa.text("held"),
        postgresql_where=sa.text("held"),
    )
    op.create_index(
        "ix_outbox_left",
        "outbox",
        ["changed", "lane"],
        unique=False,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "ix_outbox_leased",
        "outbox",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(op.f("ix_outbox_person_key"), "outbox", ["person_key"], unique=False)
    op.create_index(
        "ix_outbox_untold",
        "outbox",
        ["changed"],
        unique=False,
        sqlite_where=sa.text("told_status < status"),
        postgresql_where=sa.text("told_status < status"),
    )
    op.create_table(
        "paces",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "target", name=op.f("pk_paces")),
    )
    op.create_table(
        "pauses",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("smtp_code", sa.SmallInteger(), nullable=True),
        sa.Column("smtp_text", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_pauses")),
    )
    op.create_table(
        "roles",
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_roles")),
    )
    op.create_table(
        "samples",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("bounced", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "at", name=op.f("pk_samples")),
    )
    op.create_table(
        "sightings",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "about", "host", name=op.f("pk_sightings")),
    )
    op.create_table(
        "sources",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "source", name=op.f("pk_sources")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", "scope", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_scope_person_key", "subscriptions", ["scope", "person_key"], unique=False
    )
    op.create_table(
        "tallies",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("erased", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "figure", "day", "value", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_tallies_source",
        "tallies",
        ["value"],
        unique=False,
        sqlite_where=sa.text("figure = 'source'"),
        postgresql_where=sa.text("figure = 'source'"),
    )
    op.create_table(
        "told_alerts",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("told_status", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("alert", "person_key", name=op.f("pk_told_alerts")),
    )
    op.create_table(
        "updates",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("poisoned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_updates")),
    )
    op.create_index(op.f("ix_updates_at"), "updates", ["at"], unique=False)
