"""Offers a reminder to a supporter who stops half-way."""

from conversations.core.buttons.persistent import OfferReminder
from conversations.core.context import Context
from conversations.core.replies import Keyboard, PersistentButton
from conversations.model.journey import IN_CAMPAIGN


def is_possible(context: Context) -> bool:
    """Whether this person can be reminded of the letter that was begun."""
    journey = context.journey
    begun = journey.step in IN_CAMPAIGN and not journey.corrects and not journey.reminds
    return begun and not journey.is_discreet and context.takes_letters(journey.campaign)


def offer(context: Context) -> Keyboard:
    """Return the button that offers a reminder of the letter that was begun, if it is possible."""
    if not is_possible(context):
        return ()
    label = context.wording.label("button.remind")
    return ((PersistentButton(label, OfferReminder(context.journey.campaign)),),)
