"""Targets of a campaign: who gets letters."""

from datetime import time
from typing import Literal

from pydantic import Field

from conversations.model.campaigns.campaign_values import (
    Country,
    FrozenModel,
    Language,
    Slug,
    WholeNumber,
)
from conversations.model.campaigns.pace import Hours, Pace

MAX_TARGETS = 10_000
"""How many targets a campaign can have."""

MAX_LETTERS = 50
"""The most targets to which one Send writes."""


class Target(FrozenModel):
    """Who gets letters: a name and a mailbox."""

    id: Slug
    name: dict[Language, str] = Field(
        min_length=1, description="how the letter addresses the target, in each language"
    )
    address: str = Field(description="the mailbox that gets the letters")
    country: Country = Field(description="the country or territory of the target")
    kind: Literal["government", "company", "organisation"] = Field(
        default="government",
        description="what the target is, as the consent says: a government or other public body, "
        "a company, or another organisation",
    )
    languages: tuple[Language, ...] = Field(
        min_length=1, description="the languages that the target reads, the preferred one first"
    )
    for_countries: tuple[Country, ...] = Field(
        default=(),
        description="supporters from these countries write to this target; empty: from all others",
    )
    areas: tuple[str, ...] = Field(
        default=(),
        description="with targets_by: only supporters whose answer leads to one of these areas, or "
        "begins like one, write to this target",
    )
    letters_per_hour: WholeNumber | None = Field(
        default=None, ge=1, le=3600, description="how many letters are sent per hour at most"
    )
    hours: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description="when letters are sent, in the target's time zone, like 09:00-17:00",
    )
    time_zone: str | None = Field(
        default=None, description="the target's time zone, like Asia/Hong_Kong"
    )

    @property
    def pace(self) -> Pace | None:
        """How many letters are sent per hour, and when; None for no limit."""
        if self.letters_per_hour is None:
            return None
        if self.hours is None or self.time_zone is None:
            return Pace(self.letters_per_hour)
        opens, closes = (time.fromisoformat(each) for each in self.hours.split("-"))
        return Pace(self.letters_per_hour, Hours(opens, closes, self.time_zone))

    def name_in(self, language: str) -> str:
        """Return the name in `language`, else in the first language of `name`."""
        return self.name.get(language) or next(iter(self.name.values()))
