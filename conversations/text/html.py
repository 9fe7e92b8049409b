"""Telegram's HTML: escaping, bold text, and lengths.

The tags are those of the Bot API, "Formatting options, HTML style": b, i, u, s, a, code, pre,
blockquote, tg-spoiler, tg-time. Telegram counts lengths in UTF-16 code units, after it has parsed
the tags.
"""

import html
import re
from typing import NewType

Html = NewType("Html", str)

_TAG = re.compile(r"<[^>]*>")
_QUOTE = re.compile(r"</?blockquote[^>]*>")
FSI, PDI = "\u2068", "\u2069"
"""They begin and end a text whose direction does not affect others (UAX 9)."""


def escape(text: str) -> Html:
    """Return plain `text` as HTML that shows it unchanged."""
    return Html(html.escape(text, quote=True))


def bold(text: str) -> Html:
    """Return plain `text` as bold HTML."""
    return Html(f"<b>{escape(text)}</b>")


def time(text: str, unix: int, form: str) -> Html:
    """Return the HTML of a time that each reader sees in their own time zone (Bot API 9.5).

    `text` is HTML, for clients that don't know such times. `unix` is the time in seconds since
    1970. `form` says what is shown: t the time of day, D the date, Dt both.
    """
    return Html(f'<tg-time unix="{unix}" format="{form}">{text}</tg-time>')


def isolate(text: str) -> str:
    """Return `text` between FSI and PDI, so that its direction does not affect others (UAX 9)."""
    return f"{FSI}{text}{PDI}"


def fold(text: Html) -> Html:
    """Return `text` as a quote of which three lines are seen until it is tapped.

    Bot API 7.4, `<blockquote expandable>`; an older server shows all lines. Quotes can't be nested
    (Bot API, "Formatting options"), so those inside `text` lose their frame.
    """
    return Html(f"<blockquote expandable>{_QUOTE.sub('', text)}</blockquote>")


def plain(text: Html) -> str:
    """Return the plain text of `text`, without tags and entities."""
    return html.unescape(_TAG.sub("", text))


def length(text: Html) -> int:
    """Return the length of the plain text of `text`, as Telegram's limits count."""
    return utf16_length(plain(text))


def utf16_length(text: str) -> int:
    """Return the length of plain `text` in UTF-16 code units; a lone surrogate counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
