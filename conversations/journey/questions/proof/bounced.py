"""The code came back: what is your right email address?"""

from dataclasses import replace

from conversations.core.buttons.journey import OtherAddress
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Keyboard, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import amend, ask
from conversations.journey.questions.proof.address import take_address
from conversations.model.journey import Step
from conversations.text.html import Html
from conversations.text.typed.addresses import readable


class BouncedQuestion(Question):
    """Say that the address takes no mail, and ask for another."""

    step = Step.BOUNCED
    back = Step.ADDRESS

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Name the address."""
        text = context.wording.say("bounced.ask", address=readable(context.journey.answers.typed))
        correct = context.press("button.mend", OtherAddress())
        rows: Keyboard = ((correct,), *context.ways_out())
        return (Ask(with_note(note, text), rows),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take another address."""
        return take_address(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Ask for another address."""
        match button:
            case OtherAddress():
                return amend(context, Step.ADDRESS)
            case _:
                return None


def code_bounced(context: Context) -> Turn:
    """Say that the address takes no mail, if its code is still awaited.

    Where another question interrupts the step, it stays open, and this is asked after it.
    """
    journey = context.journey
    if journey.step is not Step.CODE:
        return Turn(journey)
    answers = replace(journey.answers, address="", typed=journey.answers.address)
    journey = replace(journey, answers=answers)
    if journey.aside:
        return Turn(journey.at(Step.BOUNCED))
    return ask(context.within(journey), Step.BOUNCED)
