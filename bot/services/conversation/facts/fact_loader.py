"""Loads the facts that handlers ask for: one loader for each class of request.

Most are a quick query in the transaction of the answer. Those that take seconds (counts over an
audience) or that leave the database (DNS, the search for a country) are loaded outside of it, so
that no other transaction waits for them; unless memory has the answer (an exact name, a cached
domain).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from bot.services.campaigns.published import PublishedCampaigns
from bot.services.conversation.facts import supporter_queries
from bot.services.conversation.facts.count_notice import CountNotice
from bot.services.conversation.facts.fact_sources import Asker, Download, FactSources
from bot.services.core import Core
from bot.services.ports import MailDomains
from conversations.core.fact_requests import (
    CodeAttempt,
    CountriesMatching,
    DomainAcceptsMail,
    Fact,
    FactMissing,
    LoadedFacts,
    StaffHandlers,
    UploadedFile,
)
from conversations.core.facts import Facts
from conversations.text import countries
from conversations.text.countries import CountryMatches
from storage import load_facts
from storage.admin import authority, campaign_modes
from storage.chats.chats import SavedChat
from storage.load_facts import TelegramProfile

if TYPE_CHECKING:
    from bot.services.conversation.facts.staff_facts import StaffFacts

T = TypeVar("T")


class FactLoader:
    """Loads what handlers need to know."""

    def __init__(
        self,
        core: Core,
        sources: FactSources,
        domains: MailDomains,
        download: Download,
        campaigns: PublishedCampaigns,
    ) -> None:
        """`sources` is for facts from the transaction, `domains` for those from DNS, `download`
        for files in Telegram. `campaigns` are those that answers are about.
        """
        self._core = core
        self._download = download
        self._campaigns = campaigns
        self._sources = sources
        self._domains = domains
        self.staff: StaffFacts | None = None
        """Loads what only people with a role need; None until one of them first writes."""

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
        loaded = _FactsOfTransaction(self, connection, asker, outside)
        try:
            return answer(loaded)
        except FactMissing as missing:
            if any(isinstance(each, CodeAttempt) for each in loaded):
                raise  # rolls back: the attempt was counted
            return missing.request

    def query(self, connection: Connection, asker: Asker, request: Fact[Any]) -> Any:
        """Return a fact from the database. Raises FactMissing for one that takes longer."""
        query = supporter_queries.QUERIES.get(type(request))
        if query is None and self.staff is not None:
            query = self.staff.queries.get(type(request))
        if query is None:
            raise FactMissing(request)
        return query(self._sources, connection, asker, request)

    def in_memory(self, request: Fact[Any]) -> CountryMatches | bool | None:
        """Return the answer to a lookup that takes no time; None if there is none in memory."""
        match request:
            case CountriesMatching(text, exactly) if countries.is_loaded():
                found = countries.find_exact(text)
                return found if found.codes or exactly else None
            case DomainAcceptsMail(domain):
                return self._domains.remembered(domain)
            case StaffHandlers() if self.staff is not None:
                return True
            case _:
                return None

    async def load_outside(self, request: Fact[Any], notice: CountNotice | None = None) -> Any:
        """Return the answer to a request while no transaction waits for it.

        `notice` shows how far a count is.
        """
        if isinstance(request, StaffHandlers):
            return await self.staff_handlers(request)
        if isinstance(request, UploadedFile):
            return await uploaded_file(self._download, request)
        if lookup := LOOKUPS.get(type(request)):
            return await lookup(self._domains, request)
        return await (await self._load_staff()).load(request, notice)

    async def staff_handlers(self, request: StaffHandlers) -> bool:
        """Load what answers people with a role, and return that it is loaded."""
        await self._load_staff()
        return True

    async def _load_staff(self) -> "StaffFacts":
        """Return what loads facts for people with a role. A thread imports it the first time."""
        if self.staff is None:
            staff_facts = await asyncio.to_thread(_import_staff_facts)
            self.staff = staff_facts(self._core, self._campaigns, self._download)
        return self.staff


def _import_staff_facts() -> "type[StaffFacts]":
    from bot.services.conversation.facts.staff_facts import StaffFacts

    return StaffFacts


class _FactsOfTransaction(LoadedFacts):
    """The facts of one answer, each loaded in its transaction when it is needed first."""

    def __init__(
        self, loader: FactLoader, connection: Connection, asker: Asker, outside: LoadedFacts
    ) -> None:
        """Load facts with `connection`. Those in `outside` were loaded before."""
        super().__init__(outside)
        self._loader = loader
        self._connection = connection
        self._asker = asker

    def __missing__(self, request: Fact[Any]) -> Any:
        """Load a fact. Raises FactMissing for one that takes longer."""
        answer = self._loader.in_memory(request)
        if answer is None:
            answer = self._loader.query(self._connection, self._asker, request)
        self[request] = answer
        return answer


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
