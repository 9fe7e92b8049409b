"""Converts Markdown (CommonMark) to Telegram's HTML."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from conversations.text.html import Html, escape

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
# `_link_target` checks links and reports errors; the parser would show a wrong link as text.
_PARSER.validateLink = lambda url: True  # type: ignore[method-assign]  # the documented way to set it
_INLINE = {"strong": "b", "em": "i", "s": "s"}
_BRACED = re.compile(r"%7B([a-z_]+)%7D", re.IGNORECASE)
_LINKS = ("http://", "https://", "tg://", "{official_page}", "{privacy_policy}")


class UnsupportedMarkdown(Exception):
    """The text has an element that Telegram's HTML cannot show, like a table or an image."""

    def __init__(self, what: str, line: int) -> None:
        """Name the element and its line, counted from 0."""
        super().__init__(what)
        self.what = what
        self.line = line


def render(text: str) -> Html:
    """Return Markdown as HTML. Placeholders stay, in links too. Raises UnsupportedMarkdown."""
    blocks: list[str] = []
    lists: list[int | None] = []
    item = quoted = ""
    for token in _PARSER.parse(text):
        line = token.map[0] if token.map else 0
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                item, lists = _item(lists)
            case "blockquote_open":
                quoted = "<blockquote>"
            case "blockquote_close":
                blocks[-1] += "</blockquote>"
            case "inline":
                written = "".join(_inline(token.children or [], line))
                marked = "\n" if item and blocks else ""
                blocks.append(f"{marked}{quoted}{item}{written}")
                item = quoted = ""
            case "heading_open" | "heading_close" | "paragraph_open" | "paragraph_close":
                pass
            case "list_item_close":
                pass
            case "hr":
                blocks.append("———")
            case "code_block" | "fence":
                blocks.append(f"<pre>{escape(token.content.rstrip())}</pre>")
            case kind:
                raise UnsupportedMarkdown(kind.removesuffix("_open").replace("_", " "), line)
    return Html(_join_blocks(blocks))


def _item(lists: list[int | None]) -> tuple[str, list[int | None]]:
    number = lists[-1]
    if number is None:
        return "• ", lists
    return f"{number}. ", [*lists[:-1], number + 1]


def _join_blocks(blocks: list[str]) -> str:
    """Join blocks with empty lines, and the items of a list with line breaks."""
    text = ""
    for block in blocks:
        if not text:
            text = block.lstrip("\n")
        elif block.startswith("\n") and _is_item(text.rpartition("\n")[2]):
            text += block
        else:
            text += "\n\n" + block.lstrip("\n")
    return text


def _is_item(line: str) -> bool:
    return line.startswith("• ") or re.match(r"\d+\. ", line) is not None


def _inline(tokens: list[Token], line: int) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "text":
                yield escape(token.content)
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "code_inline":
                yield f"<code>{escape(token.content)}</code>"
            case "link_open":
                yield f'<a href="{escape(_link_target(str(token.attrs["href"]), line))}">'
            case "link_close":
                yield "</a>"
            case kind if kind.endswith("_open") and kind.removesuffix("_open") in _INLINE:
                yield f"<{_INLINE[kind.removesuffix('_open')]}>"
            case kind if kind.endswith("_close") and kind.removesuffix("_close") in _INLINE:
                yield f"</{_INLINE[kind.removesuffix('_close')]}>"
            case kind:
                raise UnsupportedMarkdown(kind.replace("_", " "), line)


def _link_target(href: str, line: int) -> str:
    href = _BRACED.sub(r"{\1}", href)
    if not href.lower().startswith(_LINKS):
        raise UnsupportedMarkdown("link that is not http(s)", line)
    return href
