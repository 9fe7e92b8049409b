"""All tables, by area.

Personal values are encrypted by the vault (columns `encrypted_…`) and found by their keyed hashes
(columns `…_key`): of a person's Telegram user id, 32 bytes, or of an address, 16 bytes. A hash is
for one purpose: no two tables of different purposes have equal ones.
"""

from storage.schema.metadata import ENCRYPTION, metadata
from storage.schema.tables.action import LIVE, OF_CAMPAIGN, RETURNED_COPY, actions, campaign_keys
from storage.schema.tables.admin import (
    alert_messages,
    alerts,
    audit,
    authority,
    blocked_senders,
    link_sources,
    sightings,
)
from storage.schema.tables.broadcast import broadcast_recipients, broadcasts, leases
from storage.schema.tables.campaign import campaign_drafts, campaign_versions
from storage.schema.tables.chat import (
    EMPTY,
    HAS_JOURNEY,
    OTHER_UNCHECKED,
    UNASKED,
    UNASKED_DETAILS,
    UNCHECKED_OF_LETTERS,
    WITHOUT_DETAILS,
    chats,
    consents,
    notices,
    scheduled_messages,
    subscriptions,
    updates,
)
from storage.schema.tables.housekeeping import erasures, key_floor, row_order
from storage.schema.tables.lanes import letter_changes, paces, pauses
from storage.schema.tables.mail import (
    DUE,
    FINISHED_TEXT,
    FORWARDS,
    LEFT,
    OVERDUE,
    REFUSED,
    SHORT_LIVED,
    UNFINISHED,
    UNSETTLED,
    UNSETTLED_LETTER,
    codes,
    disown_requests,
    disowned_addresses,
    outbox,
)
from storage.schema.tables.stats import answers, counters, digests, samples, tallies

__all__ = [
    "DUE",
    "EMPTY",
    "ENCRYPTION",
    "FINISHED_TEXT",
    "FORWARDS",
    "HAS_JOURNEY",
    "LEFT",
    "LIVE",
    "OF_CAMPAIGN",
    "OTHER_UNCHECKED",
    "OVERDUE",
    "REFUSED",
    "RETURNED_COPY",
    "SHORT_LIVED",
    "UNASKED",
    "UNASKED_DETAILS",
    "UNCHECKED_OF_LETTERS",
    "UNFINISHED",
    "UNSETTLED",
    "UNSETTLED_LETTER",
    "WITHOUT_DETAILS",
    "actions",
    "alert_messages",
    "alerts",
    "answers",
    "audit",
    "authority",
    "blocked_senders",
    "broadcast_recipients",
    "broadcasts",
    "campaign_drafts",
    "campaign_keys",
    "campaign_versions",
    "chats",
    "codes",
    "consents",
    "counters",
    "digests",
    "disown_requests",
    "disowned_addresses",
    "erasures",
    "key_floor",
    "leases",
    "letter_changes",
    "link_sources",
    "metadata",
    "notices",
    "outbox",
    "paces",
    "pauses",
    "row_order",
    "samples",
    "scheduled_messages",
    "sightings",
    "subscriptions",
    "tallies",
    "updates",
]
