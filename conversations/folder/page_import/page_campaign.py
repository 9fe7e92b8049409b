"""Write a campaign's files from a page whose paragraphs have their parts."""

import re
from collections.abc import Callable, Iterable

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.section_editing import set_section
from conversations.folder.new_campaign import Template, new_campaign
from conversations.folder.page_import.page_parts import Part, Proposal
from conversations.folder.page_import.paragraphs import Kind, Paragraph

_HEADINGS = {
    Part.LABEL: "Label",
    Part.TITLE: "Title",
    Part.STORY: "Story",
    Part.MORE: "More",
    Part.ASK: "Ask",
    Part.DEMANDS: "Demands",
}
"""The headings of the file of texts, by the part that is written below them."""

_ONE_LINE = (Part.LABEL, Part.TITLE)
_PLAIN = (*_ONE_LINE, Part.DEMANDS)
"""The parts without formatting."""

_NO_BRACES = str.maketrans("{}", "()")
"""A name in braces would be filled in."""

_HEADING_MARK = re.compile(r"^[#\s]*#[#\s]*(?=\s)\s*|^#+$")
_SIGNS = re.compile(r"[\\*_\[\]<>`~]|&(?=#?\w{1,32};)")
_FIRST_SIGN = re.compile(r"^([+\-=#>]|\d{1,9}(?=[.)]))")


def campaign_from_page(
    proposal: Proposal, slug: str, language: str, template: Template = Template.GOVERNMENT
) -> CampaignFiles:
    """Return the files of a new campaign with the page's texts; all others are the template's."""
    files = new_campaign(slug, language, template)
    name = f"{language}.md"
    written = files.content[name].decode()
    for part, heading in _HEADINGS.items():
        if paragraphs := proposal.paragraphs(part):
            written = set_section(written, heading, _text(part, paragraphs))
    return CampaignFiles(slug, {**files.content, name: written.encode()})


def _text(part: Part, paragraphs: Iterable[Paragraph]) -> str:
    """Return paragraphs as the text of a section."""
    if part in _ONE_LINE:
        return plain_line(" ".join(each.text for each in paragraphs))
    return blocks(
        paragraphs, plain_line if part in _PLAIN else markdown_line, bold=part not in _PLAIN
    )


def blocks(paragraphs: Iterable[Paragraph], write: Callable[[str], str], *, bold: bool) -> str:
    """Return paragraphs with empty lines between them, except between the items of a list."""
    text = ""
    before: Paragraph | None = None
    number = 0
    for each in paragraphs:
        is_next = before is not None and each.kind is before.kind is Kind.ITEM
        number = number + 1 if is_next else 1
        if before:
            text += "\n" if is_next else "\n\n"
        written = write(each.text)
        if each.kind is Kind.ITEM:
            written = f"{number}. {written}" if each.is_numbered else f"- {written}"
        elif each.kind is Kind.HEADING and bold:
            written = f"**{written}**"
        text += written
        before = each
    return text


def plain_line(text: str) -> str:
    """Return a line for a section without formatting. It must not look like a heading."""
    return _HEADING_MARK.sub("", text.translate(_NO_BRACES)) or text.strip("# ")


def markdown_line(text: str) -> str:
    """Return a line as Markdown that shows it unchanged."""
    escaped = _SIGNS.sub(r"\\\g<0>", text.translate(_NO_BRACES))
    return _FIRST_SIGN.sub(_escape_first, escaped)


def _escape_first(found: re.Match[str]) -> str:
    sign = found[1]
    # The dot or bracket after a number, which would begin a list, follows the match.
    return f"{sign}\\" if sign.isdecimal() else f"\\{sign}"
