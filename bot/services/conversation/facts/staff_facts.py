"""Loads the facts that only people with a role need. It is imported when one of them first writes.

With it comes everything that answers them.
"""

from functools import partial
from typing import Any

from bot.services.campaigns.published import PublishedCampaigns
from bot.services.conversation.facts import admin_queries, broadcast_queries
from bot.services.conversation.facts.audience_counts import AudienceCounts
from bot.services.conversation.facts.count_notice import CountNotice
from bot.services.conversation.facts.draft_facts import DraftLoader
from bot.services.conversation.facts.fact_sources import Download, Queries
from bot.services.conversation.facts.new_campaign_facts import REQUESTS, NewCampaignLoader
from bot.services.conversation.facts.version_facts import load_version
from bot.services.core import Core
from conversations import staff_router as staff_router  # loaded here for `staff_entry`
from conversations.admin.history import PublishedVersion
from conversations.core.fact_requests import Fact
from conversations.editing.draft import CampaignDraft

QUERIES: Queries = {**broadcast_queries.QUERIES, **admin_queries.QUERIES}
"""The query for each request that is answered in the transaction of an answer."""


class StaffFacts:
    """Loads what can't be loaded in the transaction of an answer."""

    def __init__(self, core: Core, campaigns: PublishedCampaigns, download: Download) -> None:
        """`download` fetches files in Telegram. `campaigns` are those that answers are about."""
        self._core = core
        self._campaigns = campaigns
        self._counts = AudienceCounts(core.database, core.vault)
        self._drafts = DraftLoader(core.database, core.vault, campaigns.why_refused, core.clock)
        self._new_campaigns = NewCampaignLoader(download, core.clock)
        self.queries = QUERIES

    async def load(self, request: Fact[Any], notice: CountNotice | None) -> Any:
        """Return the answer to a request. `notice` shows how far a count is."""
        if isinstance(request, PublishedVersion):
            refused = self._campaigns.why_refused
            return await load_version(self._core.database, self._core.vault, request, refused)
        if isinstance(request, CampaignDraft):
            return await self._drafts.load(request)
        if type(request) in REQUESTS:
            return await self._new_campaigns.load(request)
        count = partial(self._counts.load, request)
        return await (notice.during(count) if notice else count(ignore))


def ignore(_: int) -> None:
    """Show nobody how far a count is."""
