"""How an answer is put together: a question asked, a prompt amended, a word said in between."""

from collections.abc import Iterable
from dataclasses import replace

from conversations.core.buttons.journey import ClearMessages
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import DropCode, ErasePerson
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
    Toast,
)
from conversations.journey import copies, prompts
from conversations.journey.letter_review import reviewed
from conversations.journey.play import missing
from conversations.model.delivery import WITHDRAWABLE
from conversations.model.funnel import FunnelStage
from conversations.model.journey import (
    Answers,
    Aside,
    Journey,
    Reviewed,
    Step,
)
from conversations.text.html import Html

_REVIEW = (Step.REVIEW, Step.CHANGE)

# The stage that someone has reached who is asked for this.
_STAGE = {
    Step.WELCOME: FunnelStage.OPENED,
    Step.NAME: FunnelStage.BEGAN,
    Step.COUNTRY: FunnelStage.NAMED,
    Step.AT_RISK: FunnelStage.COUNTRY,
    Step.ADDRESS: FunnelStage.COUNTRY,
    Step.CODE: FunnelStage.ADDRESS,
    Step.REVIEW: FunnelStage.REVIEWED,
}
_ORDER = tuple(FunnelStage)


def ask(
    context: Context,
    step: Step,
    *,
    note: Html | None = None,
    settle: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Close the open prompt, with `settle` in its place, and ask for `step`."""
    context, counted = _arrive(context, step)
    replies = (*closing(context, settle), *prompts.prompt(context, note))
    return Turn(context.journey, replies, (*effects, *counted))


def amend(
    context: Context,
    step: Step,
    *,
    note: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Ask for `step` in the message of the open prompt: nothing new appears in the chat."""
    turned = context.journey.step in _REVIEW and step in _REVIEW
    context, counted = _arrive(context, step)
    *before, last = prompts.prompt(context, note)
    if not isinstance(last, Ask) or (before and not turned):
        replies: tuple[Reply, ...] = (*closing(context), *before, last)
    else:
        replies = (EditPrompt(last.text, last.keyboard),)
    return Turn(context.journey, replies, (*effects, *counted))


def forward(
    context: Context,
    answers: Answers,
    *,
    mailed: bool = False,
    settle: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Keep `answers` and ask for the first that is missing, or show the review.

    A code is asked for only where one was `mailed`; else the address is, which mails one.
    """
    context = context.within(replace(context.journey, answers=answers))
    step = missing(context)
    if step is Step.REVIEW and context.journey.mends:
        return _mended(context)
    if step is Step.CODE and not mailed:
        step = Step.ADDRESS
    return ask(context, step, settle=settle, effects=effects)


def _mended(context: Context) -> Turn:
    """End the journey: the action has the right address, and the copy goes there."""
    journey, wording = context.journey, context.wording
    if journey.mends not in {acted.action for acted in context.facts.actions}:
        return rest(context, wording.say("toast.gone"))
    mends = (CorrectAddress(journey.mends, journey.answers.address), copies.queue(context))
    return rest(context, wording.say("copy.mended"), effects=mends)


def again(context: Context, note: Html) -> Turn:
    """Ask the same again, with `note` above it."""
    if context.journey.asked == 0:
        return show(context, note)
    return Turn(*asked_again(context, note))


def asked_again(context: Context, note: Html | None = None) -> tuple[Journey, tuple[Reply, ...]]:
    """Return the open question, asked anew. A review shows, and holds, the letter as it is now."""
    journey = context.journey
    if (
        journey.step in _REVIEW
        and journey.aside is None
        and journey.campaign in context.deployment.campaigns
    ):
        journey = replace(journey, reviewed=reviewed(context))
    return journey, (*closing(context), *prompts.prompt(context.within(journey), note))


def remind(context: Context, note: Html) -> Turn:
    """Say `note` and ask the same again; a review is long and stands above: it is only named."""
    step = context.journey.step
    if context.journey.aside or step not in (*_REVIEW, Step.CODE):
        return again(context, note)
    reminded = Html(f"{note}\n\n{context.wording.say(f'{step}.reminder')}")
    return again(context, reminded) if step is Step.CODE else show(context, reminded)


def aside(context: Context, question: Aside, *, pressed: bool = False, **kept: str) -> Turn:
    """Interrupt the step with `question`."""
    journey = replace(
        context.journey,
        aside=question,
        aside_campaign=kept.get("campaign", ""),
        aside_source=kept.get("source", ""),
    )
    context = context.within(journey)
    (asked,) = prompts.prompt(context)
    if pressed and isinstance(asked, Ask):
        return Turn(journey, (EditPrompt(asked.text, asked.keyboard),))
    return Turn(journey, (*closing(context), asked))


def show(
    context: Context, text: Html, keyboard: Keyboard = (), *, effects: tuple[Effect, ...] = ()
) -> Turn:
    """Say something that leaves the open prompt as it stands."""
    return Turn(context.journey, (Say(text, keyboard),), effects)


def toast(context: Context, key: str, *, alert: bool = False, **values: str | int) -> Turn:
    """Say a word over the chat."""
    return Turn(context.journey, (Toast(context.wording.label(key, **values), alert),))


def put(
    context: Context, text: Html, keyboard: Keyboard = (), *, effects: tuple[Effect, ...] = ()
) -> Turn:
    """Edit the message whose standing button was pressed."""
    return Turn(context.journey, (EditMessage(text, keyboard),), effects)


def rest(
    context: Context,
    text: Html,
    keyboard: Keyboard = (),
    *,
    pressed: bool = False,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """End the journey, forget its answers, and say `text`, in the prompt's place if `pressed`."""
    journey = Journey(
        id=context.journey.id,
        language=context.journey.language,
        turn=context.journey.turn,
        asked=context.journey.asked,
    )
    effects = (*effects, *left(context))
    if pressed and not keyboard:
        return Turn(journey, (ClosePrompt(text),), effects)
    return Turn(journey, (*closing(context), Say(text, keyboard)), effects)


def erase(context: Context) -> Turn:
    """Erase everything about this person, and offer to clear what the chat shows.

    What still says that a letter is going to leave says now that it was held back.
    """
    wording = context.wording
    struck = held_back(context, context.facts.actions)
    clear = PersistentButton(wording.label("button.clear"), ClearMessages())
    turn = rest(context, wording.say("forget.done"), ((clear,),), effects=(ErasePerson(),))
    return replace(turn, replies=(*struck, *turn.replies))


def held_back(context: Context, actions: Iterable[ActionTaken]) -> tuple[EditMessage, ...]:
    """Return what the chat shows now in place of letters that were still going to leave."""
    text = context.wording.say("undo.done")
    return tuple(
        EditMessage(text, message=acted.message)
        for acted in actions
        if acted.message and acted.state in WITHDRAWABLE
    )


def left(context: Context) -> tuple[Effect, ...]:
    """Return what must not happen any more once the journey is given up."""
    answers = context.journey.answers
    return (DropCode(),) if answers.address and not answers.proved else ()


def closing(context: Context, text: Html | None = None) -> tuple[Reply, ...]:
    """Return what takes the buttons from the open prompt, if one stands open."""
    return (ClosePrompt(text),) if context.journey.asked else ()


def _arrive(context: Context, step: Step) -> tuple[Context, tuple[Effect, ...]]:
    """Move to `step`: the review is frozen, and a stage reached for the first time is counted."""
    journey = replace(context.journey, step=step, aside=None, aside_campaign="", aside_source="")
    context = context.within(journey)
    frozen: Reviewed | None = reviewed(context) if step in _REVIEW else journey.reviewed
    counted = _counts(context, _STAGE.get(step))
    reached = counted[-1].stage if counted else journey.reached
    return context.within(replace(journey, reviewed=frozen, reached=reached)), counted


def _counts(context: Context, stage: FunnelStage | None) -> tuple[CountStage, ...]:
    """Count `stage` and those before it that were skipped, so that the funnel never widens.

    In test mode nothing is counted.
    """
    journey = context.journey
    if stage is None or context.tests(journey.campaign):
        return ()
    former = _ORDER.index(FunnelStage(journey.reached)) + 1 if journey.reached else 0
    return tuple(
        CountStage(each, journey.campaign, journey.source)
        for each in _ORDER[former : _ORDER.index(stage) + 1]
    )
