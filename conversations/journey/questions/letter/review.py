"""Is this letter right, and may it be sent in your name?"""

from typing import assert_never

from conversations.core.buttons.journey import Cancel, GoTo, SendLetter
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import (
    MAX_MESSAGE_LENGTH,
    Ask,
    ButtonStyle,
    Keyboard,
    Reply,
    Say,
)
from conversations.journey.letters import departure
from conversations.journey.letters.letter_review import present
from conversations.journey.letters.send import send
from conversations.journey.question import Question, with_note
from conversations.journey.transitions import amend, ask
from conversations.model.campaign import Edits
from conversations.model.journey import Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html, length


class ReviewQuestion(Question):
    """Show the whole letter, and what pressing Send agrees to."""

    step = Step.REVIEW
    stage = FunnelStage.REVIEWED
    shows_letter = True
    reminder = "review.reminder"
    adds_reminder = True

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the letter and the agreement, in two messages where one cannot hold them."""
        return letter_with(context, note, _keyboard(context))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Send the letter, or change it."""
        match button:
            case SendLetter():
                return send(context)
            case GoTo(Step.OWN_WORDS | Step.REWRITE as step):
                return ask(context, step)
            case GoTo(Step.CHANGE):
                return amend(context, Step.CHANGE)
            case _:
                return None


def letter_with(context: Context, note: Html | None, keyboard: Keyboard) -> tuple[Reply, ...]:
    """Return the letter and the agreement over `keyboard`."""
    letter, agreement = present(context)
    whole = with_note(note, Html(f"{letter}\n{agreement}"))
    if length(whole) <= MAX_MESSAGE_LENGTH:
        return (Ask(whole, keyboard),)
    return (Say(with_note(note, letter)), Ask(agreement, keyboard))


def _keyboard(context: Context) -> Keyboard:
    press = context.press
    edit: Keyboard
    match context.campaign.edits:
        case Edits.ADD:
            has_words = bool(context.journey.answers.own_words)
            key = "button.own_words_change" if has_words else "button.own_words"
            edit = ((press(key, GoTo(Step.OWN_WORDS)),),)
        case Edits.FREE:
            edit = ((press("button.rewrite", GoTo(Step.REWRITE)),),)
        case Edits.NONE:
            edit = ()
        case unreachable:
            assert_never(unreachable)
    change, cancel = press("button.change", GoTo(Step.CHANGE)), press("button.cancel", Cancel())
    send_it: Keyboard = ((press("button.send", SendLetter(), style=ButtonStyle.SUCCESS),),)
    return (*(send_it if departure.is_possible(context) else ()), *edit, (change, cancel))
