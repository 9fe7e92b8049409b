"""What each paragraph of a page becomes in a campaign: a proposal that a campaigner can change."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from conversations.folder.page_import.paragraphs import Paragraph


class Part(StrEnum):
    """Where the text of a paragraph goes."""

    LABEL = "label"
    TITLE = "title"
    STORY = "story"
    MORE = "more"
    ASK = "ask"
    DEMANDS = "demands"
    LEFT_OUT = "left_out"
    """It isn't imported."""


class Reason(StrEnum):
    """Why a paragraph is in its part."""

    WORDS = "words"
    """Its words tell."""
    HEADING = "heading"
    """It is a heading, or below one that tells."""
    LIST = "list"
    """It is in a list."""
    POSITION = "position"
    """A guess from its place on the page."""
    CAMPAIGNER = "campaigner"
    """The campaigner put it there."""
    NOTICE = "notice"
    """Left out: it is about privacy, or about who sends the letter. The bot says what is true."""
    LETTER = "letter"
    """It belongs to a letter on the page: its text, or what is left out, such as a farewell."""
    SITE = "site"
    """Left out: it belongs to the website, like menus and share buttons."""
    SECTION = "section"
    """Left out: a heading such as “What happened”, for which the bot has its own."""
    TOO_LONG = "too_long"
    """Left out: there is no room for it in a message."""


@dataclass(frozen=True)
class Placed:
    """A paragraph and where it goes."""

    paragraph: Paragraph
    part: Part
    reason: Reason


@dataclass(frozen=True)
class Proposal:
    """A page whose paragraphs each have a part, in the order of the page."""

    placed: tuple[Placed, ...]

    def paragraphs(self, part: Part) -> tuple[Paragraph, ...]:
        """Return the paragraphs in a part."""
        return tuple(each.paragraph for each in self.placed if each.part is part)

    def move(self, number: int, part: Part) -> "Proposal":
        """Return the proposal with one paragraph, counted from 0, in another part."""
        moved = replace(self.placed[number], part=part, reason=Reason.CAMPAIGNER)
        return Proposal((*self.placed[:number], moved, *self.placed[number + 1 :]))

    def drop(self, number: int) -> "Proposal":
        """Return the proposal without one paragraph, counted from 0."""
        return self.move(number, Part.LEFT_OUT)

    def missing(self) -> Iterator[Part]:
        """Yield the parts that no paragraph is in."""
        used = {each.part for each in self.placed}
        yield from (part for part in Part if part not in used and part is not Part.LEFT_OUT)
