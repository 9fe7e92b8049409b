"""What an answer is made from, and what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from conversations.core.buttons.journey import Back, Cancel
from conversations.core.buttons.packing import TurnButtonData
from conversations.core.effects import Effect
from conversations.core.fact_requests import Fact, FactMissing, T
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Keyboard, Reply, TurnButton
from conversations.model.campaign import Campaign, Texts
from conversations.model.journey import Journey
from conversations.text.wording import Wording


@dataclass(frozen=True)
class Turn:
    """The answer to one event: where the journey stands now, what is said, what is done."""

    journey: Journey
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Context:
    """Everything that an answer may depend on."""

    deployment: Deployment
    """The bot itself and its campaigns."""

    journey: Journey
    """Where the chat's conversation stands."""

    facts: Facts
    """What every event needs to know of the person."""

    now: datetime
    """The current time, in UTC."""

    chance: int
    """128 random bits, drawn for this event."""

    loaded: Mapping[Fact[Any], Any] = field(default_factory=dict)
    """The answers to the requests that were loaded so far."""

    def fact(self, request: Fact[T]) -> T:
        """Return the answer to `request`. Raises FactMissing if it isn't loaded yet."""
        try:
            answer: T = self.loaded[request]
        except KeyError:
            raise FactMissing(request) from None
        return answer

    def within(self, journey: Journey) -> "Context":
        """Return this context with another journey."""
        return replace(self, journey=journey)

    @property
    def wording(self) -> Wording:
        """The bot's own words, in the language of this chat."""
        return Wording(self.journey.language, self.deployment.show_keys)

    @property
    def campaign(self) -> Campaign:
        """The campaign that the journey is in. KeyError where it is in none."""
        return self.deployment.campaigns[self.journey.campaign]

    @property
    def texts(self) -> Texts:
        """The campaign's texts in the language of this chat."""
        return self.campaign.text(self.journey.language)

    def title(self, slug: str) -> str:
        """Return what the campaign `slug` is called; one that is gone has its slug only."""
        campaign = self.deployment.campaigns.get(slug)
        return campaign.text(self.journey.language).title if campaign else slug

    @property
    def open_campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns that take letters now."""
        campaigns = self.deployment.campaigns.values()
        return tuple(each for each in campaigns if self.takes_letters(each.slug))

    def tests(self, slug: str) -> bool:
        """Whether the campaign `slug` is in test mode: its file says so, or the settings do for
        all, or nobody has confirmed yet that it goes live.
        """
        campaign = self.deployment.campaigns.get(slug)
        says_so = campaign is not None and campaign.test
        return self.deployment.test or says_so or slug in self.facts.unconfirmed

    @property
    def test_address(self) -> str:
        """Where letters of the journey's campaign go in test mode; "" where they go to targets."""
        return self.deployment.test_address if self.tests(self.journey.campaign) else ""

    @property
    def address_taken(self) -> bool:
        """Whether somebody else acted with the address in play, which keeps nobody from a test."""
        counts = bool(self.journey.mends) or not self.tests(self.journey.campaign)
        return self.facts.address_taken and counts

    def takes_letters(self, slug: str) -> bool:
        """Whether there is a campaign `slug`, it is open, and no admin closed it."""
        campaign = self.deployment.campaigns.get(slug)
        opened = campaign is not None and campaign.is_open(self.now)
        return opened and slug not in self.facts.closed

    def press(self, key: str, data: TurnButtonData, **values: str | int) -> TurnButton:
        """Return a button of this turn, labelled with the text of `key`."""
        return TurnButton(self.wording.label(key, **values), data)

    def ways_out(self) -> Keyboard:
        """Return the row that stands under every question."""
        return ((self.press("button.back", Back()), self.press("button.cancel", Cancel())),)

    def token(self) -> str:
        """Return the chance as 32 hexadecimal digits."""
        return f"{self.chance:032x}"
