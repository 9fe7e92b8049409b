"""Each fact that a handler can ask for has exactly one loader, which returns what it promises."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast, get_args, get_type_hints

import pytest

import conversations
from bot.mail.authentication.domains import DomainResolver
from bot.services.conversation.facts.audience_counts import COUNTS
from bot.services.conversation.facts.draft_facts import DraftLoader
from bot.services.conversation.facts.fact_loader import LOOKUPS, FactLoader, uploaded_file
from bot.services.conversation.facts.fact_sources import Asker, FactSources
from bot.services.conversation.facts.new_campaign_facts import REQUESTS
from bot.services.conversation.facts.staff_facts import QUERIES
from bot.services.conversation.facts.supporter_queries import QUERIES as SUPPORTER_QUERIES
from bot.services.conversation.facts.version_facts import load_version
from bot.services.core import Core
from conversations.admin.campaigns import TargetsUnreachable
from conversations.admin.history import PublishedVersion
from conversations.core.context import Context
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
from conversations.editing.draft import CampaignDraft
from conversations.model.campaigns.campaign import Campaign
from conversations.model.mistakes import Mistake
from conversations.text.countries import CountryMatches
from conversations.text.countries.index import index

LOADERS: list[tuple[type[Fact[Any]], Callable[..., Any]]] = [
    *SUPPORTER_QUERIES.items(),
    *QUERIES.items(),
    *COUNTS.items(),
    *LOOKUPS.items(),
    (PublishedVersion, load_version),
    (CampaignDraft, DraftLoader.load),
    (UploadedFile, uploaded_file),
    (StaffHandlers, FactLoader.staff_handlers),
    *REQUESTS.items(),
]


def requests(base: type[Fact[Any]] = Fact) -> Iterator[type[Fact[Any]]]:
    for each in base.__subclasses__():
        yield each
        yield from requests(each)


def test_each_request_has_exactly_one_loader() -> None:
    for module in pkgutil.walk_packages(conversations.__path__, "conversations."):
        importlib.import_module(module.name)
    assert sorted(str(request) for request, _ in LOADERS) == sorted(map(str, requests()))


@pytest.mark.parametrize(("request_class", "loader"), LOADERS)
def test_a_loader_takes_its_request_and_returns_its_answer(
    request_class: Any, loader: Callable[..., Any]
) -> None:
    hints = get_type_hints(loader)
    (answer,) = get_args(request_class.__orig_bases__[0])
    assert (hints["request"], hints["return"]) == (request_class, answer)


UNUSED = cast(Any, None)
ASKER = Asker(UNUSED, datetime(2031, 5, 14, tzinfo=UTC))


class Campaigns:
    async def why_refused(self, campaign: Campaign) -> tuple[Mistake, ...]:
        return ()


def loader(reads: list[str], domains: dict[str, bool] | None = None) -> FactLoader:
    """Return a loader whose only working query notes which campaigns are asked about."""

    def has_unreachable_target(slug: str) -> bool:
        reads.append(slug)
        return slug == "river"

    sources = FactSources(UNUSED, UNUSED, UNUSED, has_unreachable_target, UNUSED, UNUSED)
    resolver = DomainResolver(known=domains)
    core, campaigns = Core(UNUSED, UNUSED, UNUSED, UNUSED), cast(Any, Campaigns())
    return FactLoader(core, sources, resolver, UNUSED, campaigns)


def complete(
    loader: FactLoader, answer: Callable[[Context], Any], loaded: LoadedFacts | None = None
) -> Any:
    """Return what `answer` makes of a context, with the facts that it asks for."""
    context = Context(UNUSED, UNUSED, UNUSED, ASKER.now, 0)
    return loader.complete(
        UNUSED,
        ASKER,
        LoadedFacts() if loaded is None else loaded,
        lambda facts: answer(replace(context, loaded=facts)),
    )


async def test_facts_of_the_transaction_are_loaded_once_each() -> None:
    reads: list[str] = []

    def answer(context: Context) -> tuple[bool, ...]:
        slugs = ("river", "forest", "river")
        return tuple(context.fact(TargetsUnreachable(slug)) for slug in slugs)

    for_staff = loader(reads)
    assert await for_staff.load_outside(StaffHandlers())
    assert complete(for_staff, answer) == (True, False, True)
    assert reads == ["river", "forest"]


async def test_what_answers_staff_is_left_to_the_caller_once() -> None:
    found = loader([])
    assert complete(found, lambda context: context.fact(StaffHandlers())) == StaffHandlers()
    assert await found.load_outside(StaffHandlers()) is True
    assert complete(found, lambda context: context.fact(StaffHandlers())) is True


def test_a_fact_that_takes_long_is_left_to_the_caller() -> None:
    domain = DomainAcceptsMail("mail.example")
    assert complete(loader([]), lambda context: context.fact(domain)) == domain
    outside = LoadedFacts({domain: True})
    assert complete(loader([]), lambda context: context.fact(domain), outside) is True


def test_a_lookup_whose_answer_is_in_memory_is_not_left_to_the_caller() -> None:
    index()  # is loaded when somebody first types a country

    def answer(context: Context) -> tuple[CountryMatches, bool | None]:
        country = context.fact(CountriesMatching("Portugal"))
        return country, context.fact(DomainAcceptsMail("mail.example"))

    found = complete(loader([], {"mail.example": False}), answer)
    assert found == (CountryMatches(("PT",), exact=True), False)


def test_a_country_that_is_misspelled_is_left_to_the_caller() -> None:
    country = CountriesMatching("Portgual")
    assert complete(loader([]), lambda context: context.fact(country)) == country


def test_nothing_is_left_to_the_caller_once_an_attempt_at_a_code_was_counted() -> None:
    loaded = LoadedFacts({CodeAttempt("maria@mail.example", "12345678"): None})
    domain = DomainAcceptsMail("mail.example")
    with pytest.raises(FactMissing):
        complete(loader([]), lambda context: context.fact(domain), loaded)
