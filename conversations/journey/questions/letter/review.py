"""Is this letter right, and may it be sent in your name?"""

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
from conversations.journey.flow.question import Question, with_note
from conversations.journey.flow.transitions import amend, ask
from conversations.journey.letters import departure
from conversations.journey.letters.letter_review import present, several_note
from conversations.journey.letters.send import send
from conversations.journey.questions.letter.own_words import listed, prompts
from conversations.model.journey import Step
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html, length
from conversations.text.wording import raw


class ReviewQuestion(Question):
    """Show the whole letter, and what pressing Send agrees to."""

    step = Step.REVIEW
    stage = FunnelStage.REVIEWED
    shows_letter = True
    reminder = "review.reminder"
    adds_reminder = True

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the letter and the agreement, in two messages where one cannot hold them.

        The first review also offers the campaign's prompts for words of one's own.
        """
        return letter_with(context, note, _keyboard(context), _offer(context))

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Send the letter, or change it."""
        match button:
            case SendLetter():
                return send(context)
            case GoTo(Step.CHANGE):
                return amend(context, Step.CHANGE)
            case GoTo(Step.OWN_WORDS) if prompts(context):
                return ask(context, Step.OWN_WORDS)
            case _:
                return None


def letter_with(
    context: Context, note: Html | None, keyboard: Keyboard, offer: Html | None = None
) -> tuple[Reply, ...]:
    """Return the letter and the agreement over `keyboard`, with an `offer` below the agreement."""
    letter, agreement = present(context)
    if offer is not None:
        agreement = Html(f"{agreement}\n\n{offer}")
    recipients = several_note(context)
    if recipients not in letter:  # it would be too long
        return (Say(with_note(note, recipients)), Say(letter), Ask(agreement, keyboard))
    whole = with_note(note, Html(f"{letter}\n{agreement}"))
    if length(whole) <= MAX_MESSAGE_LENGTH:
        return (Ask(whole, keyboard),)
    return (Say(with_note(note, letter)), Ask(agreement, keyboard))


def _keyboard(context: Context) -> Keyboard:
    """Return two rows, so that letter, agreement and buttons fit a phone's screen."""
    change, cancel = (
        context.press("button.change", GoTo(Step.CHANGE)),
        context.press("button.cancel", Cancel()),
    )
    if not departure.is_possible(context):
        return ((change, cancel),)
    send_it = context.press("button.send", SendLetter(), style=ButtonStyle.SUCCESS)
    if _offers_prompts(context):
        own_words = context.press("button.own_words", GoTo(Step.OWN_WORDS))
        return ((send_it,), (own_words,), (change, cancel))
    return ((send_it,), (change, cancel))


def _offers_prompts(context: Context) -> bool:
    """Whether this review offers the campaign's prompts: only the first one does."""
    reviewed = context.journey.reviewed
    return reviewed is not None and reviewed.is_first and bool(prompts(context))


def _offer(context: Context) -> Html | None:
    """Return the offer of the campaign's prompts, in the review that makes it."""
    if not _offers_prompts(context):
        return None
    return context.wording.say("own_words.offer", prompts=raw(listed(prompts(context))))
