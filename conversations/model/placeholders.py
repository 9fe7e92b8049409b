"""Named placeholders in a campaign's texts, filled without ever running a text as a format."""

import re
from collections.abc import Mapping

from conversations.text.html import Html, escape

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BRACED = re.compile(r"\{([^{}\n]{1,50})\}")


def placeholder_names(text: str) -> tuple[str, ...]:
    """Return what stands in braces in `text`, in order; only names are ever filled."""
    return tuple(_BRACED.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return plain `text` with each placeholder replaced, once: a value is never filled itself.

    Raises KeyError for a placeholder that `values` lacks.
    """
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], text)


def fill_rich(text: Html, values: Mapping[str, str]) -> Html:
    """Return rich `text` with each placeholder replaced by its escaped value."""
    return Html(PLACEHOLDER.sub(lambda found: escape(values[found.group(1)]), text))
