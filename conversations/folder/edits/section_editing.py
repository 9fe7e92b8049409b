"""Changes single sections of a file of texts; the others stay exactly as they are."""

import re

from conversations.folder.formats.markdown_sections import (
    NOTICE,
    RICH,
    SEVERAL,
    TextFile,
    parse_text_file,
)

_ORDER = (
    *("Label", "Title", "Story", "More", "Ask", "Subject", "Letter", "Demands"),
    *("Prompt", "Reminder", "Reminder subject", "Notice"),
    *NOTICE,
    *("Consent", "Thanks", "Share", "At risk", "Safety"),
)
"""The order in which the sample has the headings."""

_LOOKS_LIKE_HEADING = re.compile(r"^(?=##? )", re.MULTILINE)


def sections_of(written: TextFile) -> dict[str, str]:
    """Return the text below each heading, in the order of the file."""
    return {
        each.heading: each.text
        for each in (*written.sections, *written.notice)
        if each.heading != "Notice"
    }


def read_sections(content: str) -> dict[str, str]:
    """Return the text below each heading of a file of texts."""
    return sections_of(parse_text_file("", content))


def set_section(content: str, heading: str, text: str) -> str:
    """Return the file with another text below `heading`, which is added if it is missing.

    A line of the text that would be a heading is written so that it is none.
    """
    lines = _clean(content).split("\n")
    marks = r"\\" if heading in RICH or heading in NOTICE else "\u200b"
    body = ["", *_LOOKS_LIKE_HEADING.sub(marks, text.strip()).split("\n"), ""]
    if found := _lines_of(content, heading):
        start, end = found
        new = [*lines[:start], *body, *lines[end:]]
    else:
        at = _place_for(content, heading)
        level = "##" if heading in NOTICE else "#"
        before = lines[:at] if at is not None else [*lines, ""]
        after = lines[at:] if at is not None else []
        new = [*_without_blank_end(before), "", f"{level} {heading}", *body, *after]
    return "\n".join(new).strip("\n") + "\n"


def remove_section(content: str, heading: str) -> str:
    """Return the file without a heading and the text below it."""
    found = _lines_of(content, heading)
    if found is None:
        return content
    lines = _clean(content).split("\n")
    start, end = found
    return "\n".join([*lines[: start - 1], *lines[end:]]).strip("\n") + "\n"


def next_variant(written: TextFile, kind: str) -> str:
    """Return the heading of one more section of which a file may have several, like “Letter 3”."""
    taken = {each.heading for each in written.sections}
    number = 2
    while f"{kind} {number}" in taken:
        number += 1
    return kind if kind not in taken and f"{kind} 1" not in taken else f"{kind} {number}"


def kind_of(heading: str) -> str:
    """Return the heading without its number: “Letter” for “Letter 3”."""
    kind = heading.partition(" ")[0]
    return kind if kind in SEVERAL else heading


def _clean(content: str) -> str:
    return content.replace("\r\n", "\n").removeprefix("\ufeff")


def _lines_of(content: str, heading: str) -> tuple[int, int] | None:
    """Return the first line below a heading, and the line of the next one, both from 0."""
    written = parse_text_file("", content)
    every = sorted((*written.sections, *written.notice), key=lambda each: each.line)
    for number, each in enumerate(every):
        if each.heading == heading:
            after = every[number + 1].line - 1 if number + 1 < len(every) else None
            return each.line, len(_clean(content).split("\n")) if after is None else after
    return None


def _place_for(content: str, heading: str) -> int | None:
    """Return the line, from 0, before which a new heading goes; None for the end of the file."""
    written = parse_text_file("", content)
    rank = _ORDER.index(kind_of(heading))
    for each in sorted((*written.sections, *written.notice), key=lambda each: each.line):
        kind = kind_of(each.heading)
        if kind in _ORDER and _ORDER.index(kind) > rank:
            return each.line - 1
    return None


def _without_blank_end(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
