"""How an answer is put together: a question asked, a prompt amended, a word said in between."""

from collections.abc import Iterable
from dataclasses import replace

from conversations import copies, prompts
from conversations.delivery import WITHDRAWABLE
from conversations.effects import Count, DropCode, Effect, Erase, MendAddress, Stage
from conversations.journey import Answers, Aside, Journey, Reviewed, Step
from conversations.known import Acted
from conversations.play import missing
from conversations.replies import (
    Amend,
    Ask,
    Keyboard,
    Replace,
    Reply,
    Settle,
    Show,
    Standing,
    Toast,
)
from conversations.reviewing import reviewed
from conversations.rich import Html
from conversations.scene import Scene, Turn

_REVIEW = (Step.REVIEW, Step.CHANGE)

# The stage that someone has reached who is asked for this.
_STAGE = {
    Step.WELCOME: Stage.OPENED,
    Step.NAME: Stage.BEGAN,
    Step.COUNTRY: Stage.NAMED,
    Step.AT_RISK: Stage.COUNTRY,
    Step.ADDRESS: Stage.COUNTRY,
    Step.CODE: Stage.ADDRESS,
    Step.REVIEW: Stage.REVIEWED,
}
_ORDER = tuple(Stage)


def ask(
    scene: Scene,
    step: Step,
    *,
    note: Html | None = None,
    settle: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Close the open prompt, with `settle` in its place, and ask for `step`."""
    scene, counted = _arrive(scene, step)
    replies = (*closing(scene, settle), *prompts.prompt(scene, note))
    return Turn(scene.journey, replies, (*effects, *counted))


def amend(
    scene: Scene,
    step: Step,
    *,
    note: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Ask for `step` in the message of the open prompt: nothing new appears in the chat."""
    turned = scene.journey.step in _REVIEW and step in _REVIEW
    scene, counted = _arrive(scene, step)
    *before, last = prompts.prompt(scene, note)
    if not isinstance(last, Ask) or (before and not turned):
        replies: tuple[Reply, ...] = (*closing(scene), *before, last)
    else:
        replies = (Amend(last.text, last.keyboard),)
    return Turn(scene.journey, replies, (*effects, *counted))


def forward(
    scene: Scene,
    answers: Answers,
    *,
    mailed: bool = False,
    settle: Html | None = None,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Keep `answers` and ask for the first that is missing, or show the review.

    A code is asked for only where one was `mailed`; else the address is, which mails one.
    """
    scene = scene.within(replace(scene.journey, answers=answers))
    step = missing(scene)
    if step is Step.REVIEW and scene.journey.mends:
        return _mended(scene)
    if step is Step.CODE and not mailed:
        step = Step.ADDRESS
    return ask(scene, step, settle=settle, effects=effects)


def _mended(scene: Scene) -> Turn:
    """End the journey: the action has the right address, and the copy goes there."""
    journey, wording = scene.journey, scene.wording
    if journey.mends not in {acted.action for acted in scene.known.actions}:
        return rest(scene, wording.say("toast.gone"))
    mends = (MendAddress(journey.mends, journey.answers.address), copies.queue(scene))
    return rest(scene, wording.say("copy.mended"), effects=mends)


def again(scene: Scene, note: Html) -> Turn:
    """Ask the same again, with `note` above it."""
    if scene.journey.asked == 0:
        return show(scene, note)
    return Turn(*asked_again(scene, note))


def asked_again(scene: Scene, note: Html | None = None) -> tuple[Journey, tuple[Reply, ...]]:
    """Return the open question, asked anew. A review shows, and holds, the letter as it is now."""
    journey = scene.journey
    if (
        journey.step in _REVIEW
        and journey.aside is None
        and journey.campaign in scene.house.campaigns
    ):
        journey = replace(journey, reviewed=reviewed(scene))
    return journey, (*closing(scene), *prompts.prompt(scene.within(journey), note))


def remind(scene: Scene, note: Html) -> Turn:
    """Say `note` and ask the same again; a review is long and stands above: it is only named."""
    step = scene.journey.step
    if scene.journey.aside or step not in (*_REVIEW, Step.CODE):
        return again(scene, note)
    reminded = Html(f"{note}\n\n{scene.wording.say(f'{step}.reminder')}")
    return again(scene, reminded) if step is Step.CODE else show(scene, reminded)


def aside(scene: Scene, question: Aside, *, pressed: bool = False, **kept: str) -> Turn:
    """Interrupt the step with `question`."""
    journey = replace(
        scene.journey,
        aside=question,
        aside_campaign=kept.get("campaign", ""),
        aside_source=kept.get("source", ""),
    )
    scene = scene.within(journey)
    (asked,) = prompts.prompt(scene)
    if pressed and isinstance(asked, Ask):
        return Turn(journey, (Amend(asked.text, asked.keyboard),))
    return Turn(journey, (*closing(scene), asked))


def show(
    scene: Scene, text: Html, keyboard: Keyboard = (), *, effects: tuple[Effect, ...] = ()
) -> Turn:
    """Say something that leaves the open prompt as it stands."""
    return Turn(scene.journey, (Show(text, keyboard),), effects)


def toast(scene: Scene, key: str, *, alert: bool = False, **values: str | int) -> Turn:
    """Say a word over the chat."""
    return Turn(scene.journey, (Toast(scene.wording.label(key, **values), alert),))


def put(
    scene: Scene, text: Html, keyboard: Keyboard = (), *, effects: tuple[Effect, ...] = ()
) -> Turn:
    """Edit the message whose standing button was pressed."""
    return Turn(scene.journey, (Replace(text, keyboard),), effects)


def rest(
    scene: Scene,
    text: Html,
    keyboard: Keyboard = (),
    *,
    pressed: bool = False,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """End the journey, forget its answers, and say `text`, in the prompt's place if `pressed`."""
    journey = Journey(
        id=scene.journey.id,
        language=scene.journey.language,
        turn=scene.journey.turn,
        asked=scene.journey.asked,
    )
    effects = (*effects, *left(scene))
    if pressed and not keyboard:
        return Turn(journey, (Settle(text),), effects)
    return Turn(journey, (*closing(scene), Show(text, keyboard)), effects)


def erase(scene: Scene) -> Turn:
    """Erase everything about this person, and offer to clear what the chat shows.

    What still says that a letter is going to leave says now that it was held back.
    """
    wording = scene.wording
    struck = held_back(scene, scene.known.actions)
    clear = Standing(wording.label("button.clear"), "clear")
    turn = rest(scene, wording.say("forget.done"), ((clear,),), effects=(Erase(),))
    return replace(turn, replies=(*struck, *turn.replies))


def held_back(scene: Scene, actions: Iterable[Acted]) -> tuple[Replace, ...]:
    """Return what the chat shows now in place of letters that were still going to leave."""
    text = scene.wording.say("undo.done")
    return tuple(
        Replace(text, message=acted.message)
        for acted in actions
        if acted.message and acted.state in WITHDRAWABLE
    )


def left(scene: Scene) -> tuple[Effect, ...]:
    """Return what must not happen any more once the journey is given up."""
    answers = scene.journey.answers
    return (DropCode(),) if answers.address and not answers.proved else ()


def closing(scene: Scene, text: Html | None = None) -> tuple[Reply, ...]:
    """Return what takes the buttons from the open prompt, if one stands open."""
    return (Settle(text),) if scene.journey.asked else ()


def _arrive(scene: Scene, step: Step) -> tuple[Scene, tuple[Effect, ...]]:
    """Move to `step`: the review is frozen, and a stage reached for the first time is counted."""
    journey = replace(scene.journey, step=step, aside=None, aside_campaign="", aside_source="")
    scene = scene.within(journey)
    frozen: Reviewed | None = reviewed(scene) if step in _REVIEW else journey.reviewed
    counted = _counts(scene, _STAGE.get(step))
    reached = counted[-1].stage if counted else journey.reached
    return scene.within(replace(journey, reviewed=frozen, reached=reached)), counted


def _counts(scene: Scene, stage: Stage | None) -> tuple[Count, ...]:
    """Count `stage` and those before it that were skipped, so that the funnel never widens.

    In test mode nothing is counted.
    """
    journey = scene.journey
    if stage is None or scene.tests(journey.campaign):
        return ()
    former = _ORDER.index(Stage(journey.reached)) + 1 if journey.reached else 0
    return tuple(
        Count(each, journey.campaign, journey.source)
        for each in _ORDER[former : _ORDER.index(stage) + 1]
    )
