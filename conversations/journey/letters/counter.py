"""How many letters of a campaign were accepted, or people have written, in words and as a bar."""

from conversations.core.context import Context
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.counted import in_words
from conversations.text.html import Html

_PROGRESS_BAR_LENGTH = 8


def counter(context: Context, campaign: Campaign) -> Html:
    """Return what the campaign counts; nothing below `show_counter_from`.

    A bar shows how far the goal is, from its first eighth on.
    """
    counts_people = campaign.goal_counts == "people"
    counts = context.facts.people if counts_people else context.facts.accepted
    count = counts.get(campaign.slug, 0)
    if count < campaign.show_counter_from:
        return Html("")
    full = min(_PROGRESS_BAR_LENGTH, count * _PROGRESS_BAR_LENGTH // (campaign.goal or count or 1))
    # An empty bar would only look as if nobody had written.
    bar = "▓" * full + "░" * (_PROGRESS_BAR_LENGTH - full) if full else ""
    return in_words(campaign, count, context.wording, bar)
