"""Rich text: Telegram's HTML subset, as the conversations write it.

The tags are those of the Bot API, "Formatting options, HTML style": b, i, u, s, a, code, pre,
blockquote, tg-spoiler. Lengths are counted as Telegram counts them: UTF-16 code units after
entities are parsed.
"""

import html
import re
from typing import NewType

Html = NewType("Html", str)

_TAG = re.compile(r"<[^>]*>")
_FSI, _PDI = "\u2068", "\u2069"


def escape(text: str) -> Html:
    """Return `text` so that it shows as it was typed."""
    return Html(html.escape(text, quote=True))


def bold(text: str) -> Html:
    """Return `text`, escaped, in bold."""
    return Html(f"<b>{escape(text)}</b>")


def isolate(text: str) -> str:
    """Return `text` between FSI and PDI: its direction changes nothing around it (UAX 9)."""
    return f"{_FSI}{text}{_PDI}"


def plain(text: Html) -> str:
    """Return what a reader sees of `text`, without its formatting."""
    return html.unescape(_TAG.sub("", text))


def length(text: Html) -> int:
    """Return the UTF-16 code units of `text` after entities, as Telegram's limits count."""
    return units(plain(text))


def units(text: str) -> int:
    """Return the UTF-16 code units of plain `text`; half a surrogate pair counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
