"""In which country do you live?"""

from collections.abc import Collection
from dataclasses import replace

from conversations.core.button_rows import paired
from conversations.core.buttons.journey import ChooseCountry
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.fact_requests import CountriesMatching
from conversations.core.replies import Ask, Reply, TurnButton
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.step_numbers import number
from conversations.journey.flow.transitions import ask, forward
from conversations.model.journey import Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text import countries
from conversations.text.countries import CountryMatches
from conversations.text.html import Html
from conversations.text.wording import raw

MAX_COUNTRY_NAME = 100
"""How many characters of a typed text are searched. No country's name is longer, in any language.
"""

_MAX_PROPOSED = 5
"""How many countries have a button."""

_MAX_CANDIDATES = 4
"""How many countries are proposed for a typed text."""

_MAX_CODE = 3
"""How many characters a code of a country has."""


class CountryQuestion(Question):
    """Ask for the country that the supporter writes from."""

    step = Step.COUNTRY
    back = Step.NAME
    change_button = "button.country"
    stage = FunnelStage.NAMED

    def is_missing(self, context: Context) -> bool:
        """Return whether no country was given."""
        return not context.journey.answers.country and not context.journey.corrects

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Propose the campaign's likely countries, and the one that was given before."""
        given = context.journey.answers.country
        likely = dict.fromkeys(filter(None, (given, *context.campaign.likely_countries)))
        buttons = [country_button(context, country) for country in [*likely][:_MAX_PROPOSED]]
        asked = context.wording.say("country.ask", step=raw(number(context, self.step)))
        text = with_note(note, asked)
        return (Ask(text, (*paired(buttons), *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take the country that was typed, ask which is meant, or ask again."""
        return search_country(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the country of the button."""
        match button:
            case ChooseCountry(country) if country in countries.all_codes():
                return take_country(context, country)
            case _:
                return None


def country_button(context: Context, country: str) -> TurnButton:
    """Return a button with the flag and the name of a country."""
    name = countries.name(country, context.journey.language)
    return TurnButton(f"{countries.flag(country)} {name}", ChooseCountry(country))


def search_country(context: Context, text: str) -> Turn:
    """Take the country that `text` names, ask which is meant, or ask again."""
    found = context.fact(CountriesMatching(text[:MAX_COUNTRY_NAME]))
    candidates = _candidates(found, context.campaign.at_risk)
    if found.exact and candidates == found.codes:
        return take_country(context, found.codes[0])
    if not candidates:
        is_code = len(text.strip()) <= _MAX_CODE
        note = context.wording.say("country.full_name" if is_code else "country.unknown")
        return ask(without_candidates(context), Step.COUNTRY, note=note)
    answers = replace(context.journey.answers, candidates=candidates)
    return ask(context.within(replace(context.journey, answers=answers)), Step.COUNTRY_CHECK)


def take_country(context: Context, country: str) -> Turn:
    """Take a country by its code. Another country's risk must be accepted again."""
    answers = context.journey.answers
    if country != answers.country:
        answers = own_questions.without_postcodes(context, answers)
    accepted = answers.risk_accepted and country == answers.country
    taken = replace(answers, country=country, candidates=(), risk_accepted=accepted)
    return forward(context, taken)


def country_said_back(context: Context) -> Html | None:
    """Return the country, for the top of the next question, whose Back leads to this one."""
    country = context.journey.answers.country
    if not country:
        return None
    name = countries.name(country, context.journey.language)
    return context.wording.say("country.said_back", country=name)


def _candidates(found: CountryMatches, at_risk: Collection[str]) -> tuple[str, ...]:
    """Return the countries to propose. Those at risk always are, so that no code that people use
    for two countries leads past the warning.
    """
    endangered = [code for code in (*found.codes, *found.less_likely) if code in at_risk]
    likely = [code for code in found.codes if code not in at_risk]
    kept = {*endangered, *likely[: max(0, _MAX_CANDIDATES - len(endangered))]}
    return tuple(code for code in (*found.codes, *found.less_likely) if code in kept)


def without_candidates(context: Context) -> Context:
    """Return the context without the countries that were proposed."""
    answers = replace(context.journey.answers, candidates=())
    return context.within(replace(context.journey, answers=answers))
