"""How a language writes numbers and dates (CLDR).

Babel takes 10 ms and over 1 MB to load the data of a language. So the index of languages has what
most messages need, and Babel is asked for the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date

_YEAR, _DAY = "2007", "23"

ListPatterns = tuple[str, str, str, str]
"""How two items are joined; then the first two of more, one more, and the last one."""


@dataclass(frozen=True)
class Formats:
    """How a language writes numbers, dates and lines."""

    right_to_left: bool

    separator: str
    """What stands between groups of digits."""

    group: int
    """How many digits a group has. The last one has three."""

    long_date: str
    """A date in the long format, with {day}, {month} and {year}."""

    moment: str
    """A date, {1}, with a time of day, {0}."""

    months: tuple[str, ...]
    """What stands for each month in a date: its name, or its number."""

    either: ListPatterns
    """How alternatives are written: “A, B or C”."""

    all_of: ListPatterns
    """How a list is written: “A, B and C”."""

    def number(self, value: int) -> str:
        """Return a number, 0 or more, with separators."""
        rest, last = str(value)[:-3], str(value)[-3:]
        first = len(rest) % self.group
        starts = range(first, len(rest), self.group)
        groups = (rest[:first], *(rest[start : start + self.group] for start in starts), last)
        return self.separator.join(filter(None, groups))

    def day(self, value: date) -> str:
        """Return a date in the long format."""
        month = self.months[value.month - 1]
        return self.long_date.format(day=value.day, month=month, year=value.year)


def join(items: Sequence[str], patterns: ListPatterns) -> str:
    """Return `items` as a list."""
    two, start, middle, end = patterns
    if len(items) < 2:
        return "".join(items)
    first, second, *others = items
    if not others:
        return two.format(first, second)
    *between, last = others
    text = start.format(first, second)
    for item in between:
        text = middle.format(text, item)
    return end.format(text, last)


@cache
def formats_of_cldr(tag: str) -> Formats:
    """Return the formats of any language that CLDR knows."""
    locale = Locale.parse(tag, sep="-")
    texts = [
        format_date(date(int(_YEAR), month, int(_DAY)), "long", locale).replace(_YEAR, "{year}", 1)
        for month in range(1, 13)
    ]
    has_zero = "03" in format_date(date(int(_YEAR), 1, 3), "long", locale)
    texts = [text.replace(_DAY, "{day:02}" if has_zero else "{day}", 1) for text in texts]
    before, after = _common(texts), _common([text[::-1] for text in texts])[::-1]
    return Formats(
        locale.text_direction == "rtl",
        locale.number_symbols["latn"]["group"],
        locale.decimal_formats[None].grouping[1],
        f"{before}{{month}}{after}",
        str(locale.datetime_formats["medium"]),
        tuple(text[len(before) : len(text) - len(after)] for text in texts),
        _list_patterns(locale, "or"),
        _list_patterns(locale, "standard"),
    )


def _list_patterns(locale: Locale, style: str) -> ListPatterns:
    found = locale.list_patterns[style]
    return found["2"], found["start"], found["middle"], found["end"]


def _common(texts: list[str]) -> str:
    """Return what all texts begin with."""
    shortest, longest = min(texts), max(texts)
    pairs = zip(shortest, longest, strict=False)
    same = next((n for n, (one, other) in enumerate(pairs) if one != other), len(shortest))
    return shortest[:same]
