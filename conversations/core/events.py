"""What can happen in a chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.core.buttons.packing import PersistentButtonData, TurnButtonData, UnknownButton
from conversations.model.broadcast import Part
from conversations.text.countries import CountryMatches


@dataclass(frozen=True)
class StartPressed:
    """/start, with what the deep link carried."""

    payload: str = ""


@dataclass(frozen=True)
class TextSent:
    """A text was typed; `entities` are its formatting, as the Bot API has it (MessageEntity)."""

    text: str
    entities: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class TurnButtonPressed:
    """A button of one turn was pressed."""

    button: TurnButtonData | UnknownButton
    journey: str
    """The first digits of the id of the journey whose prompt the button stands under."""
    turn: int
    """The turn of that journey whose prompt it is."""


@dataclass(frozen=True)
class PersistentButtonPressed:
    """A button that outlives its turn was pressed."""

    button: PersistentButtonData | UnknownButton | str


@dataclass(frozen=True)
class CommandSent:
    """A command other than /start, without its slash and in small letters."""

    name: str
    argument: str = ""


@dataclass(frozen=True)
class MediaSent:
    """Something that is not text: a sticker, a voice message, a photo, a forwarded message.

    `part` is what can be passed on of it, if anything can.
    """

    kind: str
    part: Part | None = None


@dataclass(frozen=True)
class AlbumEnded:
    """Nothing more came of an album for a while."""


@dataclass(frozen=True)
class MessageEdited:
    """An older message was edited."""


@dataclass(frozen=True)
class BotBlocked:
    """The person blocked the bot."""


@dataclass(frozen=True)
class BotUnblocked:
    """The person let the bot in again."""


@dataclass(frozen=True)
class CodeBounced:
    """The mail with the last code came back: its address takes no mail."""


@dataclass(frozen=True)
class CopyBounced:
    """The copy of the letter of `action` came back."""

    action: str


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


@dataclass(frozen=True)
class CountryQuestion:
    """The countries that `text` may mean."""

    text: str


@dataclass(frozen=True)
class DomainQuestion:
    """Whether `domain` takes mail."""

    domain: str


ExternalQuestion = CountryQuestion | DomainQuestion


@dataclass(frozen=True)
class ExternalAnswer:
    """What the world said, asked before the transaction.

    `takes_mail` is None where it could not be learnt: that never blocks anyone.
    """

    wanted: ExternalQuestion
    countries: CountryMatches | None = None
    takes_mail: bool | None = None
