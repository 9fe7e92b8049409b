"""Events: what can happen in a chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.core.buttons.packing import (
    PersistentButtonData,
    TurnButtonData,
    UnknownButton,
)
from conversations.model.broadcast import Part


@dataclass(frozen=True)
class StartPressed:
    """The command /start."""

    payload: str = ""
    """What the deep link carried; "" for /start alone (Bot API, deep linking)."""


@dataclass(frozen=True)
class TextSent:
    """A text was typed."""

    text: str

    entities: tuple[Mapping[str, Any], ...] = ()
    """The formatting of the text (Bot API, MessageEntity)."""


@dataclass(frozen=True)
class TurnButtonPressed:
    """A button of one turn was pressed."""

    button: TurnButtonData | UnknownButton

    journey: str
    """The first digits of the id of the journey whose prompt showed the button."""

    turn: int
    """The turn of that journey."""


@dataclass(frozen=True)
class PersistentButtonPressed:
    """A button that outlives its turn was pressed."""

    button: PersistentButtonData | UnknownButton


@dataclass(frozen=True)
class CommandSent:
    """A command other than /start."""

    name: str
    """The command without its slash, in lower case."""

    argument: str = ""
    """The text after the command."""


@dataclass(frozen=True)
class SentFile:
    """A file as Telegram announces it: its content is still to be fetched."""

    id: str
    """Telegram's id of the file (Bot API, file_id)."""

    name: str
    """The name that the sender gave it; "" if Telegram doesn't say it."""

    size: int
    """Its size in bytes, as Telegram says; 0 if it doesn't say it."""


@dataclass(frozen=True)
class MediaSent:
    """Something other than text: a sticker, a voice message, a photo, a forwarded message."""

    kind: str
    """The name of the field in the message (Bot API, Message), or "forwarded" or "other"."""

    part: Part | None = None
    """What a broadcast can contain of it; None if it can contain nothing."""

    file: SentFile | None = None
    """The document in it, if there is one."""


@dataclass(frozen=True)
class AlbumEnded:
    """No more messages of an album have come for a while."""


@dataclass(frozen=True)
class MessageEdited:
    """An older message was edited."""


@dataclass(frozen=True)
class BotBlocked:
    """The person blocked the bot."""


@dataclass(frozen=True)
class BotUnblocked:
    """The person unblocked the bot."""


@dataclass(frozen=True)
class CodeBounced:
    """The mail with the last code came back: its address takes no mail."""


@dataclass(frozen=True)
class CopyBounced:
    """The mail with the copy of a letter came back."""

    action: str
    """The id of the letter's action."""


Event = (
    StartPressed
    | TextSent
    | TurnButtonPressed
    | PersistentButtonPressed
    | CommandSent
    | MediaSent
    | AlbumEnded
    | MessageEdited
    | BotBlocked
    | BotUnblocked
    | CodeBounced
    | CopyBounced
)
