"""What can be answered: messages and buttons, without a word of Telegram's types."""

from dataclasses import dataclass

from conversations.core.buttons.packing import PersistentButtonData, TurnButtonData
from conversations.model.broadcast import Part
from conversations.model.figures import FiguresQuery
from conversations.model.roles import Role
from conversations.text.html import Html

MAX_MESSAGE_LENGTH = 4096
"""The most that one message holds (Bot API, sendMessage). Longer texts are sent in two."""


@dataclass(frozen=True)
class TurnButton:
    """A button of one turn: pressed later than that, it is answered “already answered”."""

    label: str
    data: TurnButtonData


@dataclass(frozen=True)
class PersistentButton:
    """A button that works for as long as its message stands, whatever the journey does."""

    label: str
    data: PersistentButtonData


@dataclass(frozen=True)
class LinkButton:
    """A button that opens `url` (http, https or tg)."""

    label: str
    url: str


Button = TurnButton | PersistentButton | LinkButton
Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Ask:
    """The prompt of this turn: the one message whose buttons go when it is answered."""

    text: Html
    keyboard: Keyboard = ()
    picture: bytes | None = None


@dataclass(frozen=True)
class EditPrompt:
    """The prompt, edited in place: nothing new is asked, so nothing makes a sound."""

    text: Html
    keyboard: Keyboard = ()


@dataclass(frozen=True)
class ClosePrompt:
    """The former prompt loses its buttons; `text`, where given, takes the place of its words."""

    text: Html | None = None


@dataclass(frozen=True)
class Say:
    """A message of its own that asks for nothing the journey waits for."""

    text: Html
    keyboard: Keyboard = ()


@dataclass(frozen=True)
class EditMessage:
    """An older message, edited: `message`, or the one whose standing button was pressed."""

    text: Html
    keyboard: Keyboard = ()
    message: int | None = None


@dataclass(frozen=True)
class Toast:
    """A word over the chat in answer to a press; an `alert` waits to be closed."""

    text: str
    alert: bool = False


@dataclass(frozen=True)
class LetterStatus:
    """The one message that shows how the letter of `action` fares."""

    action: str


@dataclass(frozen=True)
class ClearChat:
    """What was written in this chat goes, as far as Telegram allows (48 hours)."""


@dataclass(frozen=True)
class Preview:
    """An update, exactly as a subscriber gets it; an album has its `keyboard` in a message with
    `text` that follows it.
    """

    parts: tuple[Part, ...]
    keyboard: Keyboard
    text: Html


@dataclass(frozen=True)
class QrCode:
    """A picture that a phone's camera reads as `url`, with words under it."""

    url: str
    text: Html


@dataclass(frozen=True)
class CommandMenu:
    """The chat's menu of commands: that of a role, or everybody's."""

    role: Role | None


@dataclass(frozen=True)
class EditButtons:
    """The message whose standing button was pressed gets other buttons."""

    keyboard: Keyboard


@dataclass(frozen=True)
class StatsReport:
    """Figures as a picture with words, in `language`, for an `admin` or a campaigner.

    They are a new message, or take the place of those whose button was pressed.
    """

    asked: FiguresQuery
    language: str
    admin: bool
    anew: bool = True


@dataclass(frozen=True)
class CsvFile:
    """Figures as a file."""

    asked: FiguresQuery
    language: str


@dataclass(frozen=True)
class Picture:
    """A picture with words under it, and buttons; without `anew`, in the place of another one."""

    picture: bytes
    text: Html
    keyboard: Keyboard
    anew: bool = True


@dataclass(frozen=True)
class Document:
    """A file, with a word about it."""

    name: str
    content: bytes
    text: Html


@dataclass(frozen=True)
class OtherChat:
    """What is said in the chat of somebody else of the organisation, if they take it."""

    chat: int
    replies: tuple["Say | Preview | CommandMenu", ...]


Reply = (
    Ask
    | EditPrompt
    | ClosePrompt
    | Say
    | EditMessage
    | Toast
    | LetterStatus
    | ClearChat
    | Preview
    | QrCode
    | CommandMenu
    | EditButtons
    | StatsReport
    | CsvFile
    | Picture
    | Document
    | OtherChat
)
