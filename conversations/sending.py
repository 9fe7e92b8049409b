"""Send and Undo: the consent, the action, and taking it back while it has not left."""

from dataclasses import replace

from conversations import reviewing, welcoming
from conversations.delivery import WITHDRAWABLE, LetterState
from conversations.effects import RecordAction, Withdraw
from conversations.given import disowned
from conversations.journey import Step
from conversations.known import Acted
from conversations.moves import ask, asked_again, closing, forward, held_back, rest, toast
from conversations.play import missing
from conversations.prompts import sent
from conversations.replies import Replace, Show, Status
from conversations.scene import Scene, Turn

_VOID = frozenset((LetterState.FAILED, LetterState.BOUNCED, LetterState.CANCELLED))


def send(scene: Scene) -> Turn:
    """Record the consent and the action; the letter leaves when the time to undo is over."""
    journey, campaign, wording = scene.journey, scene.campaign, scene.wording
    if has_written(scene, journey.campaign):
        return already(scene)
    if missing(scene) is not Step.REVIEW:
        return forward(scene, journey.answers)
    if scene.known.barred:
        return rest(scene, wording.say("block.barred", contact=campaign.contact))
    if scene.known.disowned:
        return disowned(scene)
    if scene.address_taken:
        answers = replace(journey.answers, address="", proved=False)
        emptied = scene.within(replace(journey, answers=answers))
        # Whether somebody else acted with an address is told to its owner only.
        key = "address.taken" if journey.answers.proved else "address.unusable"
        note = wording.say(key, address=journey.answers.address)
        return ask(emptied, Step.ADDRESS, note=note)
    shown, consent = journey.reviewed, reviewing.consent(scene)
    if shown is None or not reviewing.holds(shown, consent):
        return ask(scene, Step.REVIEW, note=wording.say("review.changed"))
    action = RecordAction(
        action=scene.token(),
        campaign=campaign.slug,
        source=journey.source,
        language=journey.language,
        letter=reviewing.letter(scene),
        consent=consent,
        message_token=shown.message_token,
        undo_seconds=campaign.undo_seconds,
        proved=journey.answers.proved,
        keep_until=campaign.keep_until,
        pace=campaign.target_for(journey.answers.country).pace,
        copies=campaign.copies and not scene.tests(campaign.slug),
    )
    after = scene.within(replace(journey, step=Step.SENT, action=action.action))
    former = _former(scene)
    struck = held_back(scene, former)
    replies = (*closing(scene), *struck, Status(action.action), *sent(after))
    replaced = (Withdraw(each.action) for each in former)
    return Turn(after.journey, replies, (*replaced, action))


def _former(scene: Scene) -> tuple[Acted, ...]:
    """Return the actions whose place a new one takes: a void one; in test mode, the last tests."""
    slug = scene.journey.campaign
    if scene.tests(slug):
        return tuple(each for each in scene.known.tried if each.campaign == slug)
    void = scene.known.acted.get(slug)
    return (void,) if void else ()


def already(scene: Scene) -> Turn:
    """End the journey: this person's letter in its campaign is written."""
    told = written(scene, scene.journey.campaign)
    return rest(scene, told.text, told.keyboard)


def has_written(scene: Scene, slug: str) -> bool:
    """Whether a letter of this person's stands in the campaign; one that was turned away or held
    back keeps nobody from another, and nothing does in test mode.
    """
    acted = None if scene.tests(slug) else scene.known.acted.get(slug)
    return acted is not None and acted.state not in _VOID


def written(scene: Scene, slug: str) -> Show:
    """Tell how this person's letter in a campaign fares, and offer to share."""
    acted, campaign, wording = scene.known.acted[slug], scene.house.campaigns[slug], scene.wording
    text = wording.say(
        "acted.already",
        title=campaign.text(wording.language).title,
        day=wording.day(acted.at.date()),
        state=wording.label(f"state.{acted.state}"),
    )
    return Show(text, ((welcoming.share(scene.house.username, campaign, wording),),))


def undo(scene: Scene, action: str) -> Turn:
    """Hold the letter back, unless it has left."""
    acted = find(scene, action)
    if acted is None or acted.state is LetterState.CANCELLED:
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
    mine = scene.known.actions
    return next((acted for acted in mine if acted.action == action), None)
