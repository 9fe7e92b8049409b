"""Targets of a campaign, and an index that finds those of a supporter without reading them all."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from typing import Literal

from pydantic import Field

from conversations.model.campaign_values import Country, FrozenModel, Language, Slug, WholeNumber
from conversations.model.pace import Hours, Pace

MAX_TARGETS = 10_000
"""How many targets a campaign can have."""

MAX_LETTERS = 50
"""The most targets to which one Send writes."""

_IGNORED_IN_AREAS = re.compile(r"[\s\-]+")


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


def area_key(text: str) -> str:
    """Return an area, or the beginning of a postcode, without spaces, hyphens and case."""
    return _IGNORED_IN_AREAS.sub("", text).casefold()


class TargetIndex:
    """Finds targets by id, and by a supporter's country and areas."""

    def __init__(self, targets: tuple[Target, ...], areas: Mapping[str, str]) -> None:
        """`areas` names the area of postcodes by how they begin."""
        self.targets = targets
        self.by_id = {target.id: target for target in targets}
        self._countries = {code for target in targets for code in target.for_countries}
        self._areas = {area_key(prefix): area_key(name) for prefix, name in areas.items()}
        places: dict[tuple[str, str], list[Target]] = {}
        for target in targets:
            for place in _places(target):
                places.setdefault(place, []).append(target)
        self._places = {place: tuple(found) for place, found in places.items()}
        self._folded: dict[str, Mapping[str, str]] = {}

    @property
    def differ_by_country(self) -> bool:
        """Whether a supporter's country decides."""
        return bool(self._countries)

    def folded_names(self, language: str) -> Mapping[str, str]:
        """Return the names in a language by target, for searching: without case."""
        if language not in self._folded:
            self._folded[language] = {
                each.id: each.name_in(language).casefold() for each in self.targets
            }
        return self._folded[language]

    def find(self, country: str, answer: str = "") -> tuple[Target, ...]:
        """Return the targets of a supporter, those of the smallest area first.

        `answer` is what the supporter answered to the question that decides; "" for nothing.
        """
        place = country if country in self._countries else ""
        everywhere = self._places.get((place, ""), ())
        local = {
            target.id: target
            for area in self._of(answer)
            for target in self._places.get((place, area), ())
        }
        return (*local.values(), *everywhere) if local else everywhere

    def most(self) -> int:
        """Return the largest number of targets of one supporter."""
        countries = {country for country, _ in self._places}
        answers = {area for _, area in self._places} | self._areas.keys()
        return max(len(self.find(code, each)) for code in countries for each in answers)

    def _of(self, answer: str) -> Iterator[str]:
        """Yield the areas of an answer: longer beginnings of it first, and each with its name."""
        code = area_key(answer)
        for end in range(len(code), 0, -1):
            beginning = code[:end]
            yield beginning
            if beginning in self._areas:
                yield self._areas[beginning]


def _places(target: Target) -> Iterable[tuple[str, str]]:
    areas = dict.fromkeys(area_key(each) for each in target.areas) or {"": None}
    return [(code, area) for code in target.for_countries or ("",) for area in areas]
