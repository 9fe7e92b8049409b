"""What a campaign counts towards its goal, in words: accepted letters, or people."""

from conversations.model.campaigns.campaign import Campaign
from conversations.text.html import Html
from conversations.text.wording import Wording


def in_words(campaign: Campaign, count: int, wording: Wording, bar: str = "") -> Html:
    """Return the count, and of how many if there is a goal; `bar` shows how far that is."""
    counts_people = campaign.goal_counts == "people"
    if campaign.goal is None:
        return wording.say("goal.people" if counts_people else "welcome.counter", count=count)
    key = "goal.of_people" if counts_people else "welcome.goal"
    said = wording.say(key, count=count, goal=campaign.goal, bar=bar)
    return Html(said.strip())
