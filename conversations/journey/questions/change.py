"""Which answer do you want to change?"""

from conversations.core.buttons.journey import Back, GoTo
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Keyboard, Reply
from conversations.journey.letter_review import changeable, may_type_subject
from conversations.journey.question import Question
from conversations.journey.questions.review import letter_with
from conversations.journey.transitions import ask
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
            case GoTo(Step.NAME | Step.COUNTRY | Step.ADDRESS | Step.SUBJECT as step):
                return ask(context, step)
            case _:
                return None


def _keyboard(context: Context) -> Keyboard:
    press, campaign = context.press, context.campaign
    has_subjects = changeable(campaign, context.journey.answers, context.journey.language)
    can_change_subject = has_subjects or may_type_subject(campaign)
    subject = (press("button.subject", GoTo(Step.SUBJECT)),) if can_change_subject else ()
    return (
        (press("button.name", GoTo(Step.NAME)), press("button.country", GoTo(Step.COUNTRY))),
        (press("button.address", GoTo(Step.ADDRESS)), *subject),
        (press("button.back", Back()),),
    )
