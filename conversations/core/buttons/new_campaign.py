"""Buttons of the dialogue in which a new campaign is made."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import StaffButtonData


class NewAction(StrEnum):
    """What a button of the dialogue does."""

    BEGIN = "begin"
    """Begin a new campaign, or continue the one that was begun."""
    CONTINUE = "continue"
    TEMPLATE = "template"
    ALL_SENT = "sent"
    """The whole text of the page was sent."""
    ALL_RIGHT = "fine"
    """Every part of the page is in its place."""
    CHECK = "check"
    """Look at each part of the page."""
    RIGHT = "right"
    """This part is in its place."""
    ASK_MOVE = "ask"
    """Ask to which part this one belongs."""
    MOVE = "move"
    ONE_BY_ONE = "single"
    """Look at each paragraph of this part."""
    PARTS = "parts"
    """Show all parts again."""
    ANSWER = "answer"
    """Take a suggestion as the answer to a question."""
    LATER = "later"
    BACK = "back"
    """Return to the question before."""
    CREATE = "create"
    CANCEL = "cancel"
    DELETE = "delete"


@dataclass(frozen=True)
class NewCampaignButton(StaffButtonData, prefix="new"):
    """A button of the dialogue."""

    action: NewAction

    at: int = 0
    """Where in the dialogue it belongs: the number of a paragraph, or of a question."""

    value: str = ""
    """The template, the part, or the number of a suggestion."""
