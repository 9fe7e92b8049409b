"""What is answered to a text while nothing is asked."""

from conversations.core.context import Context, Turn
from conversations.core.turns import show


def small_talk(context: Context) -> Turn:
    """Answer a text while nothing is asked: say who answers questions."""
    return show(context, context.wording.say("idle.reminder", contact=contact(context)))


def contact(context: Context) -> str:
    """Return the address of a person: of this campaign, else of another, else our mailbox."""
    campaigns = context.deployment.campaigns
    here = campaigns.get(context.journey.campaign)
    candidates = [here, *context.open_campaigns, *campaigns.values()]
    return next((each.contact for each in candidates if each), context.deployment.mailbox)
