"""Send and Undo: the consent, the action, and taking it back while it has not left."""

from dataclasses import replace

from conversations import reviewing, welcoming
from conversations.delivery import LetterState
from conversations.effects import RecordAction, Withdraw
from conversations.given import disowned
from conversations.journey import Step
from conversations.known import Acted
from conversations.moves import ask, asked_again, closing, rest, toast
from conversations.play import missing
from conversations.prompts import sent
from conversations.replies import Replace, Status
from conversations.scene import Scene, Turn

WITHDRAWABLE = frozenset((LetterState.QUEUED, LetterState.DEFERRED))
"""The states in which a letter has not left: no server has taken it, and none is being asked."""


def send(scene: Scene) -> Turn:
    """Record the consent and the action; the letter leaves when the time to undo is over."""
    journey, campaign, wording = scene.journey, scene.campaign, scene.wording
    if journey.campaign in scene.known.acted:
        return already(scene)
    step = missing(scene)
    if step is not Step.REVIEW:
        return ask(scene, step)
    if scene.known.disowned:
        return disowned(scene)
    if scene.known.address_taken:
        answers = replace(journey.answers, address="", proved=False)
        emptied = scene.within(replace(journey, answers=answers))
        # Whether somebody else acted with an address is told to its owner only.
        key = "address.taken" if journey.answers.proved else "address.unusable"
        note = wording.say(key, address=journey.answers.address)
        return ask(emptied, Step.ADDRESS, note=note)
    former = journey.reviewed
    if former is None or not reviewing.still_holds(scene):
        return ask(scene, Step.REVIEW, note=wording.say("review.changed"))
    action = RecordAction(
        action=scene.token(),
        campaign=campaign.slug,
        source=journey.source,
        language=journey.language,
        letter=reviewing.letter(scene),
        consent=reviewing.consent(scene),
        message_token=former.message_token,
        undo_seconds=campaign.undo_seconds,
        proved=journey.answers.proved,
        keep_until=campaign.keep_until,
    )
    after = scene.within(replace(journey, step=Step.SENT, action=action.action))
    replies = (*closing(scene), Status(action.action), *sent(after))
    return Turn(after.journey, replies, (action,))


def already(scene: Scene) -> Turn:
    """Tell that this person's letter in this campaign is written, and offer to share."""
    acted = scene.known.acted[scene.journey.campaign]
    text = scene.wording.say(
        "acted.already",
        title=scene.texts.title,
        day=scene.wording.day(acted.at.date()),
        state=scene.wording.label(f"state.{acted.state}"),
    )
    link = welcoming.share(scene.house.username, scene.campaign, scene.wording)
    return rest(scene, text, ((link,),))


def undo(scene: Scene, action: str) -> Turn:
    """Hold the letter back, unless it has left."""
    acted = find(scene, action)
    if acted is None:
        return toast(scene, "toast.withdrawn")
    if acted.state not in WITHDRAWABLE:
        return toast(scene, "toast.too_late", alert=True)
    edited = Replace(scene.wording.say("undo.done"))
    withdrawn = (Withdraw(action),)
    journey = scene.journey
    here = journey.action == action and journey.step is Step.SENT
    if not here or not scene.takes_letters(journey.campaign):
        return Turn(journey, (edited,), withdrawn)
    review = scene.within(replace(journey, action="", step=Step.REVIEW, aside=None))
    journey, asked = asked_again(review, scene.wording.say("undo.review"))
    return Turn(journey, (edited, *asked), withdrawn)


def find(scene: Scene, action: str) -> Acted | None:
    """Return this person's own action of that id."""
    mine = scene.known.acted.values()
    return next((acted for acted in mine if acted.action == action), None)
