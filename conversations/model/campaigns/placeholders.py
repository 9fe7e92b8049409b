"""Fills named placeholders like {name} in a campaign's texts, never as format strings."""

import re
from collections.abc import Mapping

from conversations.text.html import Html, escape

PLACEHOLDER = re.compile(r"\{([a-z0-9_-]+)\}")
_BRACED = re.compile(r"\{([^{}\n]{1,50})\}")


def placeholder_names(text: str) -> tuple[str, ...]:
    """Return all texts in braces, in order, including those that are no valid placeholder."""
    return tuple(_BRACED.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return plain `text` with its placeholders replaced. Placeholders in values stay.

    Raises KeyError for a placeholder that is not in `values`.
    """
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], text)


def fill_html(text: Html, values: Mapping[str, str]) -> Html:
    """Return HTML with each placeholder replaced by its escaped value."""
    return Html(PLACEHOLDER.sub(lambda found: escape(values[found.group(1)]), text))
