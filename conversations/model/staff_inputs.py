"""What a member of the team types next: a page of a broadcast's composer, or another input."""

from dataclasses import dataclass
from enum import StrEnum


class DraftPage(StrEnum):
    """A page of the composer of a broadcast. `composer` draws how one leads to another."""

    CONTENT = "content"
    PANEL = "panel"
    AUDIENCE = "audience"
    EXTRAS = "extras"
    CAMPAIGN = "campaign"
    ACTED = "acted"
    LANGUAGE = "language"
    COUNTRY = "country"
    VERSION = "version"
    BUTTON = "button"
    LINK = "link"
    ZONE = "zone"
    LATER = "later"
    CONFIRM = "confirm"
    COST = "cost"


@dataclass(frozen=True)
class DraftPosition:
    """Where a campaigner is in the composer. The draft itself is a row of its own."""

    page: DraftPage

    language: str = ""
    """The language of the translation whose content is awaited."""

    album: str = ""
    """The media group whose messages are arriving."""

    about: str = ""
    """The id of a confirmed broadcast that waits for its time, where the page is about it."""


class AdminInput(StrEnum):
    """What an admin, or a campaigner who edits a campaign, can be asked to type or send."""

    SOURCE = "source"
    """The name of a link source of a campaign."""

    LETTER_CODE = "code"
    """The code of a letter for reports of abuse."""

    DISOWNED_ADDRESS = "address"
    """An address whose owner disowned it."""

    TARGET = "target"
    """The name of a target of a campaign."""

    NOTICE = "notice"
    """A notice about people's data."""

    NEW_CAMPAIGN = "new"
    """A page, a file, or the answer to a question about a new campaign."""

    CAMPAIGN_FILES = "files"
    """Files of a campaign that is edited. It may also be nothing."""

    CAMPAIGN_PART = "part"
    """The new content of a part of a campaign: a text, a setting or a picture."""

    TRANSLATION = "translation"
    """The translation of a section of a campaign's texts."""

    NEW_LANGUAGE = "language"
    """Another language of a campaign."""


@dataclass(frozen=True)
class AwaitedInput:
    """What an admin is asked to type next."""

    kind: AdminInput

    campaign: str = ""
    """The slug of the campaign that a link source is for, whose targets are searched, or that is
    edited.
    """

    notice: str = ""
    """The id of the notice that gets another version; "" for a new one."""

    language: str = ""
    """The language of that version, or of the text that is edited."""

    part: str = ""
    """The code of the part that is edited (`conversations.editing.parts`)."""

    seen: str = ""
    """A hash of the part's content as the person saw it."""

    appends: bool = False
    """Whether what is typed continues the content, because the text before was as long as a message
    can be.
    """
