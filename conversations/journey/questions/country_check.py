"""Which of these countries did you mean?"""

from conversations.core.buttons.journey import ChooseCountry, OtherCountry
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import amend, ask, ask_again
from conversations.journey.questions.country import (
    country_button,
    search_country,
    take_country,
    without_candidates,
)
from conversations.model.journey import Step
from conversations.text import countries
from conversations.text.html import Html


class CountryCheckQuestion(Question):
    """Ask which country is meant, where the typed text was not exactly the name of one."""

    step = Step.COUNTRY_CHECK
    back = Step.COUNTRY

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Propose the countries that may be meant."""
        language, candidates = context.journey.language, context.journey.answers.candidates
        another = context.press("button.another", OtherCountry())
        if len(candidates) == 1:
            name = countries.name(candidates[0], language)
            text = context.wording.say("country.check", country=name)
            yes = context.press("button.yes", ChooseCountry(candidates[0]))
            return (Ask(with_note(note, text), ((yes, another), *context.ways_out())),)
        rows = tuple((country_button(context, country),) for country in candidates)
        text = context.wording.say("country.which")
        return (Ask(with_note(note, text), (*rows, (another,), *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take yes, no, or another country."""
        if context.means("words.no", text):
            return ask(without_candidates(context), Step.COUNTRY)
        if not context.means("words.yes", text):
            return search_country(context, text)
        candidates = context.journey.answers.candidates
        if len(candidates) != 1:
            return ask_again(context, context.wording.say("choose.reminder"))
        return take_country(context, candidates[0])

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the country of the button, or none of them."""
        match button:
            case ChooseCountry(country) if country in countries.all_codes():
                return take_country(context, country)
            case OtherCountry():
                return amend(without_candidates(context), Step.COUNTRY)
            case _:
                return None
