"""Which answer do you want to change?"""

from typing import assert_never

from conversations.core.button_rows import paired
from conversations.core.buttons.journey import Back, GoTo, HideAddress
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Keyboard, Reply
from conversations.journey.question import QUESTIONS, Question
from conversations.journey.questions.address import hide_address, hiding
from conversations.journey.questions.letter.review import letter_with
from conversations.journey.transitions import amend, ask
from conversations.model.campaign import Edits
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
            case GoTo(Step.OWN_WORDS | Step.REWRITE as step):
                return ask(context, step)
            case GoTo(step) if QUESTIONS[step].change_button:
                return ask(context, step)
            case _:
                return None


def _keyboard(context: Context) -> Keyboard:
    """Return the own words, the questions that can be asked again, two in a row, and Back."""
    offered = [each for each in QUESTIONS.values() if each.is_changeable(context)]
    buttons = [context.press(each.change_button, GoTo(each.step)) for each in offered]
    return (
        *_words(context),
        *paired(buttons),
        *hiding(context),
        (context.press("button.back", Back()),),
    )


def _words(context: Context) -> Keyboard:
    """Return the button that adds to the letter or rewrites it, as far as the campaign allows."""
    match context.campaign.edits:
        case Edits.ADD:
            has_words = bool(context.journey.answers.own_words)
            key = "button.own_words_change" if has_words else "button.own_words"
            return ((context.press(key, GoTo(Step.OWN_WORDS)),),)
        case Edits.FREE:
            return ((context.press("button.rewrite", GoTo(Step.REWRITE)),),)
        case Edits.NONE:
            return ()
        case unreachable:
            assert_never(unreachable)
