"""Checks of values that stand in several places: addresses, countries, translations, characters."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping

from conversations.folder.suggestions import suggest_country
from conversations.model.mistakes import Mistake, suggest
from conversations.text import countries
from conversations.text.typed.addresses import Address, parse_address

Locate = Callable[[str], str]
"""Returns where a key is in the file: "river/campaign.toml:12 slug"."""

_DIRECTION_OVERRIDES = "\u202d\u202e"


def is_address(text: str) -> bool:
    """Whether `text` is an email address and nothing else."""
    return isinstance(parse_address(text), Address)


def check_countries(listed: tuple[str, ...], where: str) -> Iterator[Mistake]:
    """Yield the codes that are not countries."""
    for country in listed:
        if country not in countries.all_codes():
            problem = f"“{country}” isn't a valid country."
            fix = suggest_country(country) or "Use codes of ISO 3166-1, like PT."
            yield Mistake(problem, fix, where)


def check_translations(
    texts: Mapping[str, str],
    languages: tuple[str, ...],
    at: str,
    locate: Locate,
    *,
    what: str = "name",
) -> Iterator[Mistake]:
    """Yield the campaign's languages that a text lacks, and translations that aren't used.

    `at` is the key of the text, and `what` says what it is.
    """
    missing = [language for language in languages if language not in texts]
    for language in missing:
        problem = f"It has no {what} in “{language}”, a language of the campaign."
        yield Mistake(problem, f'Add {language} = "…" to it.', locate(at))
    for language in texts:
        if language not in languages:
            problem = f"“{language}” isn't a language of the campaign, so this {what} isn't used."
            fix = suggest(language, missing or languages)
            yield Mistake(problem, fix, locate(f"{at}.{language}"), is_error=False)


def invisible_characters(text: str) -> str:
    """Return the code points in `text` that are control characters or change its direction."""
    found = [
        character
        for character in text
        if unicodedata.category(character) == "Cc" or character in _DIRECTION_OVERRIDES
    ]
    return ", ".join(f"U+{ord(character):04X}" for character in dict.fromkeys(found))
