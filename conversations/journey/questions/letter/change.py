"""Which answer do you want to change?"""

from conversations.core.buttons.journey import Back, GoTo, HideAddress
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Keyboard, Reply
from conversations.journey.question import QUESTIONS, Question
from conversations.journey.questions.address import hide_address, hiding
from conversations.journey.questions.letter.review import letter_with
from conversations.journey.transitions import amend, ask
from conversations.model.journey import Step
from conversations.text.html import Html


class ChangeQuestion(Question):
    """Offer what can be changed, under the letter."""

    step = Step.CHANGE
    back = Step.REVIEW
    shows_letter = True
    reminder = "change.reminder"
    adds_reminder = True

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the letter as in the review, with other buttons."""
        return letter_with(context, note, _keyboard(context))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Ask again what is to be changed."""
        match button:
            case HideAddress(hide):
                return amend(hide_address(context, hide=hide), Step.REVIEW)
            case GoTo(step) if QUESTIONS[step].change_button:
                return ask(context, step)
            case _:
                return None


def _keyboard(context: Context) -> Keyboard:
    """Return the questions that can be asked again, two in a row, and Back."""
    offered = [each for each in QUESTIONS.values() if each.is_changeable(context)]
    buttons = [context.press(each.change_button, GoTo(each.step)) for each in offered]
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return (*rows, *hiding(context), (context.press("button.back", Back()),))
