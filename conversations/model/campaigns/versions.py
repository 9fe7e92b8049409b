"""A published version of a campaign, without its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class VersionOrigin(StrEnum):
    """Where a version comes from. The values are stored, so they never change."""

    FOLDER = "folder"
    """A campaign folder on a server changed."""
    COMMAND = "command"
    """Somebody published a folder with `actionbot campaign publish`."""
    CHAT = "chat"
    """Somebody edited the campaign in the chat, or restored an older version."""


@dataclass(frozen=True)
class VersionInfo:
    """Who published a version, when, and from where."""

    campaign: str
    """The campaign's slug."""

    number: int
    """Counts the versions of the campaign, from 1 on."""

    base: int
    """The number of the version that it changed; 0 for the first one."""

    origin: VersionOrigin

    at: datetime
    """When it was published, in UTC."""

    publisher: str
    """The name of the person; "" for a folder or a command."""

    content_hash: str
    """The SHA-256 of its files, in hexadecimal digits."""

    member: str = ""
    """The id of the person in the team (`Member.id`); "" for a folder or a command."""


@dataclass(frozen=True)
class Change:
    """What differs between two versions at one place."""

    file: str
    """The file, such as campaign.toml or en.md."""

    part: str
    """The key, or the heading; "" for a whole file."""

    before: str
    """The former text; "" where there was none, and for a picture."""

    after: str
    """The new text; "" where there is none, and for a picture."""

    names: Mapping[str, str] = field(default_factory=dict)
    """In a recipient: its name, in a question: its label; by language, or "" for all of them."""

    number: int = 0
    """For one of several subjects or letters: its number among them, from 1."""
