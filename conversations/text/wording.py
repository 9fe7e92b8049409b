"""Looks up the bot's texts, and formats numbers and dates. A missing text is English."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_interval, format_skeleton
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from conversations.text.catalogues import PARTS, entries, folders
from conversations.text.direction import is_right_to_left, isolated
from conversations.text.formats import join
from conversations.text.html import FSI, PDI, Html, plain, time
from conversations.text.languages import DEFAULT, formats

_TAG = re.compile(r"<[^>]*>")

_CACHE_SIZE = 1000
"""How many texts without values, formatted numbers and dates are cached."""

Value = str | int


class AtLeast(int):
    """A number of which only a lower bound is known: it is shown as “1,000+”."""


def raw(text: Html) -> Markup:
    """Mark `text` as HTML, so that `Wording.say` inserts it without escaping."""
    return Markup(text)  # noqa: S704 - `Html` is made by `escape` and by our own catalogues only # nosec B704


@dataclass(frozen=True)
class Wording:
    """Returns the bot's texts in one language."""

    language: str
    """The tag of a catalogue, like zh-Hant."""

    show_keys: bool = False
    """Whether each text begins with its key, for translators."""

    reader: str = ""
    """The language of the reader, where there is no catalogue for it; "" if there is."""

    @property
    def reads(self) -> str:
        """The language in which the reader gets a campaign's texts, and names."""
        return self.reader or self.language

    def say(self, key: str, **values: Value) -> Html:
        """Return the HTML text of `key` with `values` in its placeholders.

        Values are escaped, unless `raw` has marked them as HTML. Integers are formatted for the
        language, and `count` selects the plural form. Raises KeyError for an unknown key.
        """
        text = self._filled(key, values) if values else _fixed(folders(), self.language, key)
        return Html(f"⟦{key}⟧ {text}") if self.show_keys else text

    def label(self, key: str, **values: Value) -> str:
        """Return the text of `key` as plain text, for buttons, toasts and mail."""
        if values or self.show_keys:
            return plain(self.say(key, **values))
        return _fixed_label(folders(), self.language, key)

    def number(self, value: int) -> str:
        """Return `value` with the language's digit grouping."""
        return _number(self.language, value)

    def day(self, value: date) -> str:
        """Return a date in the language's long format."""
        return _day(self.language, value)

    def either(self, values: Sequence[str]) -> str:
        """Return a list of alternatives, such as “A, B or C”."""
        return join(values, formats(self.language).either)

    def all_of(self, values: Sequence[str]) -> str:
        """Return a list, such as “A, B and C”."""
        return join(values, formats(self.language).all_of)

    def short_day(self, value: date) -> str:
        """Return a date without its year."""
        return format_skeleton("MMMd", value, locale=_locale(self.language))

    def days(self, first: date, last: date) -> str:
        """Return the range of dates from `first` to `last`."""
        text = format_interval(first, last, "yMMMd", locale=_locale(self.language))
        return text.replace("\u2009", " ")  # thin spaces, which some fonts lack

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return is_right_to_left(self.language)

    def clock(self, value: datetime) -> Markup:
        """Return the time of day of `value`, for `say` and `label`.

        In Telegram each reader sees it in their own time zone (Bot API 9.5). Plain texts, and
        clients that don't know such times, show it as 14:02 UTC.
        """
        return self._time(value, self._utc_clock(value), "t")

    def moment(self, value: datetime) -> Markup:
        """Return the date and time of `value`, as `clock` returns the time."""
        pattern = formats(self.language).moment
        day, clock = self.day(value.date()), str(self._value(self._utc_clock(value)))
        return self._time(value, pattern.replace("{1}", day).replace("{0}", clock), "Dt")

    def _utc_clock(self, value: datetime) -> str:
        utc = value.astimezone(UTC)
        return f"{utc:%H:%M} UTC"

    def _time(self, value: datetime, text: str, form: str) -> Markup:
        """Return a time with its plain `text`, for a format of the Bot API (Formatting options)."""
        tag = time(escape(self._value(text)), int(value.timestamp()), form)
        return raw(tag)

    def _filled(self, key: str, values: Mapping[str, Value]) -> Html:
        count = values.get("count")
        template = _text(self.language, key, count if isinstance(count, int) else None)
        shown = {name: escape(self._value(value)) for name, value in values.items()}
        return Html(_TAG.sub(_without_isolation, template.format(**shown)))

    def _value(self, value: Value) -> str:
        """Format a value; text in the other direction is isolated."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, int):
            return f"{self.number(value)}{'+' if isinstance(value, AtLeast) else ''}"
        return isolated(value, self.language)


@lru_cache(_CACHE_SIZE)
def _fixed(_folders: tuple[Path, ...], language: str, key: str) -> Html:
    """Return a text without placeholders. `_folders` are those of the catalogues."""
    return Html(_text(language, key, None).format())


@lru_cache(_CACHE_SIZE)
def _fixed_label(folders: tuple[Path, ...], language: str, key: str) -> str:
    return plain(_fixed(folders, language, key))


@lru_cache(_CACHE_SIZE)
def _number(language: str, value: int) -> str:
    if value < 0:
        return format_decimal(value, locale=_locale(language))
    return formats(language).number(value)


@lru_cache(_CACHE_SIZE)
def _day(language: str, value: date) -> str:
    return formats(language).day(value)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _text(language: str, key: str, count: int | None) -> str:
    for candidate in (language, DEFAULT):
        for part in PARTS:
            if (text := entries(candidate, part).text(key, count)) is not None:
                return text
    raise KeyError(key)


def _without_isolation(tag: re.Match[str]) -> str:
    """Return a tag whose values, such as web addresses, stand as they are."""
    return tag[0].replace(FSI, "").replace(PDI, "")
