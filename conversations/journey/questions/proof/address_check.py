"""Did you mean this other email address?"""

from conversations.core.buttons.journey import TakeSuggestedAddress, TakeTypedAddress
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import ask
from conversations.journey.questions.proof.address import confirm_address, take_address
from conversations.model.journey import Step
from conversations.text.html import Html
from conversations.text.typed.addresses import readable


class AddressCheckQuestion(Question):
    """Ask whether the typed address has a slip."""

    step = Step.ADDRESS_CHECK
    back = Step.ADDRESS

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Suggest an address that is similar, or that was guessed from a text without one."""
        answers = context.journey.answers
        local, _, domain = answers.suggested.rpartition("@")
        text = context.wording.say("address.check", local=local, domain=readable(domain))
        yes = context.press("button.yes", TakeSuggestedAddress())
        no = "button.keep_mine" if answers.typed else "button.other_address"
        mine = context.press(no, TakeTypedAddress())
        return (Ask(with_note(note, text), ((yes, mine), *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take yes, no, or another address."""
        answers = context.journey.answers
        if context.means("words.yes", text):
            return confirm_address(context, answers.suggested, pressed=True)
        if context.means("words.no", text):
            return _keep_typed(context)
        return take_address(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the address that was suggested, or that was typed."""
        match button:
            case TakeSuggestedAddress():
                return confirm_address(context, context.journey.answers.suggested, pressed=True)
            case TakeTypedAddress():
                return _keep_typed(context)
            case _:
                return None


def _keep_typed(context: Context) -> Turn:
    """Take the address as it was typed; ask for another if what was typed is none."""
    typed = context.journey.answers.typed
    return confirm_address(context, typed, pressed=True) if typed else ask(context, Step.ADDRESS)
