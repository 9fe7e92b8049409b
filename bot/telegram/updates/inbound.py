"""Reads a Telegram update as an event (Bot API, "Getting updates").

python-telegram-bot parses the update. Nothing here raises: an update that is not as the Bot API
says becomes a `MalformedUpdate`. It counts as done, so that it does not hold up later updates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    Update,
    User,
)
from telegram.constants import ZERO_DATE

from bot.telegram.updates import update_shape
from bot.telegram.updates.message_content import content_of, was_typed
from bot.telegram.updates.update_shape import WrongFieldError
from conversations.core.buttons.packing import UnknownButton, unpack_persistent, unpack_turn
from conversations.core.events import (
    BotBlocked,
    BotUnblocked,
    Event,
    MessageEdited,
    PersistentButtonPressed,
    TurnButtonPressed,
)
from storage.load_facts import TelegramProfile

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates to ask for. Telegram sends `my_chat_member` only if asked (getUpdates)."""

_TELEGRAM_STARTED = datetime(2013, 1, 1, tzinfo=UTC)
"""The date of a message cannot be earlier."""

_ENVELOPE = ("message_id", "chat", "from", "message_thread_id")
"""The fields of a message that say which message it is, whose, and in which topic."""

_SPOKEN_TO = ("group", "supergroup")
"""The types of chats that hear why the bot leaves (Bot API, Chat). Channels are left silently."""


@dataclass(frozen=True, slots=True)
class IncomingUpdate:
    """An update that was read."""

    update_id: int
    chat: int
    """The id of the chat. In a private chat, it is also the person's id."""
    profile: TelegramProfile
    event: Event | None = None
    """What happened; None if nothing needs an answer."""
    callback_id: str | None = None
    """The id of the callback query, if a button was pressed."""
    message_id: int | None = None
    """The id of the person's message, or of ours whose button was pressed."""
    group: bool = False
    """Whether the chat is a group or a channel, which the bot leaves."""
    channel: bool = False
    """Whether it is a channel, or a kind of chat that is not known."""
    topic: int | None = None
    """The topic of the message (Bot API, message_thread_id): 0 outside topics, None if unknown."""
    sent: datetime | None = None
    """When Telegram received the message. It is unknown for presses of buttons."""


@dataclass(frozen=True, slots=True)
class MalformedUpdate:
    """An update that is not as the Bot API says."""

    update_id: int | None
    reason: str
    """The name of the wrong field, or the class of the library's error."""


def read(update: object) -> IncomingUpdate | MalformedUpdate | None:
    """Return what `update` means; None if the bot did not ask for its kind."""
    update_id = update.get("update_id") if isinstance(update, dict) else None
    update_id = update_id if update_shape.is_update_id(update_id) else None
    try:
        kind = update_shape.kind_of(update)
        return None if kind is None else _incoming(_parse(update, kind))
    except WrongFieldError as wrong:
        return MalformedUpdate(update_id, str(wrong))
    except Exception as error:  # the library raises whatever Python does
        return MalformedUpdate(update_id, type(error).__name__)


def _parse(update: Any, kind: str) -> Update:
    """Parse `update`, whose content is in the field `kind`.

    A message whose contents the library cannot parse is answered all the same.
    """
    content = update[kind]
    if kind == "edited_message":
        content = _envelope(content) | {"text": ""} if was_typed(content) else _envelope(content)
    elif kind == "my_chat_member":
        content = _membership_alone(content)
    elif kind == "callback_query" and "message" in content:
        content = {**content, "message": _envelope(content["message"])}
    try:
        return Update.de_json({"update_id": update["update_id"], kind: content})
    except Exception:
        if kind != "message":
            raise
    return Update(update["update_id"], message=_unparsed(content))


def _envelope(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return `message` without its contents, which take time to parse, and without its date.

    The date 0 is kept: it means a message that is too old to be shown (InaccessibleMessage).
    """
    date = 0 if message.get("date") == 0 else 1
    return {"date": date} | {key: message[key] for key in _ENVELOPE if key in message}


def _membership_alone(changed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ChatMemberUpdated that only says whether the bot is in the chat now.

    The library refuses an administrator without all the rights that it knows of.
    """
    is_gone = changed["new_chat_member"]["status"] in (ChatMember.BANNED, ChatMember.LEFT)
    bot = {"id": 0, "is_bot": True, "first_name": ""}
    member = {"user": bot, "status": ChatMember.LEFT if is_gone else ChatMember.MEMBER}
    return {**changed, "date": 1, "old_chat_member": member, "new_chat_member": member}


def _unparsed(message: dict[str, Any]) -> Message:
    """Return `message` with its text alone. Its other contents are left raw, in `api_kwargs`."""
    envelope = Message.de_json(_envelope(message))
    return Message(
        envelope.message_id,
        envelope.date,
        envelope.chat,
        from_user=envelope.from_user,
        text=message.get("text"),
        api_kwargs=message,
    )


def _incoming(update: Update) -> IncomingUpdate | None:
    update_id = update.update_id
    if message := update.message:
        return replace(_message(update_id, message, content_of(message)), sent=_date(message))
    if query := update.callback_query:
        return _press(update_id, query)
    if edited := update.edited_message:
        event = None if edited.text is None else MessageEdited()
        return _message(update_id, edited, event)
    if member := update.my_chat_member:
        return _membership(update_id, member)
    return None


def _date(message: Message) -> datetime | None:
    """Return when Telegram received `message`; None where its date cannot be true."""
    has_date = isinstance(message.date, datetime) and message.date > _TELEGRAM_STARTED
    return message.date if has_date else None


def _message(update_id: int, message: Message, event: Event | None) -> IncomingUpdate:
    """Return what it means that a message came. Bots are never answered: they may answer again."""
    if message.from_user is not None and message.from_user.is_bot is True:
        event = None
    incoming = _in_chat(update_id, message, event)
    return replace(incoming, message_id=message.message_id, topic=_topic(message))


def _topic(message: MaybeInaccessibleMessage) -> int | None:
    """Return the topic of a message; None if the message is too old to be shown."""
    topic = getattr(message, "message_thread_id", None)
    if update_shape.is_topic(topic):
        return topic
    return None if message.date == ZERO_DATE else 0


def _in_chat(
    update_id: int, content: Message | ChatMemberUpdated, event: Event | None
) -> IncomingUpdate:
    return IncomingUpdate(
        update_id,
        content.chat.id,
        _profile(content.from_user or content.chat),
        event if content.chat.type == Chat.PRIVATE else None,
        group=content.chat.type != Chat.PRIVATE,
        channel=content.chat.type not in (Chat.PRIVATE, *_SPOKEN_TO),
    )


def _press(update_id: int, query: CallbackQuery) -> IncomingUpdate:
    event = _pressed(query.data)
    profile, message = _profile(query.from_user), query.message
    if message is None:  # in a private chat the chat's id is the person's
        return IncomingUpdate(update_id, query.from_user.id, profile, event, callback_id=query.id)
    private = message.chat.type == Chat.PRIVATE
    return IncomingUpdate(
        update_id,
        message.chat.id,
        profile,
        event if private else None,
        query.id,
        message.message_id,
        group=not private,
        channel=not private and message.chat.type not in _SPOKEN_TO,
        topic=_topic(message),
    )


def _pressed(data: object) -> Event:
    """Return the press of the button that carries `data` (Bot API, CallbackQuery)."""
    if not isinstance(data, str):
        return PersistentButtonPressed(UnknownButton())
    if pressed := unpack_turn(data):
        return TurnButtonPressed(pressed.button, pressed.journey, pressed.turn)
    return PersistentButtonPressed(unpack_persistent(data))


def _membership(update_id: int, changed: ChatMemberUpdated) -> IncomingUpdate | None:
    """Return what it means that the bot's membership of a chat changed."""
    gone = changed.new_chat_member.status == ChatMember.LEFT
    incoming = _in_chat(update_id, changed, BotBlocked() if gone else BotUnblocked())
    return None if incoming.group and gone else incoming


def _profile(person: User | Chat) -> TelegramProfile:
    names = (person.first_name, person.last_name)
    language = person.language_code if isinstance(person, User) else None
    return TelegramProfile(
        name=" ".join(name for name in names if isinstance(name, str) and name),
        language=language if isinstance(language, str) else "",
    )
