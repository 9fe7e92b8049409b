"""A broadcast to subscribers: its content, its audience and its states.

draft ─ confirmed ─▶ sending ─┬─ finished ─▶ done ─ taken back ─▶ recalled
  │ └── timed ─▶ scheduled ─┐ ├─ paused ──▶ paused ─ resumed ─▶ sending
  │        missed ◀─ late ──┤ └─ stopped ─▶ stopped ─ taken back ─▶ recalled
  │        └── confirmed ───┴─ its time ─▶ sending                 done ─ retried ─▶ sending
  └── discarded ─▶ discarded, as scheduled and missed ones; editing one of these makes a draft,
                   whose confirmation discards it
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class BroadcastStatus(StrEnum):
    """The state of a broadcast; the diagram above shows the transitions."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    MISSED = "missed"
    """Its time passed while the bot was down: its author decides what to do."""
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    RECALLED = "recalled"
    DISCARDED = "discarded"


class BroadcastKind(StrEnum):
    """What a broadcast is. The values are stored."""

    UPDATE = "update"
    """A message to subscribers."""
    NOTICE = "notice"
    """A message about people's data, to everybody whom the bot knows."""


class Media(StrEnum):
    """The kind of a message's content; the values are the field names of the Bot API's Message."""

    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"


@dataclass(frozen=True)
class Part:
    """One message of a broadcast: a copy, which later edits of the original do not change."""

    media: Media

    text: str = ""
    """The text, or the caption of a file."""

    entities: tuple[Mapping[str, Any], ...] = ()
    """The formatting of `text` (Bot API, MessageEntity)."""

    file_id: str = ""
    """The file, as this bot knows it (Bot API, "Sending files")."""

    album: str = ""
    """Parts with the same value form an album; "" for none."""


class ButtonKind(StrEnum):
    """What a button of a broadcast does."""

    LINK = "link"
    ACT = "act"
    """Opens a campaign. The letters that follow are counted for the broadcast."""
    SHARE = "share"


@dataclass(frozen=True)
class BroadcastButton:
    """A button under a broadcast."""

    kind: ButtonKind
    label: str

    to: str
    """A web address, or the slug of a campaign."""


@dataclass(frozen=True)
class Audience:
    """Who gets a broadcast: the subscribers of `scope` who meet all other conditions."""

    scope: str
    """A campaign's slug, or “*” for subscribers of all news."""

    acted: bool | None = None
    """Only those who have (True) or have not (False) sent a letter in the campaign."""

    languages: tuple[str, ...] = ()
    """Only those who use one of these languages; empty for all."""

    countries: tuple[str, ...] = ()
    """Only those who gave one of these countries; empty for all."""

    since: datetime | None = None
    """Only those who subscribed at this time or later."""


@dataclass(frozen=True)
class ReleaseLimits:
    """What a broadcast is limited to that no colleague approved."""

    hold_until: datetime | None = None
    """Nothing is sent before this time, because nobody else can approve it; None: no hold."""

    most: int | None = None
    """How many people may get it; None: everybody in the audience."""


NO_LIMITS = ReleaseLimits()
"""The limits of a broadcast that was approved, or that needs no approval."""

WAITING_STATES = frozenset({BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED})
"""The states of a confirmed broadcast that waits for its time, or for its author's decision."""


@dataclass(frozen=True)
class Broadcast:
    """A broadcast: its audience and its content."""

    id: str
    """32 hexadecimal digits."""

    audience: Audience

    versions: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    """The messages, by language."""

    default: str = ""
    """The language of the version for people whose own language has none."""

    buttons: tuple[BroadcastButton, ...] = ()
    at: datetime | None = None
    """When to send it; None for at once."""

    again: bool = False
    """Whether messages that may not have arrived are sent a second time."""

    kind: BroadcastKind = BroadcastKind.UPDATE

    replaces: str = ""
    """The id of the scheduled or missed broadcast that this draft edits; "" for a new one. That one
    stays as it is until the draft is confirmed.
    """

    def version(self, language: str) -> tuple[Part, ...]:
        """Return the messages for people who use `language`."""
        return self.versions.get(language) or self.versions[self.default]

    @property
    def digest(self) -> str:
        """32 hex digits that are equal for broadcasts that say the same to the same people at the
        same time. 128 bits: nobody finds a second broadcast with the digest of an approved one.
        """
        at = None if self.at is None else int(self.at.timestamp())
        words = (sorted(self.versions.items()), self.default, self.buttons)
        said = (self.kind, words, self.audience, at)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]

    @property
    def source(self) -> str:
        """The source of the deep links in it, which counts the letters that it leads to."""
        return f"u{self.id[:12]}"


class RecipientState(StrEnum):
    """The state of a broadcast for one person: a row of the ledger."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class BroadcastState:
    """The progress and the results of a broadcast."""

    id: str
    state: BroadcastStatus

    total: int
    """How many recipients there are, or are expected while not all are listed."""

    counts: Mapping[RecipientState, int]
    """How many recipients are in each state."""

    began: datetime | None = None
    ended: datetime | None = None

    rate: float = 0.0
    """Messages per second, measured lately."""

    written: bool = False
    """Whether all recipients are listed in the ledger."""

    acted: int = 0
    """How many letters the broadcast has led to."""

    why: str = ""
    """The reason for a pause; "" if a person paused it."""

    at: datetime | None = None
    """When a scheduled broadcast is sent."""

    zone: str = ""
    """The time zone of the person who reads this; "" for UTC."""

    mine: bool = True
    """Whether the person who reads this is its author."""

    held: bool = False
    """Whether it waits for some minutes because nobody else can approve it."""
