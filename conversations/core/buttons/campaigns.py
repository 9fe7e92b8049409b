"""Buttons of the editor of campaigns. Their values are short: a slug and a tag fit beside them."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import StaffButtonData


class EditAction(StrEnum):
    """What a button of the editor does."""

    HOME = "h"
    """Show what was changed and what is wrong with it."""
    TEXTS = "t"
    """Choose a language, then a group of texts."""
    GROUP = "g"
    """Show the texts, or the settings, of a group."""
    SETTINGS = "f"
    """Choose a group of settings."""
    PART = "p"
    """Show a text, a setting or the picture, and wait for another."""
    CHOOSE = "c"
    """Set a setting to one of its values, whose number is the button's page."""
    ASK_REMOVE = "b"
    """Ask whether to remove a table of recipients or areas."""
    REMOVE = "r"
    """Remove an optional text, setting, the picture, a recipient, a question or a table."""
    WALK = "w"
    """Show a screen as supporters see it, whose number is the button's page."""
    TRANSLATE = "l"
    """Choose a language, then a section of its texts."""
    SECTION = "s"
    """Show a section beside its original, and wait for the translation."""
    CURRENT = "k"
    """Mark a section as translated from the current original."""
    ADD_LANGUAGE = "a"
    PUBLISH = "u"
    """Ask whether to publish."""
    PUBLISH_YES = "y"
    SEND_THERE = "z"
    """Publish although letters of a live campaign go to another address from then on."""
    MERGE = "m"
    """Put the draft together with a version that was published meanwhile."""
    ASK_APPROVAL = "q"
    APPROVE = "v"
    ASK_DROP = "d"
    DROP = "x"


@dataclass(frozen=True)
class EditButton(StaffButtonData, prefix="e"):
    """A button of the editor of campaigns."""

    action: EditAction
    campaign: str
    """The campaign's slug."""

    language: str = ""
    """The language of the texts, or of the screens."""

    part: str = ""
    """The code of a part or group; for buttons that decide, the first digits of the revision."""

    page: int = 1
    """The page of a list, the number of a screen or of a choice."""
