"""How a journey moves: ask a question, interrupt it, repeat it, or end the journey."""

from collections.abc import Iterable
from dataclasses import replace

from conversations.core.buttons.persistent import ClearMessages
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import DropCode, DropReminder, ErasePerson
from conversations.core.effects.letters import CorrectAddress
from conversations.core.effects.stats import CountStage
from conversations.core.facts import ActionTaken
from conversations.core.replies import (
    Ask,
    ClosePrompt,
    EditMessage,
    EditPrompt,
    Keyboard,
    PersistentButton,
    Reply,
    Say,
)
from conversations.core.turns import close_prompt, show
from conversations.journey.after_letter import reminder_offer
from conversations.journey.flow import aside_prompts, step_numbers
from conversations.journey.flow.question import QUESTIONS, Question, first_missing
from conversations.journey.letters import copies
from conversations.journey.letters.letter_review import reviewed
from conversations.journey.personal_data import erasure
from conversations.model.journey import (
    IN_CAMPAIGN,
    UNDER_WAY,
    Answers,
    Aside,
    Journey,
    Place,
    Step,
)
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html

_FUNNEL = tuple(FunnelStage)

# --- asking ---------------------------------------------------------------------------------------


def current_question(context: Context) -> Question:
    """Return the question of the journey's step."""
    return QUESTIONS[context.journey.step]


def waits_for_text(context: Context) -> bool:
    """Return whether a letter is under way whose open question takes a typed text."""
    return context.journey.step in UNDER_WAY and current_question(context).takes_text


def prompt(context: Context, note: Html | None = None) -> tuple[Reply, ...]:
    """Return the messages of the question that the journey waits for, with `note` above it.

    If it waits for nothing, they say what the chat can do. The questions of a campaign that is
    gone cannot be asked any more.
    """
    journey = context.journey
    needs_campaign = journey.aside not in (Aside.FORGET, Aside.LANGUAGE)
    is_gone = journey.campaign not in context.deployment.campaigns
    if journey.step in IN_CAMPAIGN and needs_campaign and is_gone:
        is_unserved = journey.campaign in context.deployment.unserved
        key = "campaign.unserved" if is_unserved else "campaign.closed"
        return (Say(note or context.wording.say(key)),)
    if journey.aside:
        return (aside_prompts.prompt(context, journey.aside, note),)
    return current_question(context).prompt(context, note)


def ask(
    context: Context,
    place: Place,
    *,
    note: Html | None = None,
    closing_text: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Ask `place` in a new message. The open prompt loses its buttons, becomes `closing_text`."""
    context, counted = _arrive(context, place)
    replies = (*close_prompt(context, closing_text), *prompt(context, note))
    return Turn(context.journey, replies, (*effects, *counted))


def amend(
    context: Context,
    place: Place,
    *,
    note: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Ask `place` in the message of the open prompt: nothing new appears in the chat.

    A letter in a message of its own above the prompt stays there only while it is still the same,
    and has no new `note` above it.
    """
    shown = context.journey.reviewed if current_question(context).shows_letter else None
    context, counted = _arrive(context, place)
    is_same = shown is not None and shown == context.journey.reviewed
    keeps_letter = QUESTIONS[context.journey.step].shows_letter and is_same and note is None
    *before, last = prompt(context, note)
    if not isinstance(last, Ask) or (before and not keeps_letter):
        replies: tuple[Reply, ...] = (*close_prompt(context), *before, last)
    else:
        replies = (EditPrompt(last.text, last.keyboard),)
    return Turn(context.journey, replies, (*effects, *counted))


def forward(
    context: Context,
    answers: Answers,
    *,
    mailed: bool = False,
    note: Html | None = None,
    closing_text: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Store `answers` and ask the first question that is missing, or show the review.

    `note` is above that question. The code is asked for only where one was `mailed`; otherwise the
    address is, which mails one.
    """
    context = context.within(replace(context.journey, answers=answers))
    place = first_missing(context)
    if place is None and context.journey.corrects:
        return _correct_address(context)
    if place is Step.CODE and not mailed:
        place = Step.ADDRESS
    return ask(context, place or Step.REVIEW, note=note, closing_text=closing_text, effects=effects)


def _correct_address(context: Context) -> Turn:
    """End the journey: the action gets the right address, and the copy of its letter goes there."""
    journey, wording = context.journey, context.wording
    if journey.corrects not in {acted.action for acted in context.facts.actions}:
        return end(context, wording.say("toast.gone"))
    copy = copies.queue(context, journey.corrects, journey.campaign)
    effects = (CorrectAddress(journey.corrects, journey.answers.address), copy)
    return end(context, wording.say("copy.mended"), effects=effects)


# --- asking again ---------------------------------------------------------------------------------


def ask_again(context: Context, note: Html) -> Turn:
    """Ask the open question again, with `note` above it; just say `note` where none is open."""
    if context.journey.asked == 0:
        return show(context, note)
    return Turn(*repeat_question(context, note))


def repeat_question(
    context: Context, note: Html | None = None
) -> tuple[Journey, tuple[Reply, ...]]:
    """Return the journey and the messages that ask the open question again.

    A review shows, and Send then agrees to, the letter as it is now.
    """
    journey = context.journey
    if (
        current_question(context).shows_letter
        and journey.aside is None
        and journey.campaign in context.deployment.campaigns
    ):
        journey = replace(journey, reviewed=reviewed(context))
    return journey, (*close_prompt(context), *prompt(context.within(journey), note))


def remind(context: Context, note: Html) -> Turn:
    """Say `note`, and remind of the open question: repeat it, or name it if it is long."""
    question = current_question(context)
    if context.journey.aside or not question.adds_reminder:
        return ask_again(context, note)
    reminded = Html(f"{note}\n\n{context.wording.say(question.reminder)}")
    return show(context, reminded) if question.shows_letter else ask_again(context, reminded)


# --- interrupting and ending ----------------------------------------------------------------------


def interrupt(
    context: Context,
    aside: Aside,
    *,
    pressed: bool = False,
    campaign: str = "",
    source: str = "",
) -> Turn:
    """Interrupt the step with `aside`, in the message of the open prompt if it was `pressed`."""
    journey = replace(
        context.journey,
        aside=aside,
        aside_campaign=campaign,
        aside_source=source,
    )
    context = context.within(journey)
    (asked,) = prompt(context)
    if pressed and isinstance(asked, Ask):
        return Turn(journey, (EditPrompt(asked.text, asked.keyboard),))
    return Turn(journey, (*close_prompt(context), asked))


def end(
    context: Context,
    text: Html,
    keyboard: Keyboard = (),
    *,
    pressed: bool = False,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """End the journey, forget its answers, and say `text`, in place of the prompt if `pressed`."""
    journey = Journey(
        id=context.journey.id,
        language=context.journey.language,
        turn=context.journey.turn,
        asked=context.journey.asked,
        clear_after=context.journey.clear_after,
        typed=context.journey.typed,
    )
    effects = (*effects, *effects_of_leaving(context))
    if pressed:
        return Turn(journey, (ClosePrompt(text, keyboard),), effects)
    return Turn(journey, (*close_prompt(context), Say(text, keyboard)), effects)


def end_as_cleared(context: Context) -> Turn:
    """End the journey of a person who wrote in this campaign before the chat was cleared."""
    return end(context, context.wording.say("acted.cleared"))


def cancel(context: Context, *, pressed: bool = False) -> Turn:
    """End the journey because the supporter cancels; a letter that only lacks its copy was sent.

    Who has no time now is offered a reminder.
    """
    key = "copy.cancelled" if context.journey.corrects else "cancel.done"
    text, keyboard = context.wording.say(key), reminder_offer.offer(context)
    return end(context, text, keyboard, pressed=pressed, effects=(DropReminder(),))


def erase(context: Context) -> Turn:
    """Erase everything about this person, and offer to clear the messages of the chat.

    Messages that say that a letter will leave now say that it was withdrawn. Raises FactMissing.
    """
    wording = context.wording
    withdrawn = withdrawn_messages(context, context.facts.actions)
    clear = PersistentButton(wording.label("button.clear"), ClearMessages())
    text = context.with_original(erasure.confirmation, "forget.done", *erasure.KEYS)
    turn = end(context, text, ((clear,),), effects=(ErasePerson(),))
    return replace(turn, replies=(*withdrawn, *turn.replies))


def withdrawn_messages(context: Context, actions: Iterable[ActionTaken]) -> tuple[EditMessage, ...]:
    """Return edits of the messages about `actions` with letters that have not left: they won't."""
    return tuple(
        EditMessage(withdrawn_text(context, acted), message=acted.message)
        for acted in actions
        if acted.message and acted.waiting
    )


def withdrawn_text(context: Context, acted: ActionTaken) -> Html:
    """Return what replaces the status once the letters that wait are withdrawn."""
    total = len(acted.letters)
    if left := total - len(acted.waiting):
        return context.wording.say("several.undone", left=left, total=total)
    return context.wording.say("undo.done")


def effects_of_leaving(context: Context) -> tuple[Effect, ...]:
    """Return what must happen when the journey is given up: its code is no longer mailed."""
    answers = context.journey.answers
    return (DropCode(),) if answers.address and not answers.proved else ()


# --- arriving at a step ---------------------------------------------------------------------------


def _arrive(context: Context, place: Place) -> tuple[Context, tuple[Effect, ...]]:
    """Move to `place`: freeze the letter that is shown, and count a stage that is reached first.

    No question of a letter is asked before the warning about countries at risk.
    """
    step, asked = (place, "") if isinstance(place, Step) else (place.step, place.question)
    exists = context.journey.campaign in context.deployment.campaigns
    if step in UNDER_WAY and exists and QUESTIONS[Step.WARNING].is_missing(context):
        step, place, asked = Step.WARNING, Step.WARNING, ""
    question = QUESTIONS[step]
    asks = step_numbers.asked(context, place) if exists else context.journey.asks
    journey = replace(context.journey.without_aside(), step=step, question=asked, asks=asks)
    if step is Step.WARNING:
        named = context.campaign.at_risk
        journey = replace(journey, answers=replace(journey.answers, named=named))
    context = context.within(journey)
    frozen = reviewed(context) if question.shows_letter else journey.reviewed
    counted = _counts(context, question.stage)
    reached = counted[-1].stage if counted else journey.reached
    return context.within(replace(journey, reviewed=frozen, reached=reached)), counted


def _counts(context: Context, stage: FunnelStage | None) -> tuple[CountStage, ...]:
    """Count `stage` and the skipped stages before it, so that the funnel never widens.

    In test mode nothing is counted, nor is a reminder, whose writer is counted already.
    """
    journey = context.journey
    if stage is None or journey.reminds or context.tests(journey.campaign):
        return ()
    first = _FUNNEL.index(FunnelStage(journey.reached)) + 1 if journey.reached else 0
    return tuple(
        CountStage(each, journey.campaign, journey.source)
        for each in _FUNNEL[first : _FUNNEL.index(stage) + 1]
    )
