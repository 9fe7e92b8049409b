"""Loads the facts that handlers ask for: one loader for each class of request.

Most are a quick query in the transaction of the answer. Those that take seconds (counts over an
audience) or that leave the database (DNS, the search for a country) are loaded outside of it, so
that no other transaction waits for them; unless memory has the answer (an exact name, a cached
domain).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.services.campaigns.published import PublishedCampaigns
from bot.services.conversation.facts import (
    admin_queries,
    broadcast_queries,
    supporter_queries,
)
from bot.services.conversation.facts.audience_counts import (
    COUNTS,
    AudienceCounts,
    Progress,
)
from bot.services.conversation.facts.draft_facts import DraftLoader
from bot.services.conversation.facts.fact_sources import Asker, FactSources, Queries
from bot.services.conversation.facts.new_campaign_facts import (
    REQUESTS,
    Download,
    NewCampaignLoader,
)
from bot.services.conversation.facts.version_facts import load_version
from bot.services.ports import MailDomains
from conversations.admin.history import PublishedVersion
from conversations.core.fact_requests import (
    CodeAttempt,
    CountriesMatching,
    DomainAcceptsMail,
    Fact,
    FactMissing,
    LoadedFacts,
    UploadedFile,
)
from conversations.core.facts import Facts
from conversations.editing.draft import CampaignDraft
from conversations.text import countries
from conversations.text.countries import CountryMatches
from storage import load_facts
from storage.admin import authority, campaign_modes
from storage.chats.chats import SavedChat
from storage.engine.database import Database
from storage.load_facts import TelegramProfile

T = TypeVar("T")


QUERIES: Queries = {
    **supporter_queries.QUERIES,
    **broadcast_queries.QUERIES,
    **admin_queries.QUERIES,
}
"""The query for each request that is answered in the transaction of an answer."""


def ignore(_: int) -> None:
    """Show nobody how far a count is."""


class FactLoader:
    """Loads what handlers need to know."""

    def __init__(
        self,
        database: Database,
        sources: FactSources,
        domains: MailDomains,
        drafts: DraftLoader,
        download: Download,
        new_campaigns: NewCampaignLoader,
        campaigns: PublishedCampaigns,
    ) -> None:
        """`sources` is for facts from the transaction, `domains` for those from DNS, `download`
        for files in Telegram. `campaigns` are those that answers are about.
        """
        self._database = database
        self._drafts = drafts
        self._download = download
        self._new_campaigns = new_campaigns
        self._campaigns = campaigns
        self._counts = AudienceCounts(database, sources.vault)
        self._sources = sources
        self._domains = domains

    def person(
        self,
        connection: Connection,
        asker: Asker,
        chat: SavedChat | None,
        profile: TelegramProfile,
    ) -> Facts:
        """Return what every event needs to know of a person. `chat` is None for a new person.

        Raises NewerVersions if the campaigns in service are not the newest.
        """
        vault = self._sources.vault
        documents = authority.read_all(connection, vault)
        self._campaigns.require_newest(documents[authority.VERSIONS])
        return load_facts.load(
            connection,
            vault,
            asker.person,
            chat,
            profile=profile,
            modes=campaign_modes.modes_of(documents[authority.MODES]),
            standing=self._sources.roster.standing(documents[authority.TEAM], asker.person.chat_id),
        )

    async def load_campaigns(self) -> None:
        """Load the campaigns that were published since. No transaction waits for it."""
        await self._campaigns.follow()

    def complete(
        self,
        connection: Connection,
        asker: Asker,
        outside: LoadedFacts,
        answer: Callable[[LoadedFacts], T],
    ) -> T | Fact[Any]:
        """Return what `answer` makes of the facts that it asks for: those in `outside`, and those
        that are loaded in the transaction.

        Returns the request for a fact that must be loaded outside the transaction, if there is one:
        nothing was written then. Raises FactMissing for one if an attempt at a code was counted.
        """
        loaded = _FactsOfTransaction(self._sources, self._domains, connection, asker, outside)
        try:
            return answer(loaded)
        except FactMissing as missing:
            if any(isinstance(each, CodeAttempt) for each in loaded):
                raise  # rolls back: the attempt was counted
            return missing.request

    async def load_outside(self, request: Fact[Any], progress: Progress = ignore) -> Any:
        """Return the answer to a request while no transaction waits for it.

        `progress` is called while people are counted.
        """
        if isinstance(request, PublishedVersion):
            refused = self._campaigns.why_refused
            return await load_version(self._database, self._sources.vault, request, refused)
        if isinstance(request, CampaignDraft):
            return await self._drafts.load(request)
        if type(request) in REQUESTS:
            return await self._new_campaigns.load(request)
        if isinstance(request, UploadedFile):
            return await uploaded_file(self._download, request)
        if type(request) in COUNTS:
            return await self._counts.load(request, progress)
        return await LOOKUPS[type(request)](self._domains, request)


class _FactsOfTransaction(LoadedFacts):
    """The facts of one answer, each loaded in its transaction when it is needed first."""

    def __init__(
        self,
        sources: FactSources,
        domains: MailDomains,
        connection: Connection,
        asker: Asker,
        outside: LoadedFacts,
    ) -> None:
        """Load facts with `connection`. Those in `outside` were loaded before."""
        super().__init__(outside)
        self._sources = sources
        self._domains = domains
        self._connection = connection
        self._asker = asker

    def __missing__(self, request: Fact[Any]) -> Any:
        """Load a fact. Raises FactMissing for one that takes longer."""
        if query := QUERIES.get(type(request)):
            answer = query(self._sources, self._connection, self._asker, request)
        else:
            answer = self._in_memory(request)
            if answer is None:
                raise FactMissing(request)
        self[request] = answer
        return answer

    def _in_memory(self, request: Fact[Any]) -> CountryMatches | bool | None:
        """Return the answer to a lookup that takes no time; None if there is none in memory."""
        match request:
            case CountriesMatching(text, exactly) if countries.is_loaded():
                found = countries.find_exact(text)
                return found if found.codes or exactly else None
            case DomainAcceptsMail(domain):
                return self._domains.remembered(domain)
            case _:
                return None


# --- lookups: found outside the database ----------------------------------------------------------


async def countries_matching(domains: MailDomains, request: CountriesMatching) -> CountryMatches:
    """Return the countries whose names are like a text.

    The search runs in a thread, where the first one also loads the index of names.
    """
    find = countries.find_exact if request.exactly else countries.find
    return await asyncio.to_thread(find, request.text)


async def domain_accepts_mail(domains: MailDomains, request: DomainAcceptsMail) -> bool | None:
    """Return whether a domain accepts mail; None if DNS doesn't say so in time."""
    return await domains.takes_mail(request.domain)


async def uploaded_file(download: Download, request: UploadedFile) -> bytes | None:
    """Return a file that somebody sent."""
    return await download(request.file_id, request.most)


LOOKUPS: dict[type[Fact[Any]], Callable[[MailDomains, Any], Awaitable[Any]]] = {
    CountriesMatching: countries_matching,
    DomainAcceptsMail: domain_accepts_mail,
}
"""The lookup for each request."""
