"""Replies: what the bot can send to a chat, independent of Telegram's types."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import PersistentButtonData, TurnButtonData
from conversations.model.broadcast import Part
from conversations.model.roles import Role
from conversations.model.stats.figures import FiguresQuery
from conversations.text.html import Html

MAX_MESSAGE_LENGTH = 4096
"""The most that one message holds (Bot API, sendMessage). Longer texts are sent in two."""

MAX_CAPTION = 1024
"""The most that the caption of a picture holds (Bot API, sendPhoto)."""

# --- buttons --------------------------------------------------------------------------------------


class ButtonStyle(StrEnum):
    """The colour of a button (Bot API 9.4, InlineKeyboardButton, style)."""

    SUCCESS = "success"
    """Green: what the conversation is about."""
    DANGER = "danger"
    """Red: what cannot be undone."""


@dataclass(frozen=True)
class TurnButton:
    """A button that works for one turn only. Later it is answered “already answered”."""

    label: str
    data: TurnButtonData

    style: ButtonStyle | None = None
    """Its colour, if it is not that of other buttons."""


@dataclass(frozen=True)
class PersistentButton:
    """A button that works for as long as its message exists, whatever the journey does."""

    label: str
    data: PersistentButtonData


@dataclass(frozen=True)
class LinkButton:
    """A button that opens a link."""

    label: str

    url: str
    """The link: http, https or tg."""


@dataclass(frozen=True)
class CopyButton:
    """A button that copies a text to the clipboard (Bot API 7.11, CopyTextButton).

    The text also stands in the message, because an older Telegram server drops the button.
    """

    label: str

    text: str
    """What is copied: 1 to 256 characters."""


Button = TurnButton | PersistentButton | LinkButton | CopyButton

Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""

# --- the prompt -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """The prompt of this turn: the one message whose buttons are removed once it is answered."""

    text: Html
    keyboard: Keyboard = ()

    picture: bytes | None = None
    """A picture above the text."""

    is_for_staff: bool = False
    """Whether it asks something of staff, and not a question of a supporter's letter."""


@dataclass(frozen=True)
class EditPrompt:
    """Edit the open prompt: no new message appears, and no sound is made."""

    text: Html
    keyboard: Keyboard = ()


@dataclass(frozen=True)
class ClosePrompt:
    """Remove the buttons of the open prompt."""

    text: Html | None = None
    """Replaces the text of the prompt; None leaves it."""

    keyboard: Keyboard = ()
    """Persistent buttons under that text."""


# --- other messages -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say:
    """A message of its own, which is not the prompt."""

    text: Html
    keyboard: Keyboard = ()


@dataclass(frozen=True)
class EditMessage:
    """Edit an older message."""

    text: Html
    keyboard: Keyboard = ()

    message: int | None = None
    """The id of the message; None for the one whose persistent button was pressed."""


@dataclass(frozen=True)
class EditButtons:
    """Replace the buttons of the message whose persistent button was pressed."""

    keyboard: Keyboard


@dataclass(frozen=True)
class Toast:
    """A short text over the chat, in answer to a press."""

    text: str

    alert: bool = False
    """Whether it stays until the person closes it."""


@dataclass(frozen=True)
class LetterStatus:
    """The one message that shows the status of a letter."""

    action: str
    """The id of the letter's action."""


@dataclass(frozen=True)
class ClearChat:
    """Delete the messages of this chat, as far as Telegram allows (those of 48 hours)."""


@dataclass(frozen=True)
class DeleteMessages:
    """Delete messages of this chat, as far as Telegram allows."""

    messages: tuple[int, ...]
    """Their ids."""


@dataclass(frozen=True)
class CommandMenu:
    """Set the chat's menu of commands."""

    role: Role | None
    """Whose commands it lists; None for those of supporters."""


@dataclass(frozen=True)
class QrCode:
    """A picture that a phone's camera reads as a link."""

    url: str

    text: Html
    """The caption."""

    keyboard: Keyboard = ()


@dataclass(frozen=True)
class Picture:
    """A picture with a caption."""

    picture: bytes

    text: Html
    """The caption."""

    keyboard: Keyboard

    is_new: bool = True
    """Whether it is a new message; otherwise it replaces the picture whose button was pressed."""


@dataclass(frozen=True)
class Document:
    """A file with a caption."""

    name: str
    content: bytes

    text: Html
    """The caption."""


# --- for people with a role -----------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """A broadcast, exactly as a subscriber gets it."""

    parts: tuple[Part, ...]
    keyboard: Keyboard

    text: Html
    """The text of the message that carries the `keyboard` of an album, which cannot have one."""


@dataclass(frozen=True)
class StatsReport:
    """Figures as a picture with text. They are computed when this is sent."""

    asked: FiguresQuery
    language: str

    admin: bool
    """Whether the reader is an admin, not a campaigner."""

    is_new: bool = True
    """Whether it is a new message; otherwise it replaces the figures whose button was pressed."""


@dataclass(frozen=True)
class CsvFile:
    """Figures as a file. They are computed when this is sent."""

    asked: FiguresQuery
    language: str


@dataclass(frozen=True)
class OtherChat:
    """Replies in the chat of a colleague. They are dropped if the colleague blocked the bot."""

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
    | DeleteMessages
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
