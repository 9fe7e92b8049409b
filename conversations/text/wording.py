"""Looks up the bot's texts in the catalogues, and formats numbers and dates.

The catalogues are gettext files in `locales/`, one per language. Their keys are names, not English
sentences, so a corrected comma in English makes no translation outdated. Where a catalogue lacks a
key, the English text is used. A language is offered only if its catalogue is complete.
"""

import gettext
import io
import string
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from conversations.text.html import Html, isolate, plain

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en"

_RIGHT_TO_LEFT = {"R", "AL"}

_CACHE_SIZE = 1000
"""How many formatted numbers and dates are cached: Babel takes 20 µs for each."""

_AROUND_WORDS = string.whitespace + ".,!?。，！？…\"'“”‘’「」"
"""What people type around a word like “yes”."""

Value = str | int


def raw(text: Html) -> Markup:
    """Mark `text` as HTML, so that `Wording.say` inserts it without escaping."""
    return Markup(text)  # noqa: S704 - `Html` is made by `escape` and by our own catalogues only # nosec B704


@cache
def catalogue(language: str) -> Catalog:
    """Return the catalogue of `language`, parsed from its file."""
    path = LOCALES / f"{language}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


@cache
def offered() -> tuple[str, ...]:
    """Return the tags of the languages with complete catalogues, English first."""
    wanted = _keys(catalogue(DEFAULT))
    found = [path.stem for path in sorted(LOCALES.glob("*.po")) if path.stem != DEFAULT]
    return (DEFAULT, *(language for language in found if _keys(catalogue(language)) == wanted))


def match(wanted: str, among: Iterable[str]) -> str | None:
    """Return the language of `among` that fits the tag `wanted` best; None if none does.

    The whole tag is compared first, then the base language (RFC 4647). `zh-hans`, `zh-TW` and `zh`
    all match `zh-Hant` if no other Chinese is offered.
    """
    choices = tuple(among)
    lowered = {choice.lower(): choice for choice in choices}
    tag = wanted.replace("_", "-").lower()
    if tag in ("zh-tw", "zh-hk", "zh-mo"):
        tag = "zh-hant"
    if tag in lowered:
        return lowered[tag]
    base = tag.split("-")[0]
    return next((choice for choice in choices if choice.lower().split("-")[0] == base), None)


def own_name(language: str) -> str:
    """Return the name of `language` in that language."""
    locale = _locale(language)
    return (locale.get_display_name(locale) or language).capitalize()


@dataclass(frozen=True)
class Wording:
    """Returns the bot's texts in one language."""

    language: str
    """The tag of a catalogue, like zh-Hant."""

    show_keys: bool = False
    """Whether each text begins with its key, for translators."""

    def say(self, key: str, **values: Value) -> Html:
        """Return the HTML text of `key` with `values` in its placeholders.

        Values are escaped, unless `raw` has marked them as HTML. Integers are formatted for the
        language, and `count` selects the plural form. Raises KeyError for an unknown key.
        """
        count = values.get("count")
        template = _text(self.language, key, count if isinstance(count, int) else None)
        shown = {name: escape(self._value(value)) for name, value in values.items()}
        text = template.format(**shown)
        return Html(f"⟦{key}⟧ {text}" if self.show_keys else text)

    def label(self, key: str, **values: Value) -> str:
        """Return the text of `key` as plain text, for buttons, toasts and mail."""
        return plain(self.say(key, **values))

    def words(self, key: str) -> frozenset[str]:
        """Return the words of `key`, a list separated by bars, each folded (see `fold`)."""
        return _words(self.language, key)

    def number(self, value: int) -> str:
        """Return `value` with the language's digit grouping."""
        return _number(self.language, value)

    def day(self, value: date) -> str:
        """Return a date in the language's long format."""
        return _day(self.language, value)

    def either(self, values: Sequence[str]) -> str:
        """Return a list of alternatives, such as “A, B or C”."""
        return format_list(values, style="or", locale=_locale(self.language))

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
        return _is_written_right_to_left(self.language)

    def clock(self, value: datetime) -> str:
        """Return the time of day of `value`, in hours and minutes of UTC."""
        return format_time(value, format="HH:mm", locale=_locale(self.language))

    def _value(self, value: Value) -> str:
        """Format a value; text in the other direction is isolated."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, int):
            return self.number(value)
        mixed = _has_right_to_left(value) != _is_written_right_to_left(self.language)
        return isolate(value) if mixed and _has_letters(value) else value


def fold(text: str) -> str:
    """Return `text` for comparing words: without case, invisible characters, and signs around."""
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", shown).casefold().strip(_AROUND_WORDS)


@cache
def words_of(key: str) -> frozenset[str]:
    """Return the words of `key` in all offered languages, folded."""
    return frozenset(word for language in offered() for word in Wording(language).words(key))


def is_word_of(key: str, text: str) -> bool:
    """Return whether `text` is one of the words of `key`, in any offered language."""
    return fold(text) in words_of(key)


@lru_cache(_CACHE_SIZE)
def _number(language: str, value: int) -> str:
    return format_decimal(value, locale=_locale(language))


@lru_cache(_CACHE_SIZE)
def _day(language: str, value: date) -> str:
    return format_date(value, format="long", locale=_locale(language))


@cache
def _is_written_right_to_left(language: str) -> bool:
    return _locale(language).text_direction == "rtl"


@cache
def _words(language: str, key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _text(language, key, None).split("|"))


@cache
def _translations(language: str) -> gettext.NullTranslations:
    if not (LOCALES / f"{language}.po").exists():
        return gettext.NullTranslations()  # returns each key unchanged
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _text(language: str, key: str, count: int | None) -> str:
    for candidate in (language, DEFAULT):
        translations = _translations(candidate)
        text = (
            translations.gettext(key) if count is None else translations.ngettext(key, key, count)
        )
        if text != key:
            return text
    raise KeyError(key)


def _keys(catalogue: Catalog) -> frozenset[str]:
    """Return the keys that are completely translated."""
    return frozenset(
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and message.string and all(message.string) and not message.fuzzy
    )


def _has_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def _has_letters(text: str) -> bool:
    return any(unicodedata.category(letter).startswith("L") for letter in text)
