"""The questions about a new campaign: what its page or template doesn't say, one at a time.

A question has suggestions as buttons, and reads what is typed. Whether the campaign is correct with
an answer is checked afterwards, with the whole campaign (`dialogue`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from conversations.core.context import Context
from conversations.core.fact_requests import CountriesMatching
from conversations.editing.new.files import (
    ORGANISATION,
    language_of,
    story_of,
    title_of,
)
from conversations.editing.new.state import NewCampaign
from conversations.folder.new_campaign import Template
from conversations.folder.page_import.cue_words import is_small_word
from conversations.folder.page_import.page_parts import Part
from conversations.folder.suggestions import find_language
from conversations.model.campaigns.campaign import Campaign
from conversations.text import countries
from conversations.text.languages import offered, own_name
from conversations.text.typed.addresses import Address, read_address
from conversations.text.typed.days import read_day

MAX_SUGGESTIONS = 4
"""With the ways out, as many buttons as a panel has."""

MAX_SLUG = 30

_LIST = re.compile(r"[,;\n、，；]|\s+(?:and|und|y|et|e)\s+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9-]{1,30}")


@dataclass(frozen=True)
class Suggestion:
    """An answer that a button gives."""

    label: str
    value: str


@dataclass(frozen=True)
class Unclear:
    """Why a typed text is no answer, as a key of the catalogue for staff."""

    key: str
    text: str = ""
    """What of the text isn't understood."""


@dataclass(frozen=True)
class Choices:
    """The countries that a typed text may mean."""

    codes: tuple[str, ...]


Read = str | Unclear | Choices
"""The answer as it is stored, or why there is none."""


@dataclass(frozen=True)
class Question:
    """One question."""

    key: str
    """Its name, in `NewCampaign.answers` and in the catalogue: `new.ask_KEY`."""

    read: Callable[[Context, NewCampaign, str], Read]
    """Reads what was typed."""

    suggest: Callable[[Context, NewCampaign], Iterator[Suggestion]]

    applies: Callable[[NewCampaign], bool] = lambda _: True

    can_wait: bool = True
    """Whether a campaign in test mode can do without the answer."""


# --- what is typed --------------------------------------------------------------------------------


def _text(_: Context, __: NewCampaign, text: str) -> Read:
    return text.strip() or Unclear("new.empty")


def _line(_: Context, __: NewCampaign, text: str) -> Read:
    return " ".join(text.split()) or Unclear("new.empty")


def _language(_: Context, __: NewCampaign, text: str) -> Read:
    return find_language(text) or Unclear("new.unknown_language")


def _address(context: Context, _: NewCampaign, text: str) -> Read:
    """Read a mailbox. Test letters must not go to the target."""
    found = read_address(text)
    if not isinstance(found, Address):
        return Unclear("new.no_address")
    if str(found).lower() == context.deployment.test_address.lower():
        return Unclear("new.test_address")
    return str(found)


def _web_address(_: Context, __: NewCampaign, text: str) -> Read:
    typed = "".join(text.split())
    return typed if "://" in typed else f"https://{typed}"


def _country(context: Context, _: NewCampaign, text: str) -> Read:
    found = context.fact(CountriesMatching(text.strip()))
    if found.exact:
        return found.codes[0]
    codes = tuple(dict.fromkeys((*found.codes, *found.less_likely)))[:MAX_SUGGESTIONS]
    return Choices(codes) if codes else Unclear("new.unknown_country", text.strip())


def _countries(context: Context, _: NewCampaign, text: str) -> Read:
    """Read a list of countries, each of which must be clear: a wrong one is not warned."""
    codes: list[str] = []
    for piece in (each.strip(" .") for each in _LIST.split(text)):
        if not piece:
            continue
        found = context.fact(CountriesMatching(piece))
        if not found.exact:
            return Unclear("new.unknown_country", piece)
        codes += found.codes
    return ",".join(dict.fromkeys(codes)) or Unclear("new.empty")


def _kind(_: Context, __: NewCampaign, text: str) -> Read:
    known = (*Template, ORGANISATION)
    return next((each for each in known if each == text.strip().lower()), Unclear("new.tap"))


def _day(context: Context, _: NewCampaign, text: str) -> Read:
    found = read_day(text, context.now.date(), context.wording.language)
    if found is None:
        return Unclear("new.no_day")
    return found.isoformat() if found > context.now.date() else Unclear("new.past")


def _slug(context: Context, _: NewCampaign, text: str) -> Read:
    slug = "-".join(text.lower().split())
    if not _SLUG.fullmatch(slug):
        return Unclear("new.no_slug")
    return Unclear("new.taken", slug) if slug in context.deployment.campaigns else slug


# --- suggestions ----------------------------------------------------------------------------------


def _nothing(_: Context, __: NewCampaign) -> Iterator[Suggestion]:
    yield from ()


def _languages(context: Context, _: NewCampaign) -> Iterator[Suggestion]:
    own = context.journey.language
    for tag in dict.fromkeys((*((own,) if own in offered() else ()), "en", "es", "fr")):
        yield Suggestion(own_name(tag), tag)


def _kinds(context: Context, _: NewCampaign) -> Iterator[Suggestion]:
    for kind in (*Template, ORGANISATION):
        yield Suggestion(context.wording.label(f"button.new_{kind}"), kind)


def _chosen_countries(context: Context, state: NewCampaign) -> Iterator[Suggestion]:
    known = dict.fromkeys(target.country for each in _others(context) for target in each.targets)
    for code in state.choices or tuple(known)[:2]:
        yield Suggestion(countries.name(code, context.wording.language), code)


def _nobody(context: Context, _: NewCampaign) -> Iterator[Suggestion]:
    yield Suggestion(context.wording.label("button.new_nobody"), "")


def _story(context: Context, state: NewCampaign) -> Iterator[Suggestion]:
    if story := story_of(state):
        yield Suggestion(context.wording.label("button.new_story"), story)


def _title(context: Context, state: NewCampaign) -> Iterator[Suggestion]:
    if title := title_of(state):
        yield Suggestion(context.wording.label("button.new_title"), title)


def _same(key: str) -> Callable[[Context, NewCampaign], Iterator[Suggestion]]:
    """Return what suggests the values that other campaigns have for a key."""

    def suggest(context: Context, _: NewCampaign) -> Iterator[Suggestion]:
        found = dict.fromkeys(getattr(each, key) for each in _others(context))
        for value in tuple(found)[:2]:
            yield Suggestion(value, value)

    return suggest


def _others(context: Context) -> Iterator[Campaign]:
    yield from reversed(tuple(context.deployment.campaigns.values()))


def _in_a_year(context: Context, _: NewCampaign) -> Iterator[Suggestion]:
    day = next_year(context.now.date())
    yield Suggestion(context.wording.day(day), day.isoformat())


def next_year(today: date) -> date:
    """Return the last day of this month, a year later."""
    year, month = today.year + 1, today.month
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _slugs(context: Context, state: NewCampaign) -> Iterator[Suggestion]:
    slug = propose_slug(title_of(state), language_of(state))
    taken = context.deployment.campaigns
    numbered = (slug, *(f"{slug[: MAX_SLUG - 3]}-{number}" for number in range(2, 99)))
    free = next(each for each in numbered if each not in taken)
    yield Suggestion(free, free)


def propose_slug(title: str, language: str) -> str:
    """Return a short name for links: the title, or as many of its words as fit, without the small
    ones.
    """
    folded = unicodedata.normalize("NFKD", title.replace("'", "").replace("’", "")).lower()
    latin = "".join(char for char in folded if not unicodedata.combining(char))
    words = [each for each in _NOT_SLUG.split(latin) if each]
    slug = "-".join(words)
    if 0 < len(slug) <= MAX_SLUG:
        return slug
    slug = ""
    for word in [each for each in words if not is_small_word(each, language)] or words:
        longer = f"{slug}-{word}" if slug else word[:MAX_SLUG]
        if len(longer) > MAX_SLUG:
            break
        slug = longer
    return slug or "campaign"


# --- the questions --------------------------------------------------------------------------------


def _lacks(part: Part) -> Callable[[NewCampaign], bool]:
    return lambda state: all(each.part is not part for each in state.placed)


def _is_from_page(state: NewCampaign) -> bool:
    return bool(state.placed)


QUESTIONS: tuple[Question, ...] = (
    Question("language", _language, _languages, lambda state: not state.language, can_wait=False),
    Question("title", _line, _nothing, _lacks(Part.TITLE), can_wait=False),
    Question("story", _text, _nothing, _lacks(Part.STORY)),
    Question("ask", _text, _nothing, _lacks(Part.ASK)),
    Question("demands", _text, _nothing, _lacks(Part.DEMANDS)),
    Question("kind", _kind, _kinds, _is_from_page, can_wait=False),
    Question("target", _line, _nothing, can_wait=False),
    Question("address", _address, _nothing),
    Question("country", _country, _chosen_countries, can_wait=False),
    Question("at_risk", _countries, _nobody, can_wait=False),
    Question("subject", _line, _title),
    Question("letter", _text, _story),
    Question("organisation", _line, _same("organisation")),
    Question("postal", _text, _nothing),
    Question("contact", _address, _same("contact")),
    Question("official_page", _web_address, _same("official_page")),
    Question("privacy_policy", _web_address, _same("privacy_policy")),
    Question("keep_until", _day, _in_a_year, can_wait=False),
    Question("slug", _slug, _slugs, can_wait=False),
)
"""All questions, in the order in which they are asked."""


def questions_of(state: NewCampaign) -> tuple[Question, ...]:
    """Return the questions that this campaign needs."""
    return tuple(each for each in QUESTIONS if each.applies(state))


def open_question(state: NewCampaign) -> Question | None:
    """Return the question that is asked now; None if all are answered."""
    done = {*state.answers, *state.later}
    return next((each for each in questions_of(state) if each.key not in done), None)


def suggestions(context: Context, state: NewCampaign, question: Question) -> list[Suggestion]:
    """Return the suggestions of a question, at most as many as there is room for."""
    found = [*question.suggest(context, state)]
    return found[:MAX_SUGGESTIONS]
