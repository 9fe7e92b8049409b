"""Read the text of a page from a file, or as a campaigner pasted it, into paragraphs."""

from pathlib import PurePath

from conversations.folder.page_import.paragraphs import PageError, Paragraph, finish
from conversations.folder.page_import.plain_text import decode, read_markdown, read_text
from conversations.folder.page_import.word_document import read_word

MAX_FILE_BYTES = 5_000_000
"""The largest file that is opened: a Word document may contain pictures."""

SUFFIXES = (".txt", ".md", ".docx")


def read_document(name: str, content: bytes) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a file; its name says what it is. Raises PageError."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise PageError(
            f"Only these files can be read: {', '.join(SUFFIXES)}.",
            "Save it as one of these, or copy its text into a .txt file.",
        )
    if len(content) > MAX_FILE_BYTES:
        problem = f"This file is over {MAX_FILE_BYTES // 1_000_000} MB."
        raise PageError(problem, "Copy its text into a .txt file.")
    match suffix:
        case ".txt":
            return finish(read_text(decode(content)))
        case ".md":
            return finish(read_markdown(decode(content)))
        case _:
            return finish(read_word(content))


def read_pasted(text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a pasted text. Raises PageError."""
    return finish(read_text(text))
