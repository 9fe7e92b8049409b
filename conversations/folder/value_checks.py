"""Checks of single values of a campaign: addresses and countries."""

from collections.abc import Callable, Iterator

from conversations.folder.suggestions import suggest_country
from conversations.model.mistakes import Mistake
from conversations.text import countries
from conversations.text.typed_addresses import Address, parse_address

Locate = Callable[[str], str]
"""Returns where a key is in the file: "river/campaign.toml:12 slug"."""


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
