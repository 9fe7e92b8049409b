"""What a handler gets, the context of an event, and what it returns, a turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from conversations.core.buttons.journey import Back, Cancel
from conversations.core.buttons.packing import TurnButtonData
from conversations.core.effects import Effect
from conversations.core.fact_requests import Fact, LoadedFacts, T
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import ButtonStyle, Keyboard, Reply, TurnButton
from conversations.model.campaigns import spoken
from conversations.model.campaigns.campaign import Campaign, Texts
from conversations.model.journey import Journey
from conversations.model.letters.reminder_letters import as_reminder
from conversations.text.html import Html, fold
from conversations.text.languages import own_name
from conversations.text.word_lists import is_word_of
from conversations.text.wording import Value, Wording


@dataclass(frozen=True)
class Turn:
    """The answer to one event."""

    journey: Journey
    """The journey after the event."""

    replies: tuple[Reply, ...] = ()
    """What is sent to the chat, in order."""

    effects: tuple[Effect, ...] = ()
    """What changes in the database, in the same transaction as the journey."""


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

    loaded: Mapping[Fact[Any], Any] = field(default_factory=LoadedFacts)
    """The answers to requests: those that were loaded, and those that are once they are needed."""

    def fact(self, request: Fact[T]) -> T:
        """Return the answer to `request`. Raises FactMissing if it must be loaded before."""
        answer: T = self.loaded[request]
        return answer

    is_staff: bool = False
    """Whether the answer is for a campaigner or an admin, in their role."""

    def say_with_original(self, key: str, **values: Value) -> Html:
        """Return the text of `key`, which can endanger people if it is wrong (`with_original`)."""
        return self.with_original(lambda context: context.wording.say(key, **values), key)

    def with_original(
        self, text: "Callable[[Context], Html]", *keys: str, folded: bool = False
    ) -> Html:
        """Return what `text` makes of this context, which contains the texts of `keys`.

        Where people are at risk and no native speaker has checked these texts, what `text` makes
        in the original language follows, `folded` as a quote where it is long.
        """
        here, campaigns = text(self), self.deployment.campaigns
        campaign = campaigns.get(self.journey.campaign) or next(
            (each for each in campaigns.values() if each.at_risk), None
        )
        tag = spoken.original(self.journey.language, campaign, keys)
        if tag is None:
            return here
        original = text(self.within(replace(self.journey, language=tag)))
        if original == here:
            return here
        name = f"<i>{own_name(tag)}:</i>"
        if folded:
            return Html(f"{here}\n{fold(Html(f'{name} {original}'))}")
        return Html(f"{here}\n\n{name}\n{original}")

    def within(self, journey: Journey) -> "Context":
        """Return this context with another journey."""
        return replace(self, journey=journey)

    @cached_property
    def wording(self) -> Wording:
        """The bot's texts in the language of this chat."""
        if self.is_staff:
            return self.deployment.staff_wording(self.journey.language)
        return self.deployment.wording(self.journey.language, self.journey.campaign)

    def means(self, key: str, text: str, *, only_own: bool = False) -> bool:
        """Whether a typed text is one of the words of `key`, first in the language of this chat.

        With `only_own`, only the words of this language and of English count.
        """
        words = self.deployment.wording(self.journey.language, self.journey.campaign)
        return is_word_of(key, text, words.language, only_own=only_own)

    def language_in(self, slug: str) -> str:
        """Return the language for this person in the campaign `slug`; "" stands for none."""
        wanted = (self.facts.language, self.facts.profile_language)
        campaign = self.deployment.campaigns.get(slug)
        return spoken.choose((each for each in wanted if each), campaign)

    @property
    def campaign(self) -> Campaign:
        """The journey's campaign, with the reminder as its letter while that is written.

        Raises KeyError if there is none.
        """
        found = self.deployment.campaigns[self.journey.campaign]
        return as_reminder(found, self.journey.reminds) if self.journey.reminds else found

    @property
    def exempt(self) -> frozenset[str]:
        """The ids of the campaign's targets that get no new letters."""
        return self.facts.exempt.get(self.journey.campaign, frozenset())

    @property
    def texts(self) -> Texts:
        """The campaign's texts in the language of this chat."""
        return self.campaign.text(self.journey.language)

    def title(self, slug: str) -> str:
        """Return the title of a campaign in the language of this chat."""
        return self.deployment.title(slug, self.journey.language)

    @property
    def open_campaigns(self) -> tuple[Campaign, ...]:
        """The campaigns that the person finds without a link: they take letters, and are live.

        The team also finds those in test mode.
        """
        campaigns = self.deployment.campaigns.values()
        return tuple(each for each in campaigns if self._is_found(each.slug))

    def _is_found(self, slug: str) -> bool:
        in_team = self.facts.role is not None
        return self.takes_letters(slug) and (in_team or not self.tests(slug))

    def tests(self, slug: str) -> bool:
        """Whether a campaign is in test mode: by its file, by the settings, or until an admin
        confirms that it goes live.
        """
        campaign = self.deployment.campaigns.get(slug)
        by_file = campaign is not None and campaign.test
        return self.deployment.test or by_file or slug in self.facts.unconfirmed

    @property
    def test_address(self) -> str:
        """Where the campaign's letters are sent in test mode; "" if they are sent to targets."""
        return self.deployment.test_address if self.tests(self.journey.campaign) else ""

    def takes_letters(self, slug: str) -> bool:
        """Whether the campaign exists, is open, and was not closed by an admin."""
        campaign = self.deployment.campaigns.get(slug)
        is_open = campaign is not None and campaign.is_open(self.now)
        return is_open and slug not in self.facts.closed and not self.facts.modes_unknown

    def why_no_letters(self, slug: str) -> str:
        """Return the key of the text that says why the campaign `slug` takes no letters."""
        campaign = self.deployment.campaigns.get(slug)
        if campaign is None:
            return "campaign.unserved" if slug in self.deployment.unserved else "campaign.unknown"
        is_early = campaign.opens is not None and self.now < campaign.opens
        return "campaign.early" if is_early else "campaign.closed"

    def press(
        self,
        key: str,
        data: TurnButtonData,
        *,
        style: ButtonStyle | None = None,
        **values: str | int,
    ) -> TurnButton:
        """Return a button of this turn, labelled with the text of `key`."""
        return TurnButton(self.wording.label(key, **values), data, style)

    def ways_out(self) -> Keyboard:
        """Return the row of buttons under every question."""
        return ((self.press("button.back", Back()), self.press("button.cancel", Cancel())),)

    def token(self) -> str:
        """Return the random bits as 32 hexadecimal digits."""
        return f"{self.chance:032x}"
