"""The list of all tables: what each keeps, for how long, and why.

`actionbot purge`, `actionbot privacy` and docs/retention.md come from it. A test fails for a table
without an entry.
"""

from datetime import timedelta

from conversations.core.facts import CopyState
from conversations.stats.anomalies import SAMPLES_KEPT
from storage.chats.chats import JOURNEY_LIFETIME, NO_JOURNEY
from storage.erasure import settling
from storage.mail import disowning
from storage.retention import conditions, expired_actions
from storage.retention.rule import Rule
from storage.schema import tables as t

_UNTIL_CHANGED = "until a member of the team changes it"
_NOBODY = "It names nobody."

RULES: tuple[Rule, ...] = (
    Rule(
        t.updates,
        "Ids of Telegram's updates",
        "{} after the update",
        "Telegram may deliver an update twice, for up to a day.",
        conditions.older(t.updates.c.at, conditions.UPDATES_KEPT),
        conditions.UPDATES_KEPT,
        t.updates.c.at,
    ),
    Rule(
        t.chats,
        "Answers of an unfinished letter, and ids of the chat's messages",
        "{} after the last answer, or until the letter has left if that is sooner; in a discreet"
        " chat, until the chat is cleared, within 46 hours",
        "The person can go on; messages can be deleted in the chat.",
        conditions.journeys,
        JOURNEY_LIFETIME,
        t.chats.c.changed,
        NO_JOURNEY,
    ),
    Rule(
        t.chats,
        "Details saved for next time",
        "{} after the person last used the bot, unless they agree to another year; they are asked a"
        " month before",
        "The person asked for it.",
        conditions.details,
        conditions.UNUSED_KEPT,
        t.chats.c.changed,
        {"encrypted_details": None},
    ),
    Rule(
        t.subscriptions,
        "Subscriptions to updates",
        "{} after the person subscribed, unless they agree to another year; they are asked a month"
        " before. In a discreet chat, until the chat is cleared",
        "The person asked for it.",
        conditions.subscriptions,
        conditions.UNUSED_KEPT,
        t.subscriptions.c.confirmed,
    ),
    Rule(
        t.outbox,
        "Letters that wait to be sent",
        "until keep_until of the campaign; then the letter is cancelled, and the person is told",
        "No letter is sent after the day until which data may be kept.",
        expired_actions.unsendable,
        since=t.outbox.c.queued,
        erase=expired_actions.cancel_unsendable,
    ),
    Rule(
        t.actions,
        "Who wrote, and what became of the letter",
        "until keep_until of the campaign. Name, country, email address and words are deleted"
        " before: settle_days after the letter's outcome. Then keyed hashes, the outcome and the"
        " day are left, and a sealed record if archive says so",
        "The person agreed to it: the privacy notice names the day.",
        expired_actions.expired,
        since=t.actions.c.keep_until,
        erase=expired_actions.erase,
    ),
    Rule(
        t.actions,
        "Texts of letters, for copies",
        "{} after the letter was written, or until it is settled",
        "Supporters can ask for a copy.",
        conditions.texts_for_copies,
        conditions.SENT_TEXT_KEPT,
        t.actions.c.at,
        {"encrypted_letter": None, "copy_state": CopyState.NONE.value},
    ),
    Rule(
        t.outbox,
        "Texts of letters that failed, or may have arrived",
        "{} after the letter's outcome, or until it is settled; the text of an accepted letter is"
        " deleted at once",
        "An uncertain letter may have to be examined.",
        conditions.texts,
        conditions.SENT_TEXT_KEPT,
        t.outbox.c.changed,
        {"encrypted_content": None, "encrypted_message": None},
    ),
    Rule(
        t.outbox,
        "Mails with codes, and questions to the owners of addresses",
        "until the code, or the question, expires",
        "They are sent again if a server is out of reach.",
        conditions.code_mails,
        since=t.outbox.c.queued,
    ),
    Rule(
        t.outbox,
        "Copies, and answers that are forwarded",
        "{} after they were queued",
        "They are sent again if a server is out of reach.",
        conditions.other_mails,
        conditions.SENT_TEXT_KEPT,
        t.outbox.c.queued,
    ),
    Rule(
        t.outbox,
        "Campaigns and final states of settled letters",
        "{} after they were settled",
        "A late bounce finds its campaign. They lead to nobody.",
        conditions.settled,
        settling.KEPT_FOR,
        t.outbox.c.changed,
    ),
    Rule(
        t.consents,
        "Consents to send a letter, and refusals",
        "as long as it is stored who wrote; without a letter, {}",
        "They are evidence of the consent (GDPR, article 7.1).",
        conditions.consents_to_send,
        conditions.SENT_TEXT_KEPT,
        t.consents.c.at,
    ),
    Rule(
        t.consents,
        "Choices about saved details and updates",
        "{} after they were made, and as long as what they allow goes on",
        "They are evidence of the consent (GDPR, article 7.1).",
        conditions.other_consents,
        conditions.EVIDENCE_KEPT,
        t.consents.c.at,
    ),
    Rule(
        t.notices,
        "Privacy notices as they were shown",
        "as long as a consent to send a letter of the campaign",
        "They are evidence of what the person read. They name nobody.",
        conditions.notices,
        since=t.notices.c.since,
    ),
    Rule(
        t.chats,
        "Telegram chat numbers",
        "{} after the last answer if only a language is stored with them, 24 hours if nothing is",
        "The bot answers in the chat.",
        conditions.chats,
        conditions.LANGUAGE_KEPT,
        t.chats.c.changed,
    ),
    Rule(
        t.codes,
        "Traces of codes that were mailed",
        "{} after the code was requested; they stay after /forget",
        "They limit how many codes are mailed.",
        conditions.older(t.codes.c.requested, conditions.CODES_KEPT),
        conditions.CODES_KEPT,
        t.codes.c.requested,
    ),
    Rule(
        t.disowned_addresses,
        "Addresses whose owners said “this wasn't me”",
        "{} after they said so; they stay after /forget",
        "Nothing is mailed to them meanwhile.",
        conditions.older_day(t.disowned_addresses.c.at, disowning.DISOWNED_FOR),
        disowning.DISOWNED_FOR,
        t.disowned_addresses.c.at,
    ),
    Rule(
        t.disown_requests,
        "Addresses whose owners were asked whether they mean “this wasn't me”",
        "{} after the question",
        "Their answer counts; nobody is asked twice meanwhile.",
        conditions.older_day(t.disown_requests.c.at, disowning.ANSWERED_WITHIN),
        disowning.ANSWERED_WITHIN,
        t.disown_requests.c.at,
    ),
    Rule(
        t.blocked_senders,
        "Blocked senders",
        "{} after the block, or until an admin ends it; they stay after /forget",
        "Targets are protected from abuse.",
        conditions.older_day(t.blocked_senders.c.at, conditions.BLOCK_KEPT),
        conditions.BLOCK_KEPT,
        t.blocked_senders.c.at,
    ),
    Rule(
        t.broadcasts,
        "Drafts of broadcasts",
        "{} after the last change; discarded ones are deleted at once",
        "Their authors can go on.",
        conditions.unsent_broadcasts,
        conditions.DRAFT_KEPT,
        t.broadcasts.c.changed,
    ),
    Rule(
        t.broadcast_recipients,
        "Who got a broadcast",
        "{} after the broadcast ended",
        "Nobody gets it twice; it can be recalled.",
        conditions.recipients,
        conditions.SENT_TEXT_KEPT,
    ),
    Rule(
        t.broadcasts,
        "Broadcasts that were sent",
        "{} after they ended",
        "The team sees what was sent, and how many got it.",
        conditions.older(t.broadcasts.c.ended, conditions.BROADCAST_KEPT),
        conditions.BROADCAST_KEPT,
        t.broadcasts.c.ended,
    ),
    Rule(
        t.alerts,
        "Alerts",
        "{} after the problem ended",
        "Admins see what happened.",
        conditions.older(t.alerts.c.ended, conditions.SENT_TEXT_KEPT),
        conditions.SENT_TEXT_KEPT,
        t.alerts.c.ended,
    ),
    Rule(
        t.alert_messages,
        "Which admins were told of an alert",
        "as long as the alert",
        "The message is edited when the problem ends.",
        conditions.orphaned_alert_messages,
    ),
    Rule(
        t.sightings,
        "Which machines see a problem",
        "until the machine has been silent for some minutes",
        "The alert ends when no machine sees the problem.",
        conditions.older(t.sightings.c.until, timedelta()),
        since=t.sightings.c.until,
    ),
    Rule(
        t.paces,
        "When the last letter to a target leaves",
        "{} after that time",
        "Letters leave one after the other. It names nobody.",
        conditions.older(t.paces.c.last, conditions.SENT_TEXT_KEPT),
        conditions.SENT_TEXT_KEPT,
        t.paces.c.last,
    ),
    Rule(
        t.samples,
        "Totals every few minutes",
        "{} after they were counted",
        "Sudden changes are detected. They name nobody.",
        conditions.older(t.samples.c.at, SAMPLES_KEPT),
        SAMPLES_KEPT,
        t.samples.c.at,
    ),
    Rule(
        t.erasures,
        "Keyed hashes of what was erased",
        "as long as the keys of the server open a backup from before it",
        "What was erased is erased again after a backup is restored.",
        conditions.erasures,
        since=t.erasures.c.day,
    ),
    Rule(
        t.authority,
        "Roles and invitations, modes of campaigns, approvals",
        "until a member of the team changes them; an invitation ends after a day, a role that is"
        " not confirmed after 90 days",
        "They say who may do what.",
    ),
    Rule(t.digests, "Who gets a digest of the figures", _UNTIL_CHANGED, "The admin asked for it."),
    Rule(
        t.audit,
        "The audit log",
        "{} after the entry",
        "It shows who did what.",
        conditions.older(t.audit.c.at, conditions.AUDIT_KEPT),
        conditions.AUDIT_KEPT,
        t.audit.c.at,
        erase=conditions.erase_log,
    ),
    Rule(t.link_sources, "Names of links", _UNTIL_CHANGED, _NOBODY),
    Rule(t.pauses, "Pauses", _UNTIL_CHANGED, _NOBODY),
    Rule(t.tallies, "Figures", "as long as the database", _NOBODY),
    Rule(t.counters, "Counters of campaigns", "as long as the database", _NOBODY),
    Rule(t.leases, "What one process does at a time", "until the next process does it", _NOBODY),
    Rule(
        t.campaign_keys,
        "Random keys of campaigns",
        "as long as the campaign has actions or consents",
        "Nobody can find a person in a campaign without its key. It names nobody.",
    ),
    Rule(t.row_order, "How far rewriting rows has come", "as long as the database", _NOBODY),
    Rule(t.key_floor, "The age of the oldest key", "as long as the database", _NOBODY),
)
"""The periods of all tables, in the order in which rows are erased."""
