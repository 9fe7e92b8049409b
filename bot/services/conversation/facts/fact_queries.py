"""Queries for facts that are quick enough for the transaction of an answer: one for each request.

Each function answers one class of request. `QUERIES` at the end has them all.
"""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection

from conversations.admin.alert_actions import AlertById, OpenAlert
from conversations.admin.audit_log import AuditLogPage, AuditPage
from conversations.admin.block_sender import Sender, SenderOfLetter
from conversations.admin.campaign_pages import CampaignQueue
from conversations.admin.campaigns import TargetsUnreachable
from conversations.admin.disowned_addresses import DisownedSince
from conversations.admin.history import PublishedVersions
from conversations.admin.status import CurrentStatus, Lane, SystemStatus
from conversations.admin.targets import LettersToTarget, PausedTargets, TargetLetters
from conversations.admin.team import OpenInvitation
from conversations.broadcasts.broadcast_control import BroadcastById, RecentBroadcasts
from conversations.broadcasts.draft_facts import (
    BroadcastsSending,
    DraftById,
    OwnDraft,
    OwnTimezone,
    SavedDraft,
    UnapprovedRecipients,
)
from conversations.core.alerts import AlertFacts
from conversations.core.fact_requests import (
    AddressInUse,
    ClearedLetter,
    CodeAttempt,
    Fact,
    LastSlots,
    MayRemind,
    NamedSources,
    TeamMembers,
)
from conversations.core.facts import AddressFacts, ClearedAction, CodeCheck
from conversations.core.notices import NoticeById
from conversations.editing.draft import CampaignDrafts
from conversations.editing.new.requests import OwnNewCampaign, SavedNewCampaign
from conversations.editing.new.state import load
from conversations.journey.after_letter.answers import OpenAnswerQuestion
from conversations.journey.personal_data.held_records import HeldRecords, OwnRecords
from conversations.model.broadcast import Broadcast, BroadcastState
from conversations.model.campaigns.versions import VersionInfo
from conversations.model.roles import Invited, Member
from conversations.model.scheduled import AskedAbout
from storage import held_records, load_facts, queue
from storage.admin import alerts, audit, link_sources
from storage.admin.roster import Roster
from storage.broadcasts import content, drafts, progress, releases
from storage.broadcasts.drafts import Draft
from storage.campaigns import drafts as campaign_drafts
from storage.campaigns import versions
from storage.chats import preferences
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.erasure import clearing
from storage.mail import answers, blocked_senders
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import pace_slots
from storage.mail.letters import reminder_letters
from storage.mail.proof import codes, disowning
from storage.mail.proof.code_limits import CodeLimits

VERSION = f"actionbot {version('actionbot')}, Python {platform.python_version()}"
"""The versions that /status shows."""


@dataclass(frozen=True)
class Asker:
    """The person whose event is answered."""

    person: PersonKeys

    now: datetime
    """The time of the answer, in UTC."""


@dataclass(frozen=True)
class FactSources:
    """What queries need besides the database."""

    vault: Vault

    roster: Roster

    sending_rate: Callable[[], tuple[float | None, float]]
    """Returns how many broadcast messages may be sent a second (None: no limit), and for how many
    seconds Telegram asks us to wait.
    """

    has_unreachable_target: Callable[[str], bool]
    """Whether the campaign with this slug has a target that no letter can reach."""

    letter_of: Callable[[str], str]
    """Returns the id of the letter that carries a code for reports of abuse."""

    code_limits: CodeLimits


# --- the person -----------------------------------------------------------------------------------


def address_in_use(
    sources: FactSources, connection: Connection, asker: Asker, request: AddressInUse
) -> AddressFacts:
    """Return what the tables say of an address that the person gave."""
    return load_facts.load_address(
        connection,
        sources.vault,
        asker.person,
        request,
        limits=sources.code_limits,
        now=asker.now,
    )


def code_attempt(
    sources: FactSources, connection: Connection, asker: Asker, request: CodeAttempt
) -> CodeCheck:
    """Check a code. This counts the attempt, and uses the code up if it is right."""
    key = AddressKeys.of(sources.vault, request.address).code
    return codes.check(connection, sources.vault, asker.person.limits, key, request.code, asker.now)


def last_slots(
    sources: FactSources, connection: Connection, asker: Asker, request: LastSlots
) -> Mapping[str, datetime]:
    """Return when the last letter leaves that waits for each target."""
    return pace_slots.last_slots(connection, request.campaign, request.targets)


def cleared_letter(
    sources: FactSources, connection: Connection, asker: Asker, request: ClearedLetter
) -> ClearedAction | None:
    """Return the person's letter in a campaign, if its discreet chat was cleared."""
    return clearing.cleared_letter(connection, sources.vault, asker.person, request)


def named_sources(
    sources: FactSources, connection: Connection, asker: Asker, request: NamedSources
) -> tuple[str, ...]:
    """Return the link sources that admins named for a campaign."""
    return link_sources.names(connection, request.campaign)


def own_records(
    sources: FactSources, connection: Connection, asker: Asker, request: OwnRecords
) -> HeldRecords:
    """Return which records about the person are stored."""
    return held_records.load(connection, sources.vault, asker.person)


def open_answer_question(
    sources: FactSources, connection: Connection, asker: Asker, request: OpenAnswerQuestion
) -> AskedAbout | None:
    """Return the letter about which the person has a question to answer."""
    return answers.find_open(connection, sources.vault, asker.person, request.message)


def may_remind(
    sources: FactSources, connection: Connection, asker: Asker, request: MayRemind
) -> bool:
    """Return whether the person may send a target a reminder."""
    return reminder_letters.may_remind(connection, sources.vault, asker.person, request)


# --- broadcasts -----------------------------------------------------------------------------------


def own_draft(
    sources: FactSources, connection: Connection, asker: Asker, request: OwnDraft
) -> SavedDraft | None:
    """Return the person's latest draft."""
    return _saved(asker, drafts.current_draft(connection, sources.vault, asker.person.staff))


def draft_by_id(
    sources: FactSources, connection: Connection, asker: Asker, request: DraftById
) -> SavedDraft | None:
    """Return the broadcast whose id begins with the request's."""
    return _saved(asker, drafts.find(connection, sources.vault, request.id))


def own_timezone(
    sources: FactSources, connection: Connection, asker: Asker, request: OwnTimezone
) -> str:
    """Return the person's time zone."""
    return preferences.find(connection, sources.vault, asker.person).zone


def broadcasts_sending(
    sources: FactSources, connection: Connection, asker: Asker, request: BroadcastsSending
) -> int:
    """Return how many broadcasts are being sent."""
    return drafts.count_sending(connection)


def unapproved_recipients(
    sources: FactSources, connection: Connection, asker: Asker, request: UnapprovedRecipients
) -> int:
    """Return how many people get broadcasts that nobody approved."""
    since = asker.now - timedelta(days=1)
    return releases.count_unapproved(connection, sources.vault, since, request.besides)


def broadcast_progress(
    sources: FactSources, connection: Connection, asker: Asker, request: BroadcastById
) -> BroadcastState | None:
    """Return how far a broadcast came."""
    return progress.find(connection, request.id, asker.person.staff)


def notice_by_id(
    sources: FactSources, connection: Connection, asker: Asker, request: NoticeById
) -> Broadcast | None:
    """Return a notice that was sent."""
    return content.find_notice(connection, sources.vault, request.id)


def past_broadcasts(
    sources: FactSources, connection: Connection, asker: Asker, request: RecentBroadcasts
) -> tuple[BroadcastState, ...]:
    """Return the latest broadcasts, as the person sees them."""
    return progress.recent(connection, sources.vault, asker.person)


# --- admin ----------------------------------------------------------------------------------------


def team_members(
    sources: FactSources, connection: Connection, asker: Asker, request: TeamMembers
) -> tuple[Member, ...]:
    """Return everyone who has a role, and lock the roles if the request says so. A name that was
    not saved is that of the audit log.
    """
    members = sources.roster.everyone(connection, locked=request.locked)
    return tuple(
        each
        if each.name
        else replace(each, name=audit.last_name(connection, sources.vault, bytes.fromhex(each.id)))
        for each in members
    )


def open_invitation(
    sources: FactSources, connection: Connection, asker: Asker, request: OpenInvitation
) -> Invited | None:
    """Return what an invitation gives, and lock the roles."""
    return sources.roster.find_invitation(connection, request.token, asker.now)


def audit_log_page(
    sources: FactSources, connection: Connection, asker: Asker, request: AuditLogPage
) -> AuditPage:
    """Return a page of the audit log, with the first words of the broadcasts in it."""
    page = audit.page(connection, sources.vault, request.number)
    about = {entry.noted.about for entry in page.entries}
    words = content.first_words(connection, sources.vault, about)
    entries = (replace(entry, words=words.get(entry.noted.about)) for entry in page.entries)
    return replace(page, entries=tuple(entries))


def current_status(
    sources: FactSources, connection: Connection, asker: Asker, request: CurrentStatus
) -> SystemStatus:
    """Return how the bot is."""
    return queue.system_status(connection, asker.now, VERSION, *sources.sending_rate())


def campaign_queue(
    sources: FactSources, connection: Connection, asker: Asker, request: CampaignQueue
) -> Lane:
    """Return a campaign's letters that wait."""
    return queue.lane(connection, request.campaign, asker.now)


def target_letters(
    sources: FactSources, connection: Connection, asker: Asker, request: LettersToTarget
) -> TargetLetters:
    """Return how the letters to a target are."""
    return queue.target_letters(connection, request.campaign, request.target)


def paused_targets(
    sources: FactSources, connection: Connection, asker: Asker, request: PausedTargets
) -> frozenset[str]:
    """Return which targets of a campaign are paused."""
    return queue.paused_targets(connection, request.campaign)


def targets_unreachable(
    sources: FactSources, connection: Connection, asker: Asker, request: TargetsUnreachable
) -> bool:
    """Return whether no letter can reach a target of the campaign."""
    return sources.has_unreachable_target(request.campaign)


def sender_of_letter(
    sources: FactSources, connection: Connection, asker: Asker, request: SenderOfLetter
) -> Sender | None:
    """Return the sender of a letter that somebody reported."""
    return blocked_senders.find_sender(connection, sources.vault, sources.letter_of(request.code))


def disowned_since(
    sources: FactSources, connection: Connection, asker: Asker, request: DisownedSince
) -> datetime | None:
    """Return the day on which an address was disowned."""
    return disowning.disowned_since(connection, AddressKeys.of(sources.vault, request.address))


def alert_by_id(
    sources: FactSources, connection: Connection, asker: Asker, request: AlertById
) -> AlertFacts | None:
    """Return an alert that is not over."""
    return alerts.find(connection, sources.vault, request.id, asker.person.staff)


def open_alert(
    sources: FactSources, connection: Connection, asker: Asker, request: OpenAlert
) -> AlertFacts | None:
    """Return the alert of a kind about a campaign."""
    return alerts.find_open(connection, request.kind, request.about)


def _saved(asker: Asker, draft: Draft | None) -> SavedDraft | None:
    if draft is None:
        return None
    return SavedDraft(
        draft.broadcast,
        draft.state,
        draft.person == asker.person.staff,
        draft.chat,
        draft.language,
        draft.token,
        draft.approved,
        draft.held,
    )


def published_versions(
    sources: FactSources, connection: Connection, asker: Asker, request: PublishedVersions
) -> tuple[VersionInfo, ...]:
    """Return the versions of a campaign that can be restored."""
    return versions.history(connection, sources.vault, request.campaign)


def drafted_campaigns(
    sources: FactSources, connection: Connection, asker: Asker, request: CampaignDrafts
) -> tuple[str, ...]:
    """Return the campaigns that have a draft."""
    return campaign_drafts.campaigns(connection)


def own_new_campaign(
    sources: FactSources, connection: Connection, asker: Asker, request: OwnNewCampaign
) -> SavedNewCampaign | None:
    """Return the campaign that the person is making."""
    member = asker.person.staff.hex()
    found = campaign_drafts.find_new(connection, sources.vault, member)
    if found is None:
        return None
    id_, draft = found
    return SavedNewCampaign(id_, draft.revision, load(draft.state), draft.files.content)


QUERIES: dict[type[Fact[Any]], Callable[[FactSources, Connection, Asker, Any], Any]] = {
    AddressInUse: address_in_use,
    AlertById: alert_by_id,
    AuditLogPage: audit_log_page,
    BroadcastById: broadcast_progress,
    BroadcastsSending: broadcasts_sending,
    CampaignDrafts: drafted_campaigns,
    CampaignQueue: campaign_queue,
    CodeAttempt: code_attempt,
    CurrentStatus: current_status,
    DraftById: draft_by_id,
    LastSlots: last_slots,
    LettersToTarget: target_letters,
    MayRemind: may_remind,
    ClearedLetter: cleared_letter,
    NamedSources: named_sources,
    NoticeById: notice_by_id,
    OpenAlert: open_alert,
    OpenAnswerQuestion: open_answer_question,
    OpenInvitation: open_invitation,
    OwnDraft: own_draft,
    OwnNewCampaign: own_new_campaign,
    OwnRecords: own_records,
    OwnTimezone: own_timezone,
    PausedTargets: paused_targets,
    PublishedVersions: published_versions,
    RecentBroadcasts: past_broadcasts,
    SenderOfLetter: sender_of_letter,
    DisownedSince: disowned_since,
    TargetsUnreachable: targets_unreachable,
    TeamMembers: team_members,
    UnapprovedRecipients: unapproved_recipients,
}
"""The query for each request."""
