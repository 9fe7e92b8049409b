"""Queries for facts about the team, campaigns and the bot: one for each request."""

import platform
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from sqlalchemy import Connection

from bot.services.conversation.facts.fact_sources import Asker, FactSources, Queries
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
from conversations.core.alerts import AlertFacts
from conversations.core.fact_requests import (
    TeamMembers,
)
from conversations.editing.draft import CampaignDrafts
from conversations.editing.new.requests import OwnNewCampaign, SavedNewCampaign
from conversations.editing.new.state import load
from conversations.model.campaigns.versions import VersionInfo
from conversations.model.roles import Invited, Member
from storage import queue
from storage.admin import alerts, audit
from storage.broadcasts import content
from storage.campaigns import drafts as campaign_drafts
from storage.campaigns import versions
from storage.mail import blocked_senders
from storage.mail.address_keys import AddressKeys
from storage.mail.proof import disowning

VERSION = f"actionbot {version('actionbot')}, Python {platform.python_version()}"
"""The versions that /status shows."""


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


QUERIES: Queries = {
    AlertById: alert_by_id,
    AuditLogPage: audit_log_page,
    CampaignDrafts: drafted_campaigns,
    CampaignQueue: campaign_queue,
    CurrentStatus: current_status,
    DisownedSince: disowned_since,
    LettersToTarget: target_letters,
    OpenAlert: open_alert,
    OpenInvitation: open_invitation,
    OwnNewCampaign: own_new_campaign,
    PausedTargets: paused_targets,
    PublishedVersions: published_versions,
    SenderOfLetter: sender_of_letter,
    TargetsUnreachable: targets_unreachable,
    TeamMembers: team_members,
}
"""The query for each request."""
