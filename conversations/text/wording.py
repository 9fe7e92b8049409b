"""The bot's own words: a key and a language make a text.

Catalogues are gettext files in `locales/`, one a language, keyed by names and not by English
sentences, so that a corrected comma in English makes no translation outdated. A key that a
language lacks is said in English. A language is offered only when its catalogue is complete.
"""

import gettext
import io
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
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
"""How many numbers and dates are remembered as written: Babel takes 20 µs for each."""

Value = str | int


def raw(text: Html) -> Markup:
    """Return `text` as a value that is rich already and is put in as it stands."""
    return Markup(text)  # noqa: S704 - `Html` is made by `escape` and by our own catalogues only


@cache
def catalogue(language: str) -> Catalog:
    """Return the catalogue of `language` as it was written."""
    path = LOCALES / f"{language}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


@cache
def offered() -> tuple[str, ...]:
    """Return the languages whose catalogues are complete, English first."""
    wanted = _keys(catalogue(DEFAULT))
    found = [path.stem for path in sorted(LOCALES.glob("*.po")) if path.stem != DEFAULT]
    return (DEFAULT, *(language for language in found if _keys(catalogue(language)) == wanted))


def match(wanted: str, among: Iterable[str]) -> str | None:
    """Return the language of `among` nearest to the tag `wanted` (RFC 4647, by script, then base).

    Telegram's `zh-hans`, `zh-TW` or `zh` all find `zh-Hant` where no nearer Chinese is offered.
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
    """Return what `language` calls itself, for the button that chooses it."""
    locale = _locale(language)
    return (locale.get_display_name(locale) or language).capitalize()


@dataclass(frozen=True)
class Wording:
    """Says keys in one language. With `show_keys`, each text names its key, for translators."""

    language: str
    show_keys: bool = False

    def say(self, key: str, **values: Value) -> Html:
        """Return the rich text of `key`.

        Values are escaped, unless they went through `raw`; whole numbers are written as the
        language writes them, and `count` chooses the plural. Raises KeyError for an unknown key.
        """
        count = values.get("count")
        template = _text(self.language, key, count if isinstance(count, int) else None)
        shown = {name: escape(self._value(value)) for name, value in values.items()}
        said = template.format(**shown)
        return Html(f"⟦{key}⟧ {said}" if self.show_keys else said)

    def label(self, key: str, **values: Value) -> str:
        """Return the text of `key` without formatting: for buttons, toasts and mail."""
        return plain(self.say(key, **values))

    def words(self, key: str) -> frozenset[str]:
        """Return the words that `key` lists, divided by bars, folded for comparison."""
        return _words(self.language, key)

    def number(self, value: int) -> str:
        """Return `value` as the language writes it."""
        return _number(self.language, value)

    def day(self, value: date) -> str:
        """Return the date of `value` as the language writes it."""
        return _day(self.language, value)

    def short_day(self, value: date) -> str:
        """Return the date of `value`, without its year."""
        return format_skeleton("MMMd", value, locale=_locale(self.language))

    def days(self, first: date, last: date) -> str:
        """Return the dates from `first` to `last`, as the language writes them."""
        said = format_interval(first, last, "yMMMd", locale=_locale(self.language))
        return said.replace("\u2009", " ")  # thin spaces, which not every font has

    @property
    def right_to_left(self) -> bool:
        """Whether the language runs so."""
        return _runs_right_to_left(self.language)

    def clock(self, value: datetime) -> str:
        """Return the UTC time of day of `value`, in hours and minutes."""
        return format_time(value, format="HH:mm", locale=_locale(self.language))

    def _value(self, value: Value) -> str:
        if isinstance(value, Markup):
            return value
        if isinstance(value, int):
            return self.number(value)
        mixed = _is_right_to_left(value) != _runs_right_to_left(self.language)
        return isolate(value) if mixed and _has_letters(value) else value


def fold(text: str) -> str:
    """Return `text` as bare words are compared: without case, signs and outer space."""
    return unicodedata.normalize("NFKC", text).casefold().strip(string.whitespace + ".!?。！？…")


def said_in_any(key: str, text: str) -> bool:
    """Whether `text` is one of the words of `key` in any language that is offered."""
    folded = fold(text)
    return any(folded in Wording(language).words(key) for language in offered())


@lru_cache(_CACHE_SIZE)
def _number(language: str, value: int) -> str:
    return format_decimal(value, locale=_locale(language))


@lru_cache(_CACHE_SIZE)
def _day(language: str, value: date) -> str:
    return format_date(value, format="long", locale=_locale(language))


@cache
def _runs_right_to_left(language: str) -> bool:
    return _locale(language).text_direction == "rtl"


@cache
def _words(language: str, key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _text(language, key, None).split("|"))


@cache
def _translations(language: str) -> gettext.NullTranslations:
    if not (LOCALES / f"{language}.po").exists():
        return gettext.NullTranslations()  # it says each key as it is
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
        said = (
            translations.gettext(key) if count is None else translations.ngettext(key, key, count)
        )
        if said != key:
            return said
    raise KeyError(key)


def _keys(catalogue: Catalog) -> frozenset[str]:
    return frozenset(
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and message.string and all(message.string) and not message.fuzzy
    )


def _is_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def _has_letters(text: str) -> bool:
    return any(unicodedata.category(letter).startswith("L") for letter in text)
