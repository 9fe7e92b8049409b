"""Turn the HTML of an email into plain text, in time proportional to its length.

The standard library's parser takes minutes for some 100 kB of malicious HTML, and browsers' parsers
build a tree that may be too deep. Here HTML is only split into tags and text; nothing is nested.
"""

import re
from collections.abc import Iterator
from html import unescape

_MAX_TAG_LENGTH = 4_000
"""Characters of a tag in which a link is searched."""

_LINE_TAGS = frozenset(("br", "div", "dd", "dt", "hr", "li", "option", "pre", "tr"))
_PARAGRAPH_TAGS = frozenset(
    (
        *("article", "blockquote", "dl", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "ol", "p", "section", "table", "ul"),
    )
)
_CELL_TAGS = frozenset(("td", "th"))
_HIDDEN_TAGS = frozenset(("head", "script", "style", "template", "title"))
"""Elements whose content nobody sees."""

_TAG_NAME = re.compile(r"</?([a-z][a-z0-9]*)")
_LINK = re.compile(r"""\shref\s*=\s*(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s"'>]{1,2000}))""")
_BLANKS = re.compile(r"[^\S\n\xa0]+")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def html_to_text(html: str) -> str:
    """Return what a reader of `html` sees: paragraphs, lines, and the addresses of links."""
    pieces: list[str] = []
    link = ""
    for token, is_tag in _tokens(html):
        if not is_tag:
            pieces.append(_BLANKS.sub(" ", unescape(token).replace("\n", " ")))
            continue
        name = _tag_name(token)
        if name in _PARAGRAPH_TAGS:
            pieces.append("\n\n")
        elif name in _LINE_TAGS:
            pieces.append("\n")
        elif name in _CELL_TAGS:
            pieces.append(" ")
        elif name == "a":
            if token.startswith("</") and link and link not in "".join(pieces[-5:]):
                pieces.append(f" ({link})")
            link = "" if token.startswith("</") else _link(token)
    text = "\n".join(_BLANKS.sub(" ", line).strip() for line in "".join(pieces).split("\n"))
    return _BLANK_LINES.sub("\n\n", text.replace("\xa0", " ")).strip()


def _tokens(html: str) -> Iterator[tuple[str, bool]]:
    """Yield texts and tags, and whether each is a tag. Comments and what is hidden are left out."""
    lower = html.lower()
    if len(lower) != len(html):  # a few characters become longer
        lower = html
    at = 0
    while (begin := html.find("<", at)) >= 0:
        if begin > at:
            yield html[at:begin], False
        if lower.startswith("<!--", begin):
            end = html.find("-->", begin)
            at = len(html) if end < 0 else end + 3
            continue
        if not (
            lower[begin + 1 : begin + 2].isalpha() or html[begin + 1 : begin + 2] in ("/", "!")
        ):
            yield "<", False
            at = begin + 1
            continue
        end = html.find(">", begin)
        if end < 0:  # a tag without an end: everything after it may be text
            yield html[begin:], False
            return
        name = _tag_name(html[begin : begin + 20])
        at = end + 1
        if name in _HIDDEN_TAGS and html[begin + 1] != "/":
            closed = lower.find(f"</{name}", at)
            at = len(html) if closed < 0 else closed
        yield html[begin : min(end + 1, begin + _MAX_TAG_LENGTH)], True
    yield html[at:], False


def _tag_name(tag: str) -> str:
    found = _TAG_NAME.match(tag[:20].lower())
    return found[1] if found else ""


def _link(tag: str) -> str:
    """Return the address of a link, if a reader can use it."""
    found = _LINK.search(tag)
    address = unescape(next(filter(None, found.groups()), "")).strip() if found else ""
    if address.lower().startswith("mailto:"):
        return address[7:].partition("?")[0]
    return address if address.lower().startswith(("http://", "https://")) else ""
