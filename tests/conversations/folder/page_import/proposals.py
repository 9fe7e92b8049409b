"""What is proposed for a page, as rows that tests compare."""

from collections.abc import Iterable
from pathlib import Path

from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.page_parts import Placed
from conversations.folder.page_import.paragraphs import Paragraph
from conversations.folder.page_import.recognition import propose

Row = tuple[str, str, str]


def proposed(text: str) -> list[Row]:
    """Return part, reason and beginning of each paragraph."""
    return rows(propose(read_pasted(text)).placed)


def proposed_page(page: Path) -> list[Row]:
    return rows(propose(read_document(page.name, page.read_bytes())).placed)


def rows(placed: Iterable[Placed]) -> list[Row]:
    return [(each.part, each.reason, each.paragraph.text[:30]) for each in placed]


def joined(paragraphs: Iterable[Paragraph]) -> str:
    return "".join("".join(each.text.split()) for each in paragraphs)
