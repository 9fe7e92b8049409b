"""An index that finds the targets of a supporter without reading all of them.

It is built once for a loaded campaign, off the event loop: a campaign can have 10,000 targets.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from conversations.model.campaigns.targets import Target

_IGNORED_IN_AREAS = re.compile(r"[\s\-]+")

_CODE_DIGITS = 8
"""How many digits of its code find a target; buttons carry as many or more."""

_Place = tuple[str, str]
"""A country and an area, each "" for all others."""


def area_key(text: str) -> str:
    """Return an area, or the beginning of a postcode, without spaces, hyphens and case."""
    return _IGNORED_IN_AREAS.sub("", text).casefold()


def target_code(id_: str, digits: int) -> str:
    """Return hexadecimal digits for a target, since a button has no room for its id."""
    return hashlib.sha256(id_.encode()).hexdigest()[:digits]


class TargetIndex:
    """Finds targets by id, by name, and by a supporter's country and areas."""

    def __init__(self, targets: tuple[Target, ...], areas: Mapping[str, str]) -> None:
        """`areas` names the area of postcodes by how they begin."""
        self.targets = targets
        self.by_id = {target.id: target for target in targets}
        self.numbers = {target.id: number for number, target in enumerate(targets)}
        """The place of each target among all, from 0, by its id."""
        self._countries = {code for target in targets for code in target.for_countries}
        self._areas = {area_key(prefix): area_key(name) for prefix, name in areas.items()}
        places: dict[_Place, list[int]] = {}
        for number, target in enumerate(targets):
            for place in _places(target):
                places.setdefault(place, []).append(number)
        self._places = {place: tuple(found) for place, found in places.items()}
        self._targets = {
            place: tuple(targets[number] for number in found)
            for place, found in self._places.items()
        }
        self._names = _folded_names(targets)
        self._by_code: dict[str, list[Target]] = {}
        for target in targets:
            self._by_code.setdefault(target_code(target.id, _CODE_DIGITS), []).append(target)

    @property
    def differ_by_country(self) -> bool:
        """Whether a supporter's country decides."""
        return bool(self._countries)

    def find(self, country: str, answer: str = "") -> tuple[Target, ...]:
        """Return the targets of a supporter, those of the smallest area first.

        `answer` is what the supporter answered to the question that decides; "" for nothing.
        """
        places = self._places_of(country, answer)
        if len(places) == 1:
            return self._targets[places[0]]
        return tuple(self.targets[number] for number in self._numbers(places))

    def search(self, wanted: str, language: str, country: str, answer: str = "") -> list[int]:
        """Return the places, in `find`, of the targets whose names have these letters.

        If it is the whole name of some, they are only those. `wanted` is without case
        (`str.casefold`).
        """
        names = self.folded_names(language)
        found = self._numbers(self._places_of(country, answer))
        places = [place for place, number in enumerate(found) if wanted in names[number]]
        return [each for each in places if wanted == names[found[each]]] or places

    def pick(self, ids: Collection[str], country: str, answer: str = "") -> tuple[Target, ...]:
        """Return the targets with these ids that `find` has, in its order."""
        places = self._places_of(country, answer)
        reached = self._reached(ids, places)
        if len(places) == 1 or len(reached) < 2:
            return tuple(self.targets[number] for number in sorted(reached))
        return tuple(self.targets[each] for each in self._numbers(places) if each in reached)

    def places(self, ids: Collection[str], country: str, answer: str = "") -> frozenset[int]:
        """Return the places, in `find`, of the targets with these ids."""
        places = self._places_of(country, answer)
        if not (reached := self._reached(ids, places)):
            return frozenset()
        found = self._numbers(places)
        if len(places) == 1:
            return frozenset(bisect_left(found, number) for number in reached)
        return frozenset(place for place, number in enumerate(found) if number in reached)

    def folded_names(self, language: str) -> Sequence[str]:
        """Return the names in a language of all targets, in their order, without case."""
        return self._names.get(language, self._names[""])

    def find_code(self, code: str) -> Target | None:
        """Return the target with a code of 8 or more digits (`target_code`); None if it is gone."""
        found = self._by_code.get(code[:_CODE_DIGITS], ())
        return next((each for each in found if target_code(each.id, len(code)) == code), None)

    def most(self) -> int:
        """Return the largest number of targets of one supporter."""
        countries = {country for country, _ in self._places}
        answers = {area for _, area in self._places} | self._areas.keys()
        return max(
            len(self._numbers(self._places_of(code, each)))
            for code in countries
            for each in answers
        )

    def _places_of(self, country: str, answer: str) -> list[_Place]:
        """Return the places of a supporter that have targets: the smallest area first."""
        code = country if country in self._countries else ""
        areas = dict.fromkeys((*self._of(answer), ""))
        return [place for area in areas if (place := (code, area)) in self._places]

    def _numbers(self, places: Sequence[_Place]) -> tuple[int, ...]:
        """Return the numbers of the targets of some places, each once; of one place, ascending."""
        if len(places) == 1:
            return self._places[places[0]]
        return tuple(dict.fromkeys(chain.from_iterable(map(self._places.__getitem__, places))))

    def _reached(self, ids: Collection[str], places: Sequence[_Place]) -> set[int]:
        """Return the numbers of the targets with these ids that are in one of these places."""
        wanted = {self.numbers[each] for each in ids if each in self.numbers}
        return {
            number
            for number in wanted
            if not frozenset(_places(self.targets[number])).isdisjoint(places)
        }

    def _of(self, answer: str) -> Iterator[str]:
        """Yield the areas of an answer: longer beginnings of it first, and each with its name."""
        code = area_key(answer)
        for end in range(len(code), 0, -1):
            beginning = code[:end]
            yield beginning
            if beginning in self._areas:
                yield self._areas[beginning]


def _places(target: Target) -> Iterable[_Place]:
    areas = dict.fromkeys(area_key(each) for each in target.areas) or {"": None}
    return [(code, area) for code in target.for_countries or ("",) for area in areas]


def _folded_names(targets: Sequence[Target]) -> Mapping[str, tuple[str, ...]]:
    """Return the names without case by language; under "" those for any other language.

    Equal names share one text.
    """
    folded: dict[str, str] = {}

    def fold(name: str) -> str:
        return folded.setdefault(name, name.casefold())

    languages = {"": None} | {tag: None for target in targets for tag in target.name}
    return {tag: tuple(fold(each.name_in(tag)) for each in targets) for tag in languages}
