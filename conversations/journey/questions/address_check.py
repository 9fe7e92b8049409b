"""Did you mean this other email address?"""

from conversations.core.buttons.journey import TakeSuggestedAddress, TakeTypedAddress
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import Ask, Reply
from conversations.journey.question import Question, with_note
from conversations.journey.questions.address import confirm_address, take_address
from conversations.model.journey import Step
from conversations.text.html import Html
from conversations.text.wording import is_word_of


class AddressCheckQuestion(Question):
    """Ask whether the typed address has a slip."""

    step = Step.ADDRESS_CHECK
    back = Step.ADDRESS

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Suggest an address that differs in a few letters."""
        local, _, domain = context.journey.answers.suggested.rpartition("@")
        text = context.wording.say("address.check", local=local, domain=domain)
        yes = context.press("button.yes", TakeSuggestedAddress())
        mine = context.press("button.keep_mine", TakeTypedAddress())
        return (Ask(with_note(note, text), ((yes, mine), *context.ways_out())),)

    def typed(self, context: Context, text: str) -> Turn:
        """Take yes, no, or another address."""
        answers = context.journey.answers
        if is_word_of("words.yes", text):
            return confirm_address(context, answers.suggested, pressed=True)
        if is_word_of("words.no", text):
            return confirm_address(context, answers.typed, pressed=True)
        return take_address(context, text)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Take the address that was suggested, or that was typed."""
        match button:
            case TakeSuggestedAddress():
                return confirm_address(context, context.journey.answers.suggested, pressed=True)
            case TakeTypedAddress():
                return confirm_address(context, context.journey.answers.typed, pressed=True)
            case _:
                return None
