"""An update to subscribers: what it says, who gets it, and its states.

draft ─ confirmed ─▶ sending ─┬─ finished ─▶ done ─ taken back ─▶ recalled
  │ └── timed ─▶ scheduled ─┐ ├─ paused ──▶ paused ─ resumed ─▶ sending
  │        missed ◀─ late ──┤ └─ stopped ─▶ stopped ─ taken back ─▶ recalled
  │        └── confirmed ───┴─ its time ─▶ sending                 done ─ retried ─▶ sending
  └── discarded ─▶ discarded, as scheduled and missed ones
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class BroadcastStatus(StrEnum):
    """How a broadcast fares."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    MISSED = "missed"
    """Its time passed while the bot was down: whoever made it is asked."""
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    RECALLED = "recalled"
    DISCARDED = "discarded"


class Media(StrEnum):
    """What one message holds beside its words; the names are those of the Bot API's fields."""

    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"


@dataclass(frozen=True)
class Part:
    """One message of an update, kept as content: what becomes of the original changes nothing.

    `entities` are as the Bot API has them (MessageEntity), of the text or of the caption. Several
    parts with the same `album` are one album; `file_id` belongs to this bot alone.
    """

    media: Media
    text: str = ""
    entities: tuple[Mapping[str, Any], ...] = ()
    file_id: str = ""
    album: str = ""


class ButtonKind(StrEnum):
    """What a button of an update does."""

    LINK = "link"
    ACT = "act"
    """Take action: opens the campaign named by `to`, and what is done counts for the update."""
    SHARE = "share"


@dataclass(frozen=True)
class UpdateButton:
    """A button under an update. `to` is a web address or a campaign's slug."""

    kind: ButtonKind
    label: str
    to: str


@dataclass(frozen=True)
class Audience:
    """Who gets it: subscribers of `scope`, a campaign's slug, or “*” for other actions too.

    Each of the others narrows it, where it is given: whether they acted in `of` the campaign, the
    language they speak, the country they gave, and since when they subscribe.
    """

    scope: str
    acted: bool | None = None
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    since: datetime | None = None


UNSENT = frozenset({BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED})
"""Confirmed, and waiting: for its time, or for a word of whoever made it."""


@dataclass(frozen=True)
class Broadcast:
    """An update. `versions` has its messages by language; who speaks none of them gets `default`.

    `source` counts the actions that it caused, as that of a deep link does. With `again`, a message
    of which nobody knows whether it arrived is sent once more.
    """

    id: str
    audience: Audience
    versions: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    default: str = ""
    buttons: tuple[UpdateButton, ...] = ()
    at: datetime | None = None
    again: bool = False

    def version(self, language: str) -> tuple[Part, ...]:
        """Return the messages for whoever speaks `language`."""
        return self.versions.get(language) or self.versions[self.default]

    @property
    def source(self) -> str:
        """The source of the deep links in it: `u` and the first digits of its id."""
        return f"u{self.id[:12]}"


class RecipientState(StrEnum):
    """What became of an update for one person: a row of the ledger."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class BroadcastState:
    """How far a broadcast came. `written` tells whether all recipients stand in the ledger.

    `at` is when it goes, told in the time zone `zone` of whoever is told; `mine` that it is theirs.
    """

    id: str
    state: BroadcastStatus
    total: int
    counts: Mapping[RecipientState, int]
    began: datetime | None = None
    ended: datetime | None = None
    rate: float = 0.0
    written: bool = False
    acted: int = 0
    why: str = ""
    at: datetime | None = None
    zone: str = ""
    mine: bool = True
