"""Loads the facts that handlers ask for: one loader for each request class.

Most are a quick query in the transaction of the answer. Those that take seconds (counts over an
audience) or that leave the database (DNS, the search for a country) are loaded outside of it, so
that no other transaction waits for them.
"""

import asyncio
import platform
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.services.core import Core
from bot.services.ports import MailDomains
from conversations.admin.alert_actions import AlertById, OpenAlert
from conversations.admin.audit_log import AuditLogPage
from conversations.admin.block_sender import SenderOfLetter
from conversations.admin.campaigns import CampaignQueue, TargetsUnreachable
from conversations.admin.status import CurrentStatus
from conversations.admin.team import OpenInvitation
from conversations.broadcasts.broadcast_control import BroadcastProgress, PastBroadcasts
from conversations.broadcasts.draft_facts import (
    AudienceCountries,
    AudienceLanguages,
    AudienceSize,
    BroadcastsSending,
    DraftById,
    OwnDraft,
    OwnTimezone,
    SavedDraft,
)
from conversations.core.fact_requests import (
    AddressInUse,
    CodeAttempt,
    CountriesMatching,
    DomainAcceptsMail,
    Fact,
    FactMissing,
    NamedSources,
    TeamMembers,
)
from conversations.core.facts import Facts
from conversations.text import countries
from conversations.text.countries import CountryMatches
from storage import load_facts, queue
from storage.admin import alerts, audit, link_sources
from storage.admin.roles import Roster
from storage.broadcasts import audiences, drafts, progress
from storage.broadcasts.drafts import Draft
from storage.chats.chats import SavedChat
from storage.load_facts import TelegramProfile
from storage.mail import blocked_senders, codes

T = TypeVar("T")

LoadedFacts = dict[Fact[Any], Any]
"""Facts that were loaded, by their requests."""

MAX_FACTS = 1000
"""How many facts one answer may load in its transaction: /campaigns loads one per campaign."""

_VERSION = f"actionbot {version('actionbot')}, Python {platform.python_version()}"


@dataclass(frozen=True)
class Asker:
    """The person whose event is answered."""

    person: bytes
    """The person's key."""

    now: datetime
    """The time of the answer."""


class TooManyFacts(Exception):
    """A handler asks for ever more facts."""


class FactLoader:
    """Loads what handlers need to know."""

    def __init__(
        self,
        core: Core,
        roster: Roster,
        domains: MailDomains,
        pace: Callable[[], tuple[float | None, float]],
        has_unreachable_target: Callable[[str], bool],
        letter_of: Callable[[str], str],
    ) -> None:
        """`pace` returns how many broadcast messages may be sent a second (None: no limit), and
        for how many seconds Telegram asks us to wait. `has_unreachable_target` takes a campaign's
        slug; `letter_of` takes the code for reports of abuse, and returns the letter's id.
        """
        vault = core.vault
        self._database = core.database
        self._vault = vault
        self._roster = roster
        self._domains = domains
        self._pace = pace
        self._has_unreachable_target = has_unreachable_target
        self._letter_of = letter_of
        self.queries: Mapping[type[Fact[Any]], Callable[[Connection, Asker, Any], Any]] = {
            AddressInUse: lambda c, asker, of: load_facts.load_address(
                c, vault, asker.person, of, asker.now
            ),
            AlertById: self._alert_by_id,
            AuditLogPage: lambda c, _, page: audit.page(c, vault, page.number),
            BroadcastProgress: lambda c, _, broadcast: progress.find(c, broadcast.id),
            BroadcastsSending: lambda c, *_: drafts.count_sending(c),
            CampaignQueue: lambda c, asker, of: queue.lane(c, of.campaign, asker.now),
            CodeAttempt: self._code_attempt,
            CurrentStatus: self._current_status,
            DraftById: lambda c, asker, draft: self._saved(asker, drafts.find(c, vault, draft.id)),
            NamedSources: lambda c, _, of: link_sources.names(c, of.campaign),
            OpenAlert: lambda c, _, alert: alerts.find_open(c, alert.kind, alert.about),
            OpenInvitation: lambda c, asker, of: roster.find_invitation(c, of.token, asker.now),
            OwnDraft: lambda c, asker, _: self._saved(
                asker, drafts.current_draft(c, vault, asker.person)
            ),
            OwnTimezone: lambda c, asker, _: drafts.timezone(c, asker.person),
            PastBroadcasts: lambda c, asker, _: progress.recent(c, asker.person),
            SenderOfLetter: self._sender_of_letter,
            TargetsUnreachable: lambda _, __, of: has_unreachable_target(of.campaign),
            TeamMembers: lambda c, _, team: (
                roster.lock_members if team.locked else roster.members
            )(c),
        }
        """Loaded in the transaction of the answer."""

        self.counts: Mapping[type[Fact[Any]], Callable[[Connection, Any], Any]] = {
            AudienceCountries: lambda c, of: drafts.countries(c, of.scope),
            AudienceLanguages: lambda c, of: drafts.languages(c, of.scope),
            AudienceSize: lambda c, of: audiences.count(c, of.audience),
        }
        """Read from the database before the transaction, since they take seconds."""

        self.lookups: Mapping[type[Fact[Any]], Callable[[Any], Awaitable[Any]]] = {
            CountriesMatching: _countries_matching,
            DomainAcceptsMail: lambda of: domains.takes_mail(of.domain),
        }
        """Found outside the database, before the transaction."""

    def person(
        self,
        connection: Connection,
        asker: Asker,
        chat: SavedChat | None,
        profile: TelegramProfile,
    ) -> Facts:
        """Return what every event needs to know of a person. `chat` is None for a new person."""
        return load_facts.load(
            connection,
            self._vault,
            asker.person,
            chat,
            profile=profile,
            role=self._roster.role(asker.person, chat),
        )

    def complete(
        self,
        connection: Connection,
        asker: Asker,
        loaded: LoadedFacts,
        answer: Callable[[], T],
        *,
        counts: bool = False,
    ) -> T | Fact[Any]:
        """Run `answer`, which reads `loaded`, again until every fact that it asks for is there.

        Returns a fact that must be loaded outside the transaction, where there is one: nothing was
        written then. With `counts`, audiences are counted in the transaction, since nobody waits
        for it. Raises TooManyFacts.
        """
        for _ in range(MAX_FACTS):
            try:
                return answer()
            except FactMissing as missing:
                request = missing.request
            if query := self.queries.get(type(request)):
                loaded[request] = query(connection, asker, request)
            elif counts and (count := self.counts.get(type(request))):
                loaded[request] = count(connection, request)
            elif any(isinstance(each, CodeAttempt) for each in loaded):
                raise FactMissing(request)  # rolls back: the attempt was counted
            else:
                return request
        raise TooManyFacts

    async def load_outside(self, request: Fact[Any]) -> Any:
        """Return the answer to a request that no transaction waits for."""
        if count := self.counts.get(type(request)):
            return await self._database.read(lambda connection: count(connection, request))
        return await self.lookups[type(request)](request)

    def _alert_by_id(self, connection: Connection, asker: Asker, alert: AlertById) -> Any:
        return alerts.find(connection, self._vault, alert.id, asker.person)

    def _code_attempt(self, connection: Connection, asker: Asker, attempt: CodeAttempt) -> Any:
        key = codes.address_key(self._vault, attempt.address)
        return codes.check(connection, self._vault, asker.person, key, attempt.code, asker.now)

    def _current_status(self, connection: Connection, asker: Asker, _: CurrentStatus) -> Any:
        return queue.system_status(connection, asker.now, _VERSION, *self._pace())

    def _sender_of_letter(self, connection: Connection, _: Asker, letter: SenderOfLetter) -> Any:
        return blocked_senders.find_sender(connection, self._letter_of(letter.code))

    def _saved(self, asker: Asker, draft: Draft | None) -> SavedDraft | None:
        if draft is None:
            return None
        return SavedDraft(
            draft.broadcast,
            draft.state,
            draft.person == asker.person,
            draft.chat,
            draft.language,
            draft.token,
            draft.approved,
        )


async def _countries_matching(request: CountriesMatching) -> CountryMatches:
    found = countries.find_exact(request.text)
    if not found.codes:
        found = await asyncio.to_thread(countries.find, request.text)
    return found
