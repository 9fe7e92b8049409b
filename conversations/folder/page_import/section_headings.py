"""Headings that announce which part of a campaign is below them."""

from conversations.folder.page_import.cue_words import Cue, is_cue, starts_with
from conversations.folder.page_import.left_out import looks_short
from conversations.folder.page_import.page_parts import Part
from conversations.folder.page_import.paragraphs import Kind, Paragraph

_SECTIONS = (
    (Cue.STORY_HEADING, Part.STORY),
    (Cue.MORE_HEADING, Part.MORE),
    (Cue.DEMAND_HEADING, Part.DEMANDS),
    (Cue.ASK_HEADING, Part.ASK),
)


def announced_part(each: Paragraph) -> Part | None:
    """Return the part that a heading announces, None if it announces none."""
    for cue, part in _SECTIONS:
        is_short = looks_short(each) or each.text[-1] in ":："
        if is_short and each.kind is not Kind.ITEM and is_cue(cue, each.text):
            return part
        if each.kind is Kind.HEADING and starts_with(cue, each.text):
            return part
    return None


def is_only_heading(text: str) -> bool:
    """Whether a text is one of the known headings and says no more than that."""
    return any(is_cue(cue, text) for cue, _ in _SECTIONS)
