"""Read plain text and Markdown into paragraphs: headings, items of lists, and text.

A line of plain text is a paragraph, unless the text was broken into lines of equal length. In
Markdown, an empty line ends a paragraph. Formatting inside paragraphs is dropped.
"""

import codecs
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from conversations.folder.page_import.paragraphs import (
    MAX_CHARACTERS,
    Kind,
    PageError,
    Paragraph,
    clean,
    is_heading_length,
    too_long,
)
from conversations.text.scripts import has_no_spaces

_MAX_CHARACTER_BYTES = 4
"""No character has more bytes, in UTF-8 or UTF-16."""

_MAX_FOREIGN_SHARE = 0.3
"""Windows-1252 is for European languages: with more signs beyond ASCII, it is another encoding."""

_MAX_WRAPPED_LENGTH = 100
_MIN_WRAPPED_LENGTH = 50
"""Texts that were broken into lines have lines of 50 to 100 characters."""

_NEVER_BROKEN = ":。！？：…"
"""What ends a line only where a paragraph ends. A full stop may end any line."""

_HEADING = re.compile(r"(#{1,6})\s+(.*?)[\s#]*$")
_BOLD = re.compile(r"(\*\*\*|___|\*\*|__|\*)(?=\S)([^*]*[^*\s])\1")
_RULE = re.compile(r"[\s\-*_=~–—·.•|:+]*$")
_UNDERLINE = re.compile(r"(=+|-+)$")
_BULLET = re.compile(r"(?:[-*+–]\s|[•·◦▪▫‣●○■□▶►➤✔✓✅☑→👉]\ufe0f?)\s*|[-*+–•]$")
_NUMBER = re.compile(
    r"\(?(?:\d{1,2}|[a-z])[.)](?:\s+|$)|\d{1,2}[、．]\s*|[①-⑳]\s*"
    r"|[一二三四五六七八九十]{1,3}[、．]\s*|[(（][一二三四五六七八九十\d]{1,3}[)）]\s*"
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n){0,50}?---[ \t]*(?:\n|\Z)")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\(<?([^()<>\s]*)>?(?:\s+\"[^\"\n]*\")?\)")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*\*|__|~~|`)|(?<![\w\\])[*_](?=\S)|(?<=[^\s\\])[*_](?!\w)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252. Raises PageError."""
    if len(content) > (MAX_CHARACTERS + 1) * _MAX_CHARACTER_BYTES:
        raise too_long()
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        raise _no_text() from None
    allowed = "\t\n\v\f\r\x85"
    if any(unicodedata.category(char) == "Cc" and char not in allowed for char in text):
        raise _no_text()
    return text


def _encoding(content: bytes) -> str:
    """Return how a text file is encoded. Raises PageError."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    beginning = content[:200]
    for encoding, zeros in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if zeros.count(0) * 2 > len(zeros) > 1:
            return encoding
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        foreign = sum(byte >= 0x80 for byte in content)
        if foreign > len(content) * _MAX_FOREIGN_SHARE:
            raise _no_text() from None
        return "cp1252"
    return "utf-8-sig"


def _no_text() -> PageError:
    return PageError(
        "This isn't a text file in UTF-8, UTF-16 or Windows-1252.", "Save it as UTF-8."
    )


def read_text(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of plain text. Raises PageError if it is too long."""
    if len(text) > MAX_CHARACTERS:
        raise too_long()
    lines = text.splitlines()
    return _paragraphs(lines, width=_wrapped_width(lines))


def read_markdown(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of Markdown. Raises PageError if it is too long."""
    if len(text) > MAX_CHARACTERS:
        raise too_long()
    lines = _FRONT_MATTER.sub("", text.replace("\r\n", "\n")).splitlines()
    return _paragraphs([_unquoted(line) for line in lines], width=None)


def _unquoted(line: str) -> str:
    """Return a line of Markdown without the marks of quotes, code and HTML."""
    line = _TAG.sub("", re.sub(r"^[\s>]*>", "", line))
    return "" if line.lstrip().startswith(("```", "~~~")) else line


@dataclass
class _Pending:
    """A paragraph whose next lines are still to come."""

    first: Paragraph
    pieces: list[str] = field(default_factory=list)

    def finished(self, *, is_markdown: bool) -> Paragraph:
        """Return the whole paragraph."""
        text = " ".join(self.pieces)
        if self.pieces and has_no_spaces(self.pieces[0][-20:]):
            text = "".join(self.pieces)
        if is_markdown:
            text = _without_formatting(text)
        first = self.first
        return Paragraph(clean(text), first.kind, first.level, first.is_numbered)


def _paragraphs(lines: Sequence[str], width: int | None) -> Iterator[Paragraph]:
    """Yield the paragraphs in `lines`.

    `width` is that of plain text which was broken into lines, 0 if it was not; None for Markdown.
    """
    is_markdown = width is None
    pending: _Pending | None = None
    previous = ""
    for line in lines:
        if pending and is_markdown and _UNDERLINE.match(line.strip()):
            level = 1 if "=" in line else 2
            pending.first = Paragraph("", Kind.HEADING, level)
            yield pending.finished(is_markdown=True)
            pending = None
        elif _RULE.match(line) and not _BULLET.match(line.strip()):
            if pending:
                yield pending.finished(is_markdown=is_markdown)
            pending = None
        elif pending and _continues(pending, previous, line, width):
            pending.pieces.append(line.strip())
        else:
            if pending:
                yield pending.finished(is_markdown=is_markdown)
            first = _read_line(line.strip())
            pending = _Pending(first, [first.text] if first.text else [])
        previous = line
    if pending:
        yield pending.finished(is_markdown=is_markdown)


def _continues(pending: _Pending, previous: str, line: str, width: int | None) -> bool:
    """Whether `line` belongs to the paragraph of the line before it."""
    if _read_line(line.strip()).kind is not Kind.TEXT or pending.first.kind is Kind.HEADING:
        return False
    is_item = pending.first.kind is Kind.ITEM
    if not pending.pieces or (is_item and line.startswith(("  ", "\t"))):
        return True
    return width is None or _is_wrapped(previous.rstrip(), line.strip(), width)


def _is_wrapped(previous: str, line: str, width: int) -> bool:
    """Whether the first word of `line` did not fit into the line before it."""
    if not width or not previous or not line or has_no_spaces(previous[-20:]):
        return False
    first_word = line.split(maxsplit=1)[0]
    return previous[-1] not in _NEVER_BROKEN and len(previous) + 1 + len(first_word) > width


def _wrapped_width(lines: Sequence[str]) -> int:
    """Return the width of a text that was broken into lines, 0 if it was not."""
    width = max((len(line.rstrip()) for line in lines), default=0)
    if not _MIN_WRAPPED_LENGTH <= width <= _MAX_WRAPPED_LENGTH:
        return 0
    pairs = [
        line.strip()
        for previous, line in pairwise(lines)
        if _is_wrapped(previous.rstrip(), line.strip(), width)
    ]
    # A new paragraph rarely begins with a small letter, a broken line often does.
    small = sum(line[0].islower() for line in pairs)
    return width if small * 2 >= len(pairs) > 0 else 0


def _read_line(line: str) -> Paragraph:
    """Return what a line is, and its text without marks."""
    if heading := _HEADING.match(line):
        return Paragraph(heading[2], Kind.HEADING, len(heading[1]))
    bold = _BOLD.fullmatch(line)
    if bold and is_heading_length(bold[2]):
        return Paragraph(bold[2], Kind.HEADING)
    for pattern, is_numbered in ((_BULLET, False), (_NUMBER, True)):
        if mark := pattern.match(line):
            return Paragraph(line[mark.end() :], Kind.ITEM, is_numbered=is_numbered)
    return Paragraph(line)


def _without_formatting(text: str) -> str:
    """Return Markdown inside a paragraph as plain text; the address of a link follows it."""
    text = _LINK.sub(_written_link, text)
    text = _ESCAPED.sub(r"\1", _EMPHASIS.sub("", text))
    return html.unescape(text)


def _written_link(found: re.Match[str]) -> str:
    text, address = found[1], found[2]
    if found[0].startswith("!") or not address.startswith(("http://", "https://")):
        return text
    return f"{text} ({address})" if text and text != address else address
