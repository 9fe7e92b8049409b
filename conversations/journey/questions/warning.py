"""Do you want to write this letter, although it may endanger people in some places?"""

from dataclasses import replace

from conversations.core.buttons.journey import AcceptRisk, Cancel, TakePartUnnamed
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.buttons.persistent import ClearMessages
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Keyboard, PersistentButton, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import end, forward
from conversations.journey.letters.recipients import names, recipients
from conversations.journey.questions.at_risk import share_instead
from conversations.model.journey import Step
from conversations.text import countries
from conversations.text.html import Html


class WarningQuestion(Question):
    """Warn everyone in a campaign with countries at risk, before anything is typed."""

    step = Step.WARNING
    back = Step.WELCOME
    reminder = "risk.reminder"

    def is_missing(self, context: Context) -> bool:
        """Return whether a country at risk was not named in a warning that was read."""
        answers = context.journey.answers
        unnamed = set(context.campaign.at_risk) - set(answers.warned)
        return bool(unnamed) and not context.journey.corrects

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Name the places; the ways out come before the way on."""
        press = context.press
        rows: Keyboard = (
            (press("button.without_name", TakePartUnnamed()),),
            (press("button.stop", Cancel()),),
            (press("button.go_on", AcceptRisk()),),
        )
        return (Ask(with_note(note, context.with_original(warning, "warning.ask")), rows),)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Share the campaign without a name, stop, or go on."""
        match button:
            case TakePartUnnamed():
                return share_instead(context)
            case Cancel():
                clear = PersistentButton(context.wording.label("button.clear"), ClearMessages())
                return end(context, context.say_with_original("warning.stopped"), ((clear,),))
            case AcceptRisk():
                answers = context.journey.answers
                return forward(context, replace(answers, warned=answers.named, named=()))
            case _:
                return None


def warning(context: Context) -> Html:
    """Return the warning: who should not sign, and who gets the name."""
    campaign, language = context.campaign, context.wording.reads
    places = [countries.name(code, language) for code in campaign.at_risk]
    wording, country = context.wording, context.journey.answers.country
    target = names(recipients(context) or (campaign.target_for(country),), wording)
    return wording.say("warning.ask", places=wording.either(places), target=target)
