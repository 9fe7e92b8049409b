"""How many letters of a campaign were accepted, in words and as a bar."""

from conversations.core.context import Context
from conversations.model.campaign import Campaign
from conversations.text.html import Html

_PROGRESS_BAR_LENGTH = 8


def counter(context: Context, campaign: Campaign) -> Html:
    """Return how many letters were accepted; nothing below `show_counter_from`.

    A bar shows how far the goal is, from its first eighth on.
    """
    accepted = context.facts.accepted.get(campaign.slug, 0)
    if accepted < campaign.show_counter_from:
        return Html("")
    if campaign.goal is None:
        return context.wording.say("welcome.counter", count=accepted)
    full = min(_PROGRESS_BAR_LENGTH, accepted * _PROGRESS_BAR_LENGTH // campaign.goal)
    # An empty bar would only look as if nobody had written.
    bar = "▓" * full + "░" * (_PROGRESS_BAR_LENGTH - full) if full else ""
    said = context.wording.say("welcome.goal", count=accepted, goal=campaign.goal, bar=bar)
    return Html(said.rstrip())
