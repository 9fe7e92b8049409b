"""When a letter that is at its review would leave, and what its sender is told about that."""

from datetime import datetime, timedelta

from conversations.core.context import Context
from conversations.core.fact_requests import LastSlots
from conversations.journey.letters.recipients import recipients
from conversations.model.campaigns.pace import leaves_at
from conversations.text.html import Html

_LONG_WAIT = timedelta(minutes=10)
"""From which wait on its sender is told when the letter leaves."""


def leaves(context: Context) -> datetime:
    """Return when all letters have left at the latest, if they are sent now. Raises FactMissing."""
    campaign = context.campaign
    earliest = context.now + timedelta(seconds=campaign.undo_seconds)
    paced = tuple(each for each in recipients(context) if each.pace)
    if not paced:
        return earliest
    last = context.fact(LastSlots(campaign.slug, tuple(each.id for each in paced)))
    return max(leaves_at(each.pace, last.get(each.id), earliest) for each in paced)


def is_possible(context: Context) -> bool:
    """Whether there is a letter that would leave while its data may be kept. Raises FactMissing."""
    return bool(recipients(context)) and leaves(context).date() <= context.campaign.keep_until


def note(context: Context) -> Html | None:
    """Return when the letter leaves, in words; None if that is soon. Raises FactMissing."""
    at, campaign, wording = leaves(context), context.campaign, context.wording
    if at.date() > campaign.keep_until:
        return wording.say(
            "review.too_late", day=wording.day(campaign.keep_until), contact=campaign.contact
        )
    when = wording.moment(at)
    if campaign.closes is not None and at > campaign.closes:
        return wording.say("review.after_end", at=when, day=wording.day(campaign.closes.date()))
    return wording.say("review.leaves", at=when) if at - context.now > _LONG_WAIT else None
