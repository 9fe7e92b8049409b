"""Queries for facts about broadcasts: one for each request."""

from datetime import timedelta

from sqlalchemy import Connection

from bot.services.conversation.facts.fact_sources import Asker, FactSources, Queries
from conversations.broadcasts.broadcast_control import BroadcastById, RecentBroadcasts
from conversations.broadcasts.draft_facts import (
    BroadcastsSending,
    DraftById,
    OwnDraft,
    OwnTimezone,
    SavedDraft,
    UnapprovedRecipients,
)
from conversations.model.broadcast import BroadcastState
from storage.broadcasts import drafts, progress, releases
from storage.broadcasts.drafts import Draft
from storage.chats import preferences


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


def past_broadcasts(
    sources: FactSources, connection: Connection, asker: Asker, request: RecentBroadcasts
) -> tuple[BroadcastState, ...]:
    """Return the latest broadcasts, as the person sees them."""
    return progress.recent(connection, sources.vault, asker.person)


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


QUERIES: Queries = {
    BroadcastById: broadcast_progress,
    BroadcastsSending: broadcasts_sending,
    DraftById: draft_by_id,
    OwnDraft: own_draft,
    OwnTimezone: own_timezone,
    RecentBroadcasts: past_broadcasts,
    UnapprovedRecipients: unapproved_recipients,
}
"""The query for each request."""
