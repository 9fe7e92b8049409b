"""What `actionbot campaign new --from` shows: where each paragraph went, and what is to be done."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from conversations.folder.page_import.page_parts import Part, Proposal, Reason
from conversations.model.mistakes import Mistake

_SHOWN_LENGTH = 50
"""With this, a table is 80 columns wide."""

_PARTS = {
    Part.LABEL: "Label",
    Part.TITLE: "Title",
    Part.STORY: "Story",
    Part.MORE: "More",
    Part.ASK: "Ask",
    Part.DEMANDS: "Demands",
    Part.LEFT_OUT: "left out",
}

_REASONS = {
    Reason.WORDS: "words",
    Reason.HEADING: "heading",
    Reason.LIST: "list",
    Reason.POSITION: "place: a guess",
    Reason.CAMPAIGNER: "your choice",
    Reason.NOTICE: "privacy or sender",
    Reason.SITE: "part of the site",
    Reason.SECTION: "heading only",
    Reason.TOO_LONG: "too long",
}


def page_table(proposal: Proposal) -> Table:
    """Return each paragraph of a page with its part, and why it is there."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for title in ("Part", "Text of the page", "Because of"):
        shown.add_column(title)
    for each in proposal.placed:
        style = {Part.LEFT_OUT: "dim"}.get(each.part, "green")
        text = each.paragraph.text
        if len(text) > _SHOWN_LENGTH:
            text = f"{text[: _SHOWN_LENGTH - 1].rstrip()}…"
        shown.add_row(Text(_PARTS[each.part], style), Text(text), Text(_REASONS[each.reason]))
    return shown


def notes(mistakes: Sequence[Mistake]) -> Iterator[str]:
    """Yield what is still to be written or fixed, each with its file and line."""
    yield f"Still to be written or fixed: {len(mistakes)}"
    for each in mistakes:
        yield f"  {each.where}: {each.problem}"
