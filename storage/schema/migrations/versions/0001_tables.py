"""Create all tables."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import op

revision = "0001_tables"
down_revision = None

_DUE = (
    "(state IN ('queued', 'deferred')"
    " OR (state = 'unknown' AND NOT possible_duplicate AND NOT held))"
)

_Type = type[sa.types.TypeEngine[Any]]


def upgrade() -> None:
    """Create all tables, by area."""
    _create_actions()
    _create_campaign_keys()
    _create_authority()
    _create_blocked_senders()
    _create_link_sources()
    _create_audit()
    _create_alerts()
    _create_alert_messages()
    _create_sightings()
    _create_broadcasts()
    _create_broadcast_recipients()
    _create_leases()
    _create_updates()
    _create_chats()
    _create_subscriptions()
    _create_notices()
    _create_consents()
    _create_key_floor()
    _create_erasures()
    _create_row_order()
    _create_codes()
    _create_disowned_addresses()
    _create_disown_requests()
    _create_outbox()
    _create_pauses()
    _create_paces()
    _create_tallies()
    _create_counters()
    _create_samples()
    _create_digests()


def _column(
    name: str,
    type_: _Type,
    comment: str,
    *,
    nullable: bool = False,
    autoincrement: Literal["auto"] | bool = "auto",
) -> sa.Column[Any]:
    return sa.Column(name, type_(), nullable=nullable, autoincrement=autoincrement, comment=comment)


def _create_actions() -> None:
    op.create_table(
        "actions",
        _column("action", sa.String, "Random id, 32 hexadecimal digits."),
        _column("campaign", sa.String, "Slug of the campaign."),
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for action, 32 bytes.",
        ),
        _column(
            "address_key", sa.LargeBinary, "Keyed hash of the address in this campaign, 16 bytes."
        ),
        _column(
            "encrypted_details",
            sa.LargeBinary,
            "Name, country, address, language, and source of the supporter's link, as "
            "JSON; none once the letter is settled. Encrypted.",
            nullable=True,
        ),
        _column(
            "encrypted_number",
            sa.LargeBinary,
            "Number of the accepted letter in its campaign; none before. Encrypted.",
            nullable=True,
        ),
        _column(
            "encrypted_letter",
            sa.LargeBinary,
            "JSON list: subject and body; kept for 28 days if a copy may be requested. Encrypted.",
            nullable=True,
        ),
        _column(
            "copy_state", sa.String, "State of the supporter's copy of the letter (CopyState)."
        ),
        _column(
            "reply_to",
            sa.String,
            "Whom the letter's Reply-To names: supporter, organisation, or empty: nobody.",
        ),
        _column("test", sa.Boolean, "Whether it is a test."),
        _column(
            "settle_days",
            sa.SmallInteger,
            "Days after the letter's final state until it is settled, as the person was told.",
        ),
        _column(
            "final_state",
            sa.String,
            "State of the letter when it was settled (LetterState); none before.",
            nullable=True,
        ),
        _column(
            "encrypted_archive_key",
            sa.LargeBinary,
            "Public key of the archive that gets the details when the letter is settled; "
            "none: none. Encrypted.",
            nullable=True,
        ),
        _column(
            "sealed",
            sa.LargeBinary,
            "Record for the organisation's archive, encrypted to its public key; often none.",
            nullable=True,
        ),
        _column(
            "keep_until",
            sa.String,
            "Last day of its retention, as the person was told: YYYY-MM-DD.",
        ),
        _column("at", sa.BigInteger, "When Send was pressed. Microseconds since 1970, UTC."),
        sa.PrimaryKeyConstraint("action", name=op.f("pk_actions")),
        sqlite_with_rowid=False,
        comment="Letters to targets. In a campaign, each person and each address has one, "
        "tests aside.",
    )
    op.create_index(
        op.f("ix_actions_copy_bounced"),
        "actions",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("copy_state = 'returned'"),
        postgresql_where=sa.text("copy_state = 'returned'"),
    )
    op.create_index(op.f("ix_actions_keep_until"), "actions", ["keep_until"], unique=False)
    op.create_index(op.f("ix_actions_person_key"), "actions", ["person_key"], unique=False)
    op.create_index(
        op.f("uq_actions_campaign_address_key"),
        "actions",
        ["campaign", "address_key"],
        unique=True,
        sqlite_where=sa.text("NOT test"),
        postgresql_where=sa.text("NOT test"),
    )
    op.create_index(
        op.f("uq_actions_campaign_person_key"),
        "actions",
        ["campaign", "person_key"],
        unique=True,
        sqlite_where=sa.text("NOT test"),
        postgresql_where=sa.text("NOT test"),
    )


def _create_campaign_keys() -> None:
    op.create_table(
        "campaign_keys",
        _column("campaign", sa.String, "Slug of the campaign."),
        _column(
            "encrypted_key",
            sa.LargeBinary,
            "Random key, 32 bytes, on which hashes of people and addresses in actions "
            "depend. Encrypted.",
        ),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_campaign_keys")),
        sqlite_with_rowid=False,
        comment="Keys of campaigns that have data. A key is destroyed with the last of it.",
    )


def _create_authority() -> None:
    op.create_table(
        "authority",
        _column(
            "name",
            sa.String,
            "Which document: team, modes, versions, approvals, audit (where the log begins).",
        ),
        _column(
            "generation", sa.BigInteger, "Number of the version. The one inside the content counts."
        ),
        _column(
            "encrypted_content",
            sa.LargeBinary,
            "JSON: the number of the version, and what it says. Encrypted.",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_authority")),
        sqlite_with_rowid=False,
        comment="What grants a right: roles and invitations, modes of campaigns, approvals.",
    )


def _create_blocked_senders() -> None:
    op.create_table(
        "blocked_senders",
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for blocked, 32 bytes.",
        ),
        _column(
            "letter_key",
            sa.LargeBinary,
            "Keyed hash of the id of the letter that led to the block, 32 bytes.",
        ),
        _column("campaign", sa.String, "Slug of the letter's campaign."),
        _column(
            "at",
            sa.BigInteger,
            "Day on which an admin blocked the person. Microseconds since 1970, UTC.",
        ),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_blocked_senders")),
        sqlite_with_rowid=False,
        comment="People who may send no more letters. The rows stay when a person is erased.",
    )


def _create_link_sources() -> None:
    op.create_table(
        "link_sources",
        _column("campaign", sa.String, "Slug of the campaign."),
        _column("source", sa.String, "Source in the campaign's deep links."),
        _column(
            "at", sa.BigInteger, "When an admin added the source. Microseconds since 1970, UTC."
        ),
        sa.PrimaryKeyConstraint("campaign", "source", name=op.f("pk_link_sources")),
        sqlite_with_rowid=False,
        comment="Link sources added in the chat, besides those in the campaigns' files.",
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        _column("entry", sa.String, "Random id."),
        _column(
            "position", sa.BigInteger, "Number of the entry in the log, from 1 on, without gaps."
        ),
        _column(
            "digest",
            sa.LargeBinary,
            "Keyed hash of the digest before and of this entry's plaintext, 32 bytes.",
        ),
        _column("at", sa.BigInteger, "When it was done. Microseconds since 1970, UTC."),
        _column(
            "staff_key",
            sa.LargeBinary,
            "Key of the person with a role, 32 bytes; none for a command on the server.",
            nullable=True,
        ),
        _column(
            "action",
            sa.String,
            "What was done: the key of a sentence in the catalogue, after audit.",
        ),
        _column(
            "about",
            sa.String,
            "What it was done to: slug of a campaign, id of a broadcast, or a role.",
        ),
        _column(
            "encrypted_names",
            sa.LargeBinary,
            "JSON list: name of the person, and name of whom or what was changed. Encrypted.",
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_audit")),
        sqlite_with_rowid=False,
        comment="What people with a role did, and commands on the server. Digests form a chain.",
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_position"), "audit", ["position"], unique=True)
    op.create_index(op.f("ix_audit_staff_key"), "audit", ["staff_key"], unique=False)


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        _column("alert", sa.String, "Random id."),
        _column("kind", sa.String, "Kind of the problem (AlertKind)."),
        _column("about", sa.String, "Slug of the campaign; empty: it concerns none."),
        _column("smtp_code", sa.SmallInteger, "Reply code of the mail server.", nullable=True),
        _column(
            "smtp_status",
            sa.String,
            "Enhanced status of that reply (RFC 3463), such as 5.7.8; empty: none.",
        ),
        _column(
            "smtp_meaning",
            sa.String,
            "What that reply means (ReplyMeaning); none if there was no fault.",
            nullable=True,
        ),
        _column(
            "letters",
            sa.Integer,
            "Letters that bounced, or letters in the last hour, or the one number of its kind.",
        ),
        _column("usual", sa.Integer, "How many letters would be usual in an hour."),
        _column("what", sa.String, "What is wrong, and where."),
        _column("since", sa.BigInteger, "When the problem began. Microseconds since 1970, UTC."),
        _column(
            "ended",
            sa.BigInteger,
            "When the problem was over; none while it lasts. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "status",
            sa.Integer,
            "Version of the alert, which rises with each change that admins should see.",
        ),
        _column(
            "holder_key",
            sa.LargeBinary,
            "Key of the admin who takes care of it, 32 bytes.",
            nullable=True,
        ),
        _column(
            "encrypted_holder", sa.LargeBinary, "Name of that admin. Encrypted.", nullable=True
        ),
        _column(
            "held_since",
            sa.BigInteger,
            "When that admin took it. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "retry_requested",
            sa.BigInteger,
            "When an admin last asked to try the mail server at once. Microseconds since "
            "1970, UTC.",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("alert", name=op.f("pk_alerts")),
        sqlite_with_rowid=False,
        comment="Problems that admins must know of. Each is reported once, until it is over.",
    )
    op.create_index(
        op.f("uq_alerts_open"),
        "alerts",
        ["kind", "about"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )


def _create_alert_messages() -> None:
    op.create_table(
        "alert_messages",
        _column("alert", sa.String, "Id of the alert (alerts.alert)."),
        _column(
            "person_key",
            sa.LargeBinary,
            "Key of the admin, 32 bytes; for an address that gets alerts, its key.",
        ),
        _column(
            "message",
            sa.BigInteger,
            "Telegram message id of the alert in that chat.",
            nullable=True,
        ),
        _column(
            "shown_status",
            sa.Integer,
            "Version of the alert (alerts.status) that the message shows.",
        ),
        _column(
            "lease_until",
            sa.BigInteger,
            "Until when one process may send the message. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("alert", "person_key", name=op.f("pk_alert_messages")),
        sqlite_with_rowid=False,
        comment="Which admins were told of which alerts.",
    )


def _create_sightings() -> None:
    op.create_table(
        "sightings",
        _column("kind", sa.String, "Kind of the problem (alerts.kind)."),
        _column("about", sa.String, "What it is about (alerts.about)."),
        _column("host", sa.String, "Name of the machine that sees it."),
        _column(
            "until",
            sa.BigInteger,
            "Until when the sighting counts: the machine may be gone. Microseconds since "
            "1970, UTC.",
        ),
        sa.PrimaryKeyConstraint("kind", "about", "host", name=op.f("pk_sightings")),
        sqlite_with_rowid=False,
        comment="Which machines see a problem. Its alert ends when no machine does.",
    )


def _create_broadcasts() -> None:
    op.create_table(
        "broadcasts",
        _column("broadcast", sa.String, "Random id, 32 hexadecimal digits."),
        _column(
            "person_key",
            sa.LargeBinary,
            "Key of the author for staff, 32 bytes; empty once the author was erased.",
        ),
        _column(
            "encrypted_author",
            sa.LargeBinary,
            "Telegram chat id of the author; none once the author was erased. Encrypted.",
            nullable=True,
        ),
        _column("state", sa.String, "State of the broadcast (BroadcastStatus)."),
        _column(
            "kind",
            sa.String,
            "What it is (BroadcastKind), for searching: the encrypted content decides.",
        ),
        _column(
            "scope",
            sa.String,
            "Campaign whose subscribers get it; *: subscribers of all campaigns.",
        ),
        _column(
            "encrypted_content", sa.LargeBinary, "Audience, texts and buttons, as JSON. Encrypted."
        ),
        _column(
            "token",
            sa.String,
            "Token of the button that confirms it, usable once; empty: no button does.",
        ),
        _column(
            "encrypted_approval",
            sa.LargeBinary,
            "Who approved it, and the digest of what was approved, as JSON; none: nobody. "
            "Encrypted.",
            nullable=True,
        ),
        _column(
            "encrypted_release",
            sa.LargeBinary,
            "Who confirmed it, and what may be sent to how many people, as JSON; none: "
            "nothing. Encrypted.",
            nullable=True,
        ),
        _column(
            "held",
            sa.Boolean,
            "Whether it waits because nobody else can approve it. Shown, not relied upon.",
        ),
        _column(
            "album_until",
            sa.BigInteger,
            "When an album whose parts still arrive counts as complete. Microseconds "
            "since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "at",
            sa.BigInteger,
            "When it is scheduled to be sent; none: at once. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "changed",
            sa.BigInteger,
            "When its author, or its state, last changed it. Microseconds since 1970, UTC.",
        ),
        _column(
            "began",
            sa.BigInteger,
            "When sending began; later subscribers do not get it. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "ended",
            sa.BigInteger,
            "When sending ended. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column("expected", sa.Integer, "Number of recipients that was shown at the confirmation."),
        _column(
            "listed_up_to",
            sa.LargeBinary,
            "Recipients are listed up to this person key, while sending goes on.",
        ),
        _column(
            "complete",
            sa.Boolean,
            "Whether all recipients are listed; of a recalled one: all messages deleted.",
        ),
        _column("next_key", sa.LargeBinary, "No recipient before this person key is pending."),
        _column("listed", sa.Integer, "Number of recipients listed."),
        _column("sent", sa.Integer, "Number of recipients who got it."),
        _column("blocked", sa.Integer, "Number of recipients who blocked the bot."),
        _column("failed", sa.Integer, "Number of recipients to whom it could not be sent."),
        _column("uncertain", sa.Integer, "Number of recipients who may or may not have got it."),
        _column("rate", sa.Float, "Measured sending rate, in recipients a second."),
        _column("pause_reason", sa.String, "Why it is paused; empty: a campaigner paused it."),
        _column(
            "message",
            sa.BigInteger,
            "Telegram message id of the progress report in the author's chat.",
            nullable=True,
        ),
        _column("shown", sa.String, "State and number of actions that the report shows."),
        _column(
            "shown_at",
            sa.BigInteger,
            "When the report was last edited. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("broadcast", name=op.f("pk_broadcasts")),
        sqlite_with_rowid=False,
        comment="Broadcasts to subscribers: drafts, and those that were sent.",
    )
    op.create_index(
        op.f("ix_broadcasts_album_until"),
        "broadcasts",
        ["album_until"],
        unique=False,
        sqlite_where=sa.text("album_until IS NOT NULL"),
        postgresql_where=sa.text("album_until IS NOT NULL"),
    )
    op.create_index(op.f("ix_broadcasts_person_key"), "broadcasts", ["person_key"], unique=False)
    op.create_index(op.f("ix_broadcasts_state"), "broadcasts", ["state"], unique=False)


def _create_broadcast_recipients() -> None:
    op.create_table(
        "broadcast_recipients",
        _column(
            "broadcast", sa.BigInteger, "First 60 bits of the broadcast's id.", autoincrement=False
        ),
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for subscriptions, 32 bytes.",
        ),
        _column(
            "state",
            sa.SmallInteger,
            "State of the recipient: the position in RecipientState, from 0.",
        ),
        _column(
            "sent_twice",
            sa.Boolean,
            "Whether a call was repeated because the outcome of the first is unknown.",
        ),
        _column(
            "messages",
            sa.String,
            "Telegram message ids: commas within one call, semicolons between calls.",
        ),
        _column(
            "encrypted_chat",
            sa.LargeBinary,
            "Telegram chat id of somebody who unsubscribed, so that messages can be "
            "recalled. Encrypted.",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("broadcast", "person_key", name=op.f("pk_broadcast_recipients")),
        sqlite_with_rowid=False,
        comment="The ledger: one small row for each recipient, of whom there may be a million.",
    )
    op.create_index(
        op.f("ix_broadcast_recipients_claimed"),
        "broadcast_recipients",
        ["broadcast", "person_key"],
        unique=False,
        sqlite_where=sa.text("state = 1"),
        postgresql_where=sa.text("state = 1"),
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        _column(
            "name",
            sa.String,
            "The task that one process does at a time; probe: tests whether writing works.",
        ),
        _column("token", sa.String, "Token of the process that holds it."),
        _column("until", sa.BigInteger, "When the lease ends. Microseconds since 1970, UTC."),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        sqlite_with_rowid=False,
        comment="Tasks that one process does at a time.",
    )


def _create_updates() -> None:
    op.create_table(
        "updates",
        _column(
            "update_id",
            sa.BigInteger,
            "Id of the update (Bot API, Update). Restarts at random after an idle week.",
            autoincrement=False,
        ),
        _column(
            "at",
            sa.BigInteger,
            "Hour in which the update was handled; rows are deleted after 48 hours. "
            "Microseconds since 1970, UTC.",
        ),
        _column(
            "failed",
            sa.Boolean,
            "Whether handling failed for good; the content of such an update is not kept.",
        ),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_updates")),
        sqlite_with_rowid=False,
        comment="Telegram updates that were handled, so that none is handled twice.",
    )
    op.create_index(op.f("ix_updates_at"), "updates", ["at"], unique=False)


def _create_chats() -> None:
    op.create_table(
        "chats",
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for chat, 32 bytes.",
        ),
        _column(
            "encrypted_chat", sa.LargeBinary, "Telegram chat id, in decimal digits. Encrypted."
        ),
        _column(
            "encrypted_preferences",
            sa.LargeBinary,
            "Language that the person chose, and time zone of a campaigner, as JSON. Encrypted.",
            nullable=True,
        ),
        _column(
            "encrypted_details",
            sa.LargeBinary,
            "Name, country and address remembered for the next letter, as JSON. Encrypted.",
            nullable=True,
        ),
        _column("blocked", sa.Boolean, "Whether the person blocked the bot."),
        _column(
            "encrypted_journey",
            sa.LargeBinary,
            "State of the journey, as JSON. Encrypted.",
            nullable=True,
        ),
        _column("turn", sa.Integer, "Number of the last turn that was saved."),
        _column("replied_turn", sa.Integer, "Number of the last turn whose replies were sent."),
        _column(
            "encrypted_messages",
            sa.LargeBinary,
            "Message of the current question, and those that can be deleted, with times, "
            "as JSON. Encrypted.",
            nullable=True,
        ),
        _column(
            "encrypted_topic",
            sa.LargeBinary,
            "Topic of the person's last message (message_thread_id); none: outside "
            "topics. Encrypted.",
            nullable=True,
        ),
        _column(
            "clear_by",
            sa.BigInteger,
            "When a discreet chat is cleared at the latest, to the hour; none: it is not "
            "discreet. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "lease",
            sa.String,
            "Token of the process that sends replies in this chat.",
            nullable=True,
        ),
        _column(
            "lease_until",
            sa.BigInteger,
            "When the lease ends. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "changed",
            sa.BigInteger,
            "Hour in which a turn was last saved. Microseconds since 1970, UTC.",
        ),
        _column(
            "unreplied_since",
            sa.BigInteger,
            "Within ten seconds, when the last turn was saved; none once its replies were "
            "sent. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "asked",
            sa.BigInteger,
            "Day on which the person was asked whether saved details may stay; none since "
            "they wrote. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_chats")),
        sqlite_with_rowid=False,
        comment="Private chats. A row that holds nothing of value is deleted after 24 hours.",
    )
    op.create_index(
        op.f("ix_chats_blocked"),
        "chats",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("blocked"),
        postgresql_where=sa.text("blocked"),
    )
    op.create_index(op.f("ix_chats_changed"), "chats", ["changed"], unique=False)
    op.create_index(
        op.f("ix_chats_discreet"),
        "chats",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("clear_by IS NOT NULL"),
        postgresql_where=sa.text("clear_by IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_chats_unreplied"),
        "chats",
        ["unreplied_since"],
        unique=False,
        sqlite_where=sa.text("unreplied_since IS NOT NULL"),
        postgresql_where=sa.text("unreplied_since IS NOT NULL"),
    )


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for subscriptions, 32 bytes.",
        ),
        _column(
            "scope",
            sa.String,
            "Campaign whose broadcasts the person wants; *: those of other campaigns too.",
        ),
        _column(
            "encrypted_details",
            sa.LargeBinary,
            "Telegram chat id, language tag, and when the person subscribed, as JSON. Encrypted.",
        ),
        _column(
            "confirmed",
            sa.BigInteger,
            "Day when the person subscribed, or last said that it may stay. Microseconds "
            "since 1970, UTC.",
        ),
        _column(
            "asked",
            sa.BigInteger,
            "Day on which the person was asked whether it may stay; none since they "
            "confirmed it. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column(
            "at", sa.BigInteger, "Day on which the person subscribed. Microseconds since 1970, UTC."
        ),
        sa.PrimaryKeyConstraint("person_key", "scope", name=op.f("pk_subscriptions")),
        sqlite_with_rowid=False,
        comment="Subscriptions to broadcasts.",
    )
    op.create_index(
        op.f("ix_subscriptions_scope_person_key"),
        "subscriptions",
        ["scope", "person_key"],
        unique=False,
    )


def _create_notices() -> None:
    op.create_table(
        "notices",
        _column("digest", sa.String, "Digest of the text."),
        _column("campaign", sa.String, "Slug of the campaign."),
        _column("language", sa.String, "Language tag of the text."),
        _column("text", sa.Text, "The privacy notice as it was shown, in HTML."),
        _column(
            "since",
            sa.BigInteger,
            "Day on which a person first consented to it. Microseconds since 1970, UTC.",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_notices")),
        sqlite_with_rowid=False,
        comment="Every privacy notice that a person consented to, as proof of what was shown.",
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        _column("consent_id", sa.String, "Random id."),
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for action, subscriptions or "
            "chat, 32 bytes.",
        ),
        _column(
            "kind", sa.String, "What it is about: send, remember, updates (broadcasts) or answer."
        ),
        _column("scope", sa.String, "Slug of the campaign; *: all campaigns; empty: none."),
        _column("given", sa.Boolean, "Whether the person agreed or refused."),
        _column(
            "encrypted_evidence",
            sa.LargeBinary,
            "Language, version of the campaign, digests of notice and letter, and time, "
            "as JSON. Encrypted.",
        ),
        _column(
            "at", sa.BigInteger, "Day on which the person decided. Microseconds since 1970, UTC."
        ),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consents")),
        sqlite_with_rowid=False,
        comment="What each person agreed to or refused.",
    )
    op.create_index(op.f("ix_consents_person_key"), "consents", ["person_key"], unique=False)


def _create_key_floor() -> None:
    op.create_table(
        "key_floor",
        _column("name", sa.String, "What the keys are for: encryption."),
        _column(
            "day", sa.String, "No value is encrypted with the key of an earlier day: YYYY-MM-DD."
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_floor")),
        sqlite_with_rowid=False,
        comment="From which day on keys are needed. One row, which is missing at first.",
    )


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        _column(
            "number",
            sa.BigInteger,
            "Number of the entry: 1, 2, 3, … in the order of commits, without a gap.",
            autoincrement=False,
        ),
        _column("day", sa.String, "UTC day of the erasure: YYYY-MM-DD."),
        _column(
            "encrypted_entry",
            sa.LargeBinary,
            "What was erased, as JSON: its kind, and keyed hashes of the rows. Encrypted.",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_erasures")),
        sqlite_with_rowid=False,
        comment="What must be erased again after a backup is restored.",
    )


def _create_row_order() -> None:
    op.create_table(
        "row_order",
        _column("name", sa.String, "What the row is about: pass."),
        _column(
            "position",
            sa.String,
            "How far rewriting rows in order has come (Pass), as JSON. PostgreSQL only.",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_row_order")),
        sqlite_with_rowid=False,
        comment="The rewriting of rows in the order of their keys. One row, which is missing "
        "at first.",
    )


def _create_codes() -> None:
    op.create_table(
        "codes",
        _column("code_id", sa.String, "Random id."),
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for limits, 32 bytes.",
        ),
        _column("address_key", sa.LargeBinary, "Keyed hash of the address among codes, 16 bytes."),
        _column(
            "encrypted_details",
            sa.LargeBinary,
            "Telegram chat id and language, until the person is erased or the chat cleared, "
            "and key of the mailbox that is in its return address, as JSON. Encrypted.",
        ),
        _column(
            "domain_key",
            sa.LargeBinary,
            "Keyed hash of the address's domain, 16 bytes; none at a large provider.",
            nullable=True,
        ),
        _column(
            "code_hash",
            sa.LargeBinary,
            "Keyed hash of the code, 32 bytes; none once it was used, replaced or spent.",
            nullable=True,
        ),
        _column(
            "requested",
            sa.BigInteger,
            "When the code was requested; limits count from here. Microseconds since 1970, UTC.",
        ),
        _column("expires", sa.BigInteger, "When the code expires. Microseconds since 1970, UTC."),
        _column("attempts", sa.SmallInteger, "Number of wrong codes that were typed."),
        _column("bounced", sa.Boolean, "Whether its mail bounced, until the chat was notified."),
        _column(
            "cleared",
            sa.Boolean,
            "Whether its discreet chat was cleared: /mydata no longer lists it.",
        ),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_codes")),
        sqlite_with_rowid=False,
        comment="One-time codes. Rows outlive the erasure of a person, or it would lift the "
        "limits.",
    )
    op.create_index(
        op.f("ix_codes_address_key_requested"), "codes", ["address_key", "requested"], unique=False
    )
    op.create_index(
        op.f("ix_codes_bounced"),
        "codes",
        ["person_key"],
        unique=False,
        sqlite_where=sa.text("bounced"),
        postgresql_where=sa.text("bounced"),
    )
    op.create_index(
        op.f("ix_codes_domain_key_requested"),
        "codes",
        ["domain_key", "requested"],
        unique=False,
        sqlite_where=sa.text("domain_key IS NOT NULL"),
        postgresql_where=sa.text("domain_key IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_codes_person_key_requested"), "codes", ["person_key", "requested"], unique=False
    )
    op.create_index(op.f("ix_codes_requested"), "codes", ["requested"], unique=False)


def _create_disowned_addresses() -> None:
    op.create_table(
        "disowned_addresses",
        _column(
            "address_key",
            sa.LargeBinary,
            "Keyed hash of the address among disowned addresses, 16 bytes.",
        ),
        _column(
            "at", sa.BigInteger, "Day on which the owner said so. Microseconds since 1970, UTC."
        ),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_disowned_addresses")),
        sqlite_with_rowid=False,
        comment="Addresses whose owners said “this wasn't me”: nothing is mailed to them again.",
    )


def _create_disown_requests() -> None:
    op.create_table(
        "disown_requests",
        _column("address_key", sa.LargeBinary, "Keyed hash of the address, 16 bytes."),
        _column(
            "words_key",
            sa.LargeBinary,
            "Keyed hash of the words of the unclear reply: a program would repeat them.",
        ),
        _column(
            "at", sa.BigInteger, "Day on which the owner was asked. Microseconds since 1970, UTC."
        ),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_disown_requests")),
        sqlite_with_rowid=False,
        comment="Addresses whose owners were asked whether their reply means “this wasn't me”.",
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _column("mail", sa.String, "Random id, 32 hexadecimal digits."),
        _column("kind", sa.String, "Kind of the mail (MailKind)."),
        _column("campaign", sa.String, "Slug of the campaign; may be empty."),
        _column(
            "action",
            sa.String,
            "Action whose letter this is (actions.action); none for other mail.",
            nullable=True,
        ),
        _column(
            "about",
            sa.String,
            "Action or letter that a copy or a forwarded reply belongs to, or code of a mail.",
            nullable=True,
        ),
        _column(
            "encrypted_chat",
            sa.LargeBinary,
            "Telegram chat id of the supporter whose letter this is; none for other mail. "
            "Encrypted.",
            nullable=True,
        ),
        _column(
            "target", sa.String, "Id of the letter's target in its campaign; empty for other mail."
        ),
        _column(
            "recipient_key",
            sa.LargeBinary,
            "Keyed hash of this mail's id and the address it goes to, 16 bytes: bounces "
            "may be about others.",
            nullable=True,
        ),
        _column(
            "encrypted_content",
            sa.LargeBinary,
            "What the mail says, as JSON: frozen at the review; none once it is final. Encrypted.",
            nullable=True,
        ),
        _column("message_id", sa.String, "Token of the Message-ID, 32 hexadecimal digits."),
        _column(
            "encrypted_message",
            sa.LargeBinary,
            "The signed message, in bytes: assembled at the first attempt; none once it "
            "is final. Encrypted.",
            nullable=True,
        ),
        _column(
            "identity", sa.String, "Identity as which the letter leaves (its From).", nullable=True
        ),
        _column(
            "identity_reason",
            sa.String,
            "Why the identity is not the one that the campaign permits.",
            nullable=True,
        ),
        _column("state", sa.String, "State of the delivery (LetterState)."),
        _column(
            "lane",
            sa.String,
            "What is claimed and paused together: a campaign's slug; empty: codes; ~: copies.",
        ),
        _column(
            "due", sa.BigInteger, "When the mail was first to leave. Microseconds since 1970, UTC."
        ),
        _column(
            "not_before",
            sa.BigInteger,
            "When the mail is tried next. Microseconds since 1970, UTC.",
        ),
        _column(
            "expires", sa.BigInteger, "When the mail is given up. Microseconds since 1970, UTC."
        ),
        _column("transmitting", sa.Boolean, "Whether the message may be on its way to a server."),
        _column(
            "possible_duplicate",
            sa.Boolean,
            "Whether the mail may have left before its last attempt.",
        ),
        _column(
            "held",
            sa.Boolean,
            "Whether an admin must decide if a letter that may have left is sent again.",
        ),
        _column(
            "unwanted",
            sa.Boolean,
            "Whether it is not sent again: the address is disowned, or the sender blocked.",
        ),
        _column(
            "confirmed",
            sa.BigInteger,
            "When a program of the letter's recipient confirmed that it has received the "
            "letter. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column("disputed", sa.Boolean, "Whether a bounce of the letter came too late to count."),
        _column(
            "settled",
            sa.Boolean,
            "Whether it is a settled letter: only kind, campaign, state and days are left.",
        ),
        _column("lease", sa.String, "Token of the worker that sends the mail.", nullable=True),
        _column(
            "lease_until",
            sa.BigInteger,
            "When the lease ends. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        _column("smtp_code", sa.SmallInteger, "Reply code of the mail server.", nullable=True),
        _column(
            "smtp_status",
            sa.String,
            "Enhanced status of that reply (RFC 3463), such as 5.7.8; empty: none.",
        ),
        _column(
            "smtp_meaning",
            sa.String,
            "What that reply means (ReplyMeaning); none if there was no fault.",
            nullable=True,
        ),
        _column("queued", sa.BigInteger, "When the mail was queued. Microseconds since 1970, UTC."),
        _column(
            "changed", sa.BigInteger, "When its state last changed. Microseconds since 1970, UTC."
        ),
        _column(
            "status",
            sa.Integer,
            "Version of what the chat shows, which rises with each change of a letter's state.",
        ),
        _column("shown_status", sa.Integer, "Version (status) that the chat shows."),
        _column(
            "encrypted_status_message",
            sa.LargeBinary,
            "Telegram message id of the message that shows the letter's state. Encrypted.",
            nullable=True,
        ),
        _column("turn_id", sa.String, "Id in the logs of the answer that queued the mail."),
        sa.PrimaryKeyConstraint("mail", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
        comment="Mail that waits, and the outcome of mail that does not.",
    )
    op.create_index(
        op.f("ix_outbox_about"),
        "outbox",
        ["about"],
        unique=False,
        sqlite_where=sa.text("about IS NOT NULL"),
        postgresql_where=sa.text("about IS NOT NULL"),
    )
    op.create_index(op.f("ix_outbox_action"), "outbox", ["action"], unique=False)
    op.create_index(
        op.f("ix_outbox_due"),
        "outbox",
        ["lane", "not_before", "due"],
        unique=False,
        sqlite_where=sa.text(_DUE),
        postgresql_where=sa.text(_DUE),
    )
    op.create_index(
        op.f("ix_outbox_forwards"),
        "outbox",
        ["campaign", "due"],
        unique=False,
        sqlite_where=sa.text("kind = 'forward'"),
        postgresql_where=sa.text("kind = 'forward'"),
    )
    op.create_index(
        op.f("ix_outbox_held"),
        "outbox",
        ["campaign"],
        unique=False,
        sqlite_where=sa.text("held"),
        postgresql_where=sa.text("held"),
    )
    op.create_index(
        op.f("ix_outbox_leased"),
        "outbox",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        op.f("ix_outbox_left"),
        "outbox",
        ["changed", "lane"],
        unique=False,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        op.f("ix_outbox_unsettled"),
        "outbox",
        ["changed"],
        unique=False,
        sqlite_where=sa.text("NOT settled AND state NOT IN ('queued', 'deferred', 'sending')"),
        postgresql_where=sa.text("NOT settled AND state NOT IN ('queued', 'deferred', 'sending')"),
    )
    op.create_index(
        op.f("ix_outbox_unshown"),
        "outbox",
        ["changed"],
        unique=False,
        sqlite_where=sa.text("shown_status < status"),
        postgresql_where=sa.text("shown_status < status"),
    )


def _create_pauses() -> None:
    op.create_table(
        "pauses",
        _column("campaign", sa.String, "Slug of the campaign; *: all sending except of codes."),
        _column("reason", sa.String, "Why: refused (by servers) or admin."),
        _column("smtp_code", sa.SmallInteger, "Reply code of the mail server.", nullable=True),
        _column(
            "smtp_status",
            sa.String,
            "Enhanced status of that reply (RFC 3463), such as 5.7.8; empty: none.",
        ),
        _column(
            "smtp_meaning",
            sa.String,
            "What that reply means (ReplyMeaning); none if there was no fault.",
            nullable=True,
        ),
        _column("since", sa.BigInteger, "When sending was paused. Microseconds since 1970, UTC."),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_pauses")),
        sqlite_with_rowid=False,
        comment="Campaigns whose letters wait until an admin resumes them.",
    )


def _create_paces() -> None:
    op.create_table(
        "paces",
        _column("campaign", sa.String, "Slug of the campaign."),
        _column("target", sa.String, "Id of the target in the campaign."),
        _column(
            "last",
            sa.BigInteger,
            "Slot of the last letter: when it leaves. Microseconds since 1970, UTC.",
        ),
        sa.PrimaryKeyConstraint("campaign", "target", name=op.f("pk_paces")),
        sqlite_with_rowid=False,
        comment="The last slot that was given out, for targets whose letters are paced.",
    )


def _create_tallies() -> None:
    op.create_table(
        "tallies",
        _column("campaign", sa.String, "Slug of the campaign."),
        _column("figure", sa.String, "What is counted (Figure)."),
        _column("day", sa.String, "UTC day as YYYY-MM-DD; empty: the sum of all days."),
        _column(
            "value",
            sa.String,
            "Value that is counted: a stage, a country, a language, a source, an hour.",
        ),
        _column("count", sa.BigInteger, "Number of letters, or of people."),
        _column("erased", sa.BigInteger, "How many of these were erased since then."),
        _column("settled", sa.BigInteger, "How many of these were settled since then."),
        sa.PrimaryKeyConstraint("campaign", "figure", "day", "value", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
        comment="Figures, counted in the transaction of the event. They name nobody.",
    )
    op.create_index(
        op.f("ix_tallies_source"),
        "tallies",
        ["value"],
        unique=False,
        sqlite_where=sa.text("figure = 'source'"),
        postgresql_where=sa.text("figure = 'source'"),
    )


def _create_counters() -> None:
    op.create_table(
        "counters",
        _column("campaign", sa.String, "Slug of the campaign."),
        _column(
            "accepted",
            sa.BigInteger,
            "Number of accepted letters, without those that bounced: read at each /start.",
        ),
        _column("refusals_in_row", sa.Integer, "Number of letters refused for good in a row."),
        _column(
            "accepted_before",
            sa.BigInteger,
            "Value of accepted when that row began; the row ends when accepted exceeds it.",
        ),
        _column(
            "disputed", sa.BigInteger, "Number of letters whose bounce came too late to count."
        ),
        _column(
            "last_number",
            sa.BigInteger,
            "Number of the last accepted letter. Numbers of bounced letters are not reused.",
        ),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_counters")),
        sqlite_with_rowid=False,
        comment="Counters of campaigns, for the goal and for pauses.",
    )


def _create_samples() -> None:
    op.create_table(
        "samples",
        _column("campaign", sa.String, "Slug of the campaign."),
        _column("at", sa.BigInteger, "Time slot of the sample. Microseconds since 1970, UTC."),
        _column("sent", sa.BigInteger, "Number of letters sent so far."),
        _column("accepted", sa.BigInteger, "Number of letters accepted so far."),
        _column("bounced", sa.BigInteger, "Number of letters bounced so far."),
        _column("failed", sa.BigInteger, "Number of letters failed so far."),
        sa.PrimaryKeyConstraint("campaign", "at", name=op.f("pk_samples")),
        sqlite_with_rowid=False,
        comment="Totals of each campaign every few minutes, for detecting sudden changes.",
    )


def _create_digests() -> None:
    op.create_table(
        "digests",
        _column(
            "person_key",
            sa.LargeBinary,
            "Keyed hash of the person's Telegram user id for staff, 32 bytes.",
        ),
        _column("interval", sa.String, "How often: day or week."),
        _column("last_day", sa.String, "Last day of the last digest, as YYYY-MM-DD."),
        _column(
            "lease_until",
            sa.BigInteger,
            "Until when one process may send the digest. Microseconds since 1970, UTC.",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_digests")),
        sqlite_with_rowid=False,
        comment="Admins who get a digest of the figures regularly.",
    )
