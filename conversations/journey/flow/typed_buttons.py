"""Texts that mean a button: its label, or “cancel”, “back” and “skip” in each language."""

from dataclasses import replace

from conversations.core.context import Context, Turn
from conversations.core.replies import (
    Ask,
    ClosePrompt,
    EditPrompt,
    Reply,
    Say,
    Toast,
    TurnButton,
)
from conversations.journey import commands
from conversations.journey.after_letter import reminder_offer, reminders
from conversations.journey.flow.transitions import ask, ask_again, current_question, prompt
from conversations.model.journey import Step
from conversations.text.html import escape
from conversations.text.word_lists import fold

_NEEDED = frozenset({Step.NAME, Step.COUNTRY, Step.ADDRESS, Step.CODE})
"""Questions without whose answer no letter can be sent."""

_NAMES = frozenset({Step.NAME, Step.COUNTRY})
"""Questions to which a word of another language is more likely a name, such as Salta."""

_OPTIONAL = frozenset({Step.OWN_WORDS, Step.REWRITE, Step.SUBJECT})
"""Questions that need no answer: “no” and “skip” lead back, “yes” is no answer."""


def answer_word(context: Context, text: str) -> Turn | None:
    """Answer “cancel”, “back”, “skip” or “later”; None for any other text. Raises FactMissing."""
    question = current_question(context)
    is_optional = question.step in _OPTIONAL
    back = question.back_to(context)
    if context.means("words.cancel", text):
        return commands.answer(context, "cancel")
    if back and context.means("words.back", text):
        return ask(context, back)
    if (
        is_optional
        and back
        and (context.means("words.skip", text) or context.means("words.no", text))
    ):
        return ask(context, back)
    if is_optional and context.means("words.yes", text):
        return ask_again(context, context.wording.say(f"{question.step}.problem.empty"))
    is_name = question.step in _NAMES
    if reminder_offer.is_possible(context) and context.means("words.later", text, only_own=is_name):
        return reminders.ask(context)
    if question.step in _NEEDED and context.means("words.skip", text, only_own=is_name):
        return ask_again(context, context.wording.say("other.no_skip"))
    return None


def button_typed(context: Context, text: str) -> TurnButton | None:
    """Return the button of the open question whose label was typed; None if there is none.

    A letter that is shown can only be sent by pressing: typing the label agrees to nothing.
    """
    if context.journey.asked == 0 or current_question(context).shows_letter:
        return None
    folded = fold(text)
    asked = [reply.keyboard for reply in prompt(context) if isinstance(reply, Ask)]
    buttons = (
        button
        for keyboard in (*asked, current_question(context).other_buttons(context))
        for row in keyboard
        for button in row
        if isinstance(button, TurnButton)
    )
    return next((button for button in buttons if fold(button.label) == folded), None)


def in_new_messages(turn: Turn) -> Turn:
    """Return a button's turn for a text that means it: nothing is edited, and no toast is shown."""
    return replace(turn, replies=tuple(new for reply in turn.replies for new in _new(reply)))


def _new(reply: Reply) -> tuple[Reply, ...]:
    match reply:
        case EditPrompt(text, keyboard):
            return (ClosePrompt(), Ask(text, keyboard))
        case Toast(text):
            return (Say(escape(text)),)
        case _:
            return (reply,)
