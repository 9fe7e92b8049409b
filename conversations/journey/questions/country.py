"""In which country do you live?"""

from dataclasses import replace

from conversations.core.buttons.journey import ChooseCountry
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.fact_requests import CountriesMatching
from conversations.core.replies import Ask, Reply, TurnButton
from conversations.journey.question import Question, with_note
from conversations.journey.transitions import ask, forward
from conversations.model.funnel import FunnelStage
from conversations.model.journey import Step
from conversations.text import countries
from conversations.text.html import Html

MAX_COUNTRY_NAME = 100
"""How many characters of a typed text are searched. No country's name is longer, in any language.
"""

_MAX_PROPOSED = 9
"""How many countries have a button."""


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
        rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
        text = with_note(note, context.wording.say("country.ask"))
        return (Ask(text, (*rows, *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take the country that was typed, ask which is meant, or ask again."""
        return search_country(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the country of the button."""
        match button:
            case ChooseCountry(country) if country in countries.all_codes():
                return take_country(context, country, pressed=True)
            case _:
                return None


def country_button(context: Context, country: str) -> TurnButton:
    """Return a button with the flag and the name of a country."""
    name = countries.name(country, context.journey.language)
    return TurnButton(f"{countries.flag(country)} {name}", ChooseCountry(country))


def search_country(context: Context, text: str) -> Turn:
    """Take the country that `text` names, ask which is meant, or ask again."""
    found = context.fact(CountriesMatching(text[:MAX_COUNTRY_NAME]))
    if found.exact:
        return take_country(context, found.codes[0])
    if not found.codes:
        note = context.wording.say("country.unknown")
        return ask(without_candidates(context), Step.COUNTRY, note=note)
    answers = replace(context.journey.answers, candidates=found.codes)
    return ask(context.within(replace(context.journey, answers=answers)), Step.COUNTRY_CHECK)


def take_country(context: Context, country: str, *, pressed: bool = False) -> Turn:
    """Take a country by its code. Another country's risk must be accepted again."""
    answers = context.journey.answers
    accepted = answers.risk_accepted and country == answers.country
    taken = replace(answers, country=country, candidates=(), risk_accepted=accepted)
    name = countries.name(country, context.journey.language)
    closing_text = context.wording.say("country.settled", country=name) if pressed else None
    return forward(context, taken, closing_text=closing_text)


def without_candidates(context: Context) -> Context:
    """Return the context without the countries that were proposed."""
    answers = replace(context.journey.answers, candidates=())
    return context.within(replace(context.journey, answers=answers))
