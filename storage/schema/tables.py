"""All tables, in one place.

What is personal is sealed by the vault (`LargeBinary` named `sealed_…`) and found by its keyed
hash (`LargeBinary` named `…_key`). A key of a person is the hash of the Telegram user id, 32 bytes;
that of an address has 16.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from storage.engine.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


# Updates that were answered, so that none is answered twice. Pruned after 48 hours: Telegram keeps
# an update for 24, and its ids restart at random after an idle week.
updates = Table(
    "updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("poisoned", Boolean, nullable=False, default=False),
)

# A chat: the person behind it, where their journey stands, and what was told of it. `language` is
# what they chose, not what Telegram says, `zone` the time zone that a campaigner named. `told` is
# the last turn whose replies were said; the
# lease is the sender's. A row that holds nothing any more goes after 24 hours.
chats = Table(
    "chats",
    metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("sealed_chat", LargeBinary, nullable=False),
    Column("language", String, nullable=False, default=""),
    Column("sealed_details", LargeBinary),
    Column("zone", String, nullable=False, default=""),
    Column("blocked", Boolean, nullable=False, default=False),
    Column("menu", Boolean, nullable=False, default=False),
    Column("sealed_journey", LargeBinary),
    Column("turn", Integer, nullable=False, default=0),
    Column("told", Integer, nullable=False, default=0),
    Column("prompt_message", BigInteger),
    Column("prompt_has_picture", Boolean, nullable=False, default=False),
    Column("seen_messages", Text, nullable=False, default="[]"),
    Column("lease", String),
    Column("lease_until", UtcDateTime),
    Column("touched", UtcDateTime, nullable=False, index=True),
    # The sweeper's question: whose last turn was not told?
    _partial("ix_chats_untold", "touched", where="told < turn"),
    # Those who get no updates; there are few.
    _partial("ix_chats_blocked", "person_key", where="blocked"),
    # Those whose menu is, or was, that of a role; there are fewer.
    _partial("ix_chats_menu", "person_key", where="menu"),
)

# Who has a role besides those whom the settings name (`roles.Role`); whoever has one has a chat.
roles = Table(
    "roles",
    metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("role", String, nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# Invitations to a role, as keyed hashes of their tokens, each good once; `by_key` is who invited,
# nobody where it is the first admin who is.
invitations = Table(
    "invitations",
    metadata,
    Column("token_key", LargeBinary, primary_key=True),
    Column("role", String, nullable=False),
    Column("by_key", LargeBinary),
    Column("expires", UtcDateTime, nullable=False),
)

# Who writes no letters any more, since an admin blocked them for a letter. It outlives /forget.
barred = Table(
    "barred",
    metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("mail", String, nullable=False),
    Column("campaign", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Sources of deep links that an admin named, besides those that campaigns declare.
sources = Table(
    "sources",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# What those with a role did. Triggers keep it as it is: rows are added, and that is all.
audit = Table(
    "audit",
    metadata,
    Column("entry", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("person_key", LargeBinary, nullable=False),
    Column("deed", String, nullable=False),
    Column("about", String, nullable=False),
    Column("sealed_names", LargeBinary, nullable=False),
)

# One-time codes, as keyed hashes. Rows outlive /forget by a day, or it would lift the limits.
# `returned` tells that its mail came back, until the chat has been told.
codes = Table(
    "codes",
    metadata,
    Column("code_id", String, primary_key=True),
    Column("person_key", LargeBinary, nullable=False),
    Column("address_key", LargeBinary, nullable=False),
    Column("code_hash", LargeBinary),
    Column("asked", UtcDateTime, nullable=False, index=True),
    Column("expires", UtcDateTime, nullable=False),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("returned", Boolean, nullable=False, default=False),
    Index("ix_codes_person_key_asked", "person_key", "asked"),
    Index("ix_codes_address_key_asked", "address_key", "asked"),
    _partial("ix_codes_returned", "person_key", where="returned"),
)

# Addresses whose owners said “this wasn't me”: nothing is mailed to them again.
disowned = Table(
    "disowned",
    metadata,
    Column("address_key", LargeBinary, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# Every notice that was ever consented to, so that a consent can be shown later.
notices = Table(
    "notices",
    metadata,
    Column("digest", String, primary_key=True),
    Column("campaign", String, nullable=False),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# What a person said yes or no to, and when. `kind` is send, remember or updates; `version` is the
# campaign's; `letter_digest` the keyed hash, in hexadecimal, of the letter's digest.
consents = Table(
    "consents",
    metadata,
    Column("consent_id", String, primary_key=True),
    Column("person_key", LargeBinary, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("language", String, nullable=False),
    Column("version", String),
    Column("notice_digest", String),
    Column("letter_digest", String),
    Column("at", UtcDateTime, nullable=False),
)

# The campaigns that were in service here. One without `live_since` is in test mode, whatever its
# file says, until somebody confirms that it goes live. An admin closed it at `closed_since`.
campaigns = Table(
    "campaigns",
    metadata,
    Column("slug", String, primary_key=True),
    Column("tested_since", UtcDateTime),
    Column("live_since", UtcDateTime),
    Column("closed_since", UtcDateTime),
)

LIVE = "NOT test"

# One letter of one person to one target: one a person and a campaign, one an address and a
# campaign, but for tests, which are as many as people like and are counted nowhere. `keep_until` is
# the day that the person was told, as YYYY-MM-DD. `sealed_letter` is kept for 28 days where a copy
# may be asked for; `copied` tells how that stands (`known.Copy`). `answers_to` is who the letter's
# Reply-To names: supporter or organisation, or "" for nobody.
actions = Table(
    "actions",
    metadata,
    Column("action", String, primary_key=True),
    Column("campaign", String, nullable=False),
    Column("person_key", LargeBinary, nullable=False, index=True),
    Column("address_key", LargeBinary, nullable=False),
    Column("sealed_details", LargeBinary, nullable=False),
    Column("sealed_letter", LargeBinary),
    Column("copied", String, nullable=False, default="none"),
    Column("answers_to", String, nullable=False),
    Column("country", String, nullable=False),
    Column("language", String, nullable=False),
    Column("source", String, nullable=False),
    Column("number", Integer),
    Column("test", Boolean, nullable=False, default=False),
    Column("keep_until", String, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    _partial("uq_actions_campaign_person_key", "campaign", "person_key", where=LIVE, unique=True),
    _partial("uq_actions_campaign_address_key", "campaign", "address_key", where=LIVE, unique=True),
    _partial("ix_actions_returned", "person_key", where="copied = 'returned'"),
)

# What waits to be sent. What may have left is sent once more, with the same Message-ID, and never a
# third time. SQLite takes a partial index only where the query says the same, word for word.
DUE = (
    "(state IN ('queued', 'deferred')"
    " OR (state = 'unknown' AND NOT possible_duplicate AND NOT held))"
)

LEFT = "state = 'accepted'"

# Mail that waits, and what became of it. `sealed_content` is what was frozen at the review;
# `sealed_message` the bytes assembled at the first attempt, `identity` as whom they go out, with
# the reason where that is not as the campaign permits. `lease` carries the claim's token; `begun`
# tells that its bytes may be on their way; `held` that an admin decides whether a letter of unknown
# fate is sent once more. `due` is when it was to leave first, `not_before` when it is tried next.
# `lane` is what is claimed and paused together. `action` is that of a letter, `about` that of a
# copy or of an answer that is passed on.
# `status` counts changes of state; `told_status` the last one shown in the chat. `turn_id` is what
# the log calls the answer that queued it.
outbox = Table(
    "outbox",
    metadata,
    Column("mail", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("campaign", String, nullable=False),
    Column("action", String, index=True),
    Column("about", String),
    Column("person_key", LargeBinary, nullable=False, index=True),
    Column("target", String, nullable=False, default=""),
    Column("sealed_content", LargeBinary),
    Column("message_id", String, nullable=False),
    Column("sealed_message", LargeBinary),
    Column("identity", String),
    Column("identity_reason", String),
    Column("state", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("begun", Boolean, nullable=False, default=False),
    Column("possible_duplicate", Boolean, nullable=False, default=False),
    Column("held", Boolean, nullable=False, default=False),
    Column("lease", String),
    Column("lease_until", UtcDateTime),
    Column("smtp_code", SmallInteger),
    Column("smtp_text", String),
    Column("queued", UtcDateTime, nullable=False),
    Column("changed", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False, default=0),
    Column("told_status", Integer, nullable=False, default=0),
    Column("status_message", BigInteger),
    Column("turn_id", String, nullable=False, default=""),
    _partial("ix_outbox_about", "about", where="about IS NOT NULL"),
    # The worker's questions: what of a lane is due, since when; whose lease ran out; which state is
    # untold?
    _partial("ix_outbox_due", "lane", "not_before", "due", where=DUE),
    _partial("ix_outbox_leased", "lease_until", where="state = 'sending'"),
    _partial("ix_outbox_untold", "changed", where="told_status < status"),
    _partial("ix_outbox_held", "campaign", where="held"),
    # What of a lane has left lately?
    _partial("ix_outbox_left", "changed", "lane", where=LEFT),
)

# Campaigns whose letters wait until an admin lets them go on, why, and what a server said last; “*”
# stands for all sending but that of codes.
pauses = Table(
    "pauses",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("smtp_code", SmallInteger),
    Column("smtp_text", String, nullable=False, default=""),
    Column("since", UtcDateTime, nullable=False),
)

# When the last letter to a target leaves whose letters are paced.
paces = Table(
    "paces",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("target", String, primary_key=True),
    Column("last", UtcDateTime, nullable=False),
)

# What admins are told, once, until it is over; `about` is a campaign, or empty. `letters` counts
# those that came back, or those of an hour in which `usual` would be as many; of other kinds it is
# the one number that is told. `what` is wrong in a file, or somewhere else. `status` counts what
# changed of it. Who has got it has the key `holder_key`; `tried` is when an admin last wanted the
# mail server to be tried at once.
alerts = Table(
    "alerts",
    metadata,
    Column("alert", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("smtp_code", SmallInteger),
    Column("smtp_text", String, nullable=False, default=""),
    Column("letters", Integer, nullable=False, default=0),
    Column("usual", Integer, nullable=False, default=0),
    Column("what", String, nullable=False, default=""),
    Column("since", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("status", Integer, nullable=False, default=1),
    Column("holder_key", LargeBinary),
    Column("sealed_holder", LargeBinary),
    Column("held_since", UtcDateTime),
    Column("tried", UtcDateTime),
    # There is one of each kind at a time.
    Index(
        "uq_alerts_open",
        "kind",
        "about",
        unique=True,
        sqlite_where=text("ended IS NULL"),
        postgresql_where=text("ended IS NULL"),
    ),
)

# Which admin was told of which alert, in which message, and the last `status` that it showed; an
# address of `[mail] alerts` has its key in the place of a person's. The lease is of whoever is
# telling it.
told_alerts = Table(
    "told_alerts",
    metadata,
    Column("alert", String, primary_key=True),
    Column("person_key", LargeBinary, primary_key=True),
    Column("message", BigInteger),
    Column("told_status", Integer, nullable=False, default=0),
    Column("lease_until", UtcDateTime),
)

# Which machine sees what there is an alert of, and until when that counts: it may be gone. The
# alert is over when none sees it any more.
sightings = Table(
    "sightings",
    metadata,
    Column("kind", String, primary_key=True),
    Column("about", String, primary_key=True),
    Column("host", String, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
)

# Who wants updates of what: a campaign's slug, or “*” for other actions too; `language` is the one
# they spoke then.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("language", String, nullable=False, default=""),
    Index("ix_subscriptions_scope_person_key", "scope", "person_key"),
)

# Updates to subscribers, and how each fares; `person_key` is whose it is. `token` is that of the
# button that confirms it, good once. Recipients are listed up to `listed_to`, while sending goes
# on; before `next_key` none is pending. The counters count recipients; `expected` is what was
# counted before. `approved` is the digest of the content that somebody else found good;
# `album_until` when an album of a draft counts as whole, whose parts arrive one after the other.
# `message` shows the progress in its author's chat, `shown` the state it told last.
broadcasts = Table(
    "broadcasts",
    metadata,
    Column("broadcast", String, primary_key=True),
    Column("person_key", LargeBinary, nullable=False, index=True),
    Column("state", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
    Column("token", String, nullable=False, default=""),
    Column("approved", String, nullable=False, default=""),
    Column("album_until", UtcDateTime),
    Column("at", UtcDateTime),
    Column("touched", UtcDateTime, nullable=False),
    Column("began", UtcDateTime),
    Column("ended", UtcDateTime),
    Column("expected", Integer, nullable=False, default=0),
    Column("listed_to", LargeBinary, nullable=False, default=b""),
    Column("written", Boolean, nullable=False, default=False),
    Column("next_key", LargeBinary, nullable=False, default=b""),
    Column("listed", Integer, nullable=False, default=0),
    Column("sent", Integer, nullable=False, default=0),
    Column("blocked", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("uncertain", Integer, nullable=False, default=0),
    Column("rate", Float, nullable=False, default=0.0),
    Column("why", String, nullable=False, default=""),
    Column("message", BigInteger),
    Column("shown", String, nullable=False, default=""),
    Column("shown_at", UtcDateTime),
    _partial("ix_broadcasts_album_until", "album_until", where="album_until IS NOT NULL"),
)

# The ledger: what became of an update for one person, one row each, small since there may be a
# million. `broadcast` is the number that `listing.number` makes of the id, `fate` one of its codes.
# `messages` has the ids of what was sent: those of one call between commas, calls between
# semicolons. `twice` tells that a call was sent once more, since nobody knows of the first.
broadcast_recipients = Table(
    "broadcast_recipients",
    metadata,
    Column("broadcast", BigInteger, primary_key=True, autoincrement=False),
    Column("person_key", LargeBinary, primary_key=True),
    Column("fate", SmallInteger, nullable=False, default=0),
    Column("twice", Boolean, nullable=False, default=False),
    Column("messages", String, nullable=False, default=""),
    # What a sender that died had in hand.
    _partial("ix_broadcast_recipients_claimed", "broadcast", "person_key", where="fate = 1"),
    sqlite_with_rowid=False,
)

# Posts that one process holds at a time, whichever it is, and until when. The row “probe” is
# written each minute, to see whether that is still possible.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

# Figures, counted in the transaction of what they count: `value` is a step, a country, a language …
# (`Figure`). The day is YYYY-MM-DD, or empty: all days together. `erased` of the count are erased
# since. The rows are as many as the days, not as the actions.
tallies = Table(
    "tallies",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("figure", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("erased", BigInteger, nullable=False),
    # How many acted because of an update.
    _partial("ix_tallies_source", "value", where="figure = 'source'"),
    sqlite_with_rowid=False,
)

# The goal's counter: letters accepted. A sum over tallies that is asked for at every /start.
# `refused` counts the refusals for good in a row; `stood` is what `accepted` was when it began. A
# letter that comes back is accepted no more, so the row goes on until others have made up for it.
# `numbered` is the last number that was given: a letter that bounces leaves the count, and its
# number is given to nobody else.
counters = Table(
    "counters",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("accepted", BigInteger, nullable=False),
    Column("refused", Integer, nullable=False, default=0),
    Column("stood", BigInteger, nullable=False, default=0),
    Column("numbered", BigInteger, nullable=False),
)

# What was counted of a campaign so far, noted every few minutes: by it, sudden changes are seen.
samples = Table(
    "samples",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("sent", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("bounced", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
)

# Admins to whom figures come by themselves. `last` is the day of the last ones, as YYYY-MM-DD; the
# lease is of whoever is sending them.
digests = Table(
    "digests",
    metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("every", String, nullable=False),
    Column("last", String, nullable=False),
    Column("lease_until", UtcDateTime),
)
