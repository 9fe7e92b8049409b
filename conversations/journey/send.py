"""Send and Undo: the consent, the action, and taking it back while it has not left."""

from dataclasses import replace

from conversations.core.context import Context, Turn
from conversations.core.effects.letters import RecordAction, Withdraw
from conversations.core.facts import ActionTaken
from conversations.core.replies import EditMessage, LetterStatus, Say
from conversations.core.turns import (
    ask,
    asked_again,
    closing,
    forward,
    held_back,
    rest,
    toast,
)
from conversations.journey import letter_review, welcome
from conversations.journey.given import disowned
from conversations.journey.play import missing
from conversations.journey.prompts import sent
from conversations.model.delivery import WITHDRAWABLE, LetterState
from conversations.model.journey import Step

_VOID = frozenset((LetterState.FAILED, LetterState.BOUNCED, LetterState.CANCELLED))


def send(context: Context) -> Turn:
    """Record the consent and the action; the letter leaves when the time to undo is over."""
    journey, campaign, wording = context.journey, context.campaign, context.wording
    if has_written(context, journey.campaign):
        return already(context)
    if missing(context) is not Step.REVIEW:
        return forward(context, journey.answers)
    if context.facts.barred:
        return rest(context, wording.say("block.barred", contact=campaign.contact))
    if context.facts.disowned:
        return disowned(context)
    if context.address_taken:
        answers = replace(journey.answers, address="", proved=False)
        emptied = context.within(replace(journey, answers=answers))
        # Whether somebody else acted with an address is told to its owner only.
        key = "address.taken" if journey.answers.proved else "address.unusable"
        note = wording.say(key, address=journey.answers.address)
        return ask(emptied, Step.ADDRESS, note=note)
    shown, consent = journey.reviewed, letter_review.consent(context)
    if shown is None or not letter_review.holds(shown, consent):
        return ask(context, Step.REVIEW, note=wording.say("review.changed"))
    action = RecordAction(
        action=context.token(),
        campaign=campaign.slug,
        source=journey.source,
        language=journey.language,
        letter=letter_review.letter(context),
        consent=consent,
        message_token=shown.message_token,
        undo_seconds=campaign.undo_seconds,
        proved=journey.answers.proved,
        keep_until=campaign.keep_until,
        pace=campaign.target_for(journey.answers.country).pace,
        copies=campaign.copies and not context.tests(campaign.slug),
    )
    after = context.within(replace(journey, step=Step.SENT, action=action.action))
    former = _former(context)
    struck = held_back(context, former)
    replies = (*closing(context), *struck, LetterStatus(action.action), *sent(after))
    replaced = (Withdraw(each.action) for each in former)
    return Turn(after.journey, replies, (*replaced, action))


def _former(context: Context) -> tuple[ActionTaken, ...]:
    """Return the actions whose place a new one takes: a void one; in test mode, the last tests."""
    slug = context.journey.campaign
    if context.tests(slug):
        return tuple(each for each in context.facts.tried if each.campaign == slug)
    void = context.facts.acted.get(slug)
    return (void,) if void else ()


def already(context: Context) -> Turn:
    """End the journey: this person's letter in its campaign is written."""
    told = written(context, context.journey.campaign)
    return rest(context, told.text, told.keyboard)


def has_written(context: Context, slug: str) -> bool:
    """Whether a letter of this person's stands in the campaign; one that was turned away or held
    back keeps nobody from another, and nothing does in test mode.
    """
    acted = None if context.tests(slug) else context.facts.acted.get(slug)
    return acted is not None and acted.state not in _VOID


def written(context: Context, slug: str) -> Say:
    """Tell how this person's letter in a campaign fares, and offer to share."""
    acted, campaign, wording = (
        context.facts.acted[slug],
        context.deployment.campaigns[slug],
        context.wording,
    )
    text = wording.say(
        "acted.already",
        title=campaign.text(wording.language).title,
        day=wording.day(acted.at.date()),
        state=wording.label(f"state.{acted.state}"),
    )
    return Say(text, ((welcome.share(context.deployment.username, campaign, wording),),))


def undo(context: Context, action: str) -> Turn:
    """Hold the letter back, unless it has left."""
    acted = find(context, action)
    if acted is None or acted.state is LetterState.CANCELLED:
        return toast(context, "toast.withdrawn")
    if acted.state not in WITHDRAWABLE:
        return toast(context, "toast.too_late", alert=True)
    edited = EditMessage(context.wording.say("undo.done"))
    withdrawn = (Withdraw(action),)
    journey = context.journey
    here = journey.action == action and journey.step is Step.SENT
    if not here or not context.takes_letters(journey.campaign):
        return Turn(journey, (edited,), withdrawn)
    review = context.within(replace(journey, action="", step=Step.REVIEW, aside=None))
    journey, asked = asked_again(review, context.wording.say("undo.review"))
    return Turn(journey, (edited, *asked), withdrawn)


def find(context: Context, action: str) -> ActionTaken | None:
    """Return this person's own action of that id."""
    mine = context.facts.actions
    return next((acted for acted in mine if acted.action == action), None)
