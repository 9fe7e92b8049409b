"""The paragraphs of a page, as every kind of document is read, and why one can't be read."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from conversations.model.mistakes import Mistake

MAX_CHARACTERS = 100_000
"""The longest text that is read; a long page has a tenth of that."""

MAX_PARAGRAPHS = 1_000

MAX_HEADING_LENGTH = 120
"""A longer paragraph in bold is no heading."""

_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_KEPT_FORMATS = "\u200c\u200d\u200e\u200f"
"""Joiners and marks of direction, which scripts and emoji need."""


class Kind(StrEnum):
    """What a paragraph is in its document."""

    HEADING = "heading"
    ITEM = "item"
    """An item of a list."""
    TEXT = "text"


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a page."""

    text: str
    """Plain text on one line, without the marks of headings and lists."""

    kind: Kind = Kind.TEXT

    level: int = 0
    """A heading's level from 1 to 6; 0 for a line in bold."""

    is_numbered: bool = False
    """Whether it is an item of a numbered list."""


class PageError(Exception):
    """The document can't be read as a page."""

    def __init__(self, problem: str, fix: str) -> None:
        """Say what is wrong with the document, and how to fix it."""
        super().__init__(problem)
        self.problem = problem
        self.fix = fix

    def mistake(self, where: str) -> Mistake:
        """Return the error as a mistake in the file `where`."""
        return Mistake(self.problem, self.fix, where)


def too_long() -> PageError:
    """Return the error for a text that is too long to be a page."""
    return PageError(
        f"This has over {MAX_CHARACTERS:,} characters or {MAX_PARAGRAPHS:,} paragraphs.",
        "Take only the page's text.",
    )


def is_heading_length(text: str) -> bool:
    """Whether a line in bold can be a heading: not if it is long, or ends with a full stop."""
    return len(text) <= MAX_HEADING_LENGTH and text[-1:] not in ".。"


def clean(text: str) -> str:
    """Return `text` on one line, in NFC, without characters that show nothing."""
    shown = (
        char
        for char in _SPACES.sub(" ", text)
        if char in _KEPT_FORMATS or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn")
    )
    return unicodedata.normalize("NFC", "".join(shown)).strip()


def finish(paragraphs: Iterable[Paragraph]) -> tuple[Paragraph, ...]:
    """Return the paragraphs that contain text. Raises PageError if there are none, or too many."""
    found: list[Paragraph] = []
    length = 0
    for each in paragraphs:
        length += len(each.text)
        if len(found) > MAX_PARAGRAPHS or length > MAX_CHARACTERS:
            raise too_long()
        if any(char.isalnum() for char in each.text):
            found.append(each)
    if len(found) > MAX_PARAGRAPHS:
        raise too_long()
    if not found:
        raise PageError("There is no text in it.", "Choose another file, or paste the text.")
    return tuple(found)
