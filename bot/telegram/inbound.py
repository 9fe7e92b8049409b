"""What an update of Telegram means (Bot API, "Getting updates"): raw JSON becomes an event.

Updates are read as plain values. Whatever their shape, nothing here raises: what is not as the Bot
API says is `Malformed`, so that it can be counted as done and never stops what stands behind it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from conversations.core.buttons.packing import UnknownButton, unpack_persistent, unpack_turn
from conversations.core.events import (
    BotBlocked,
    BotUnblocked,
    CommandSent,
    Event,
    MediaSent,
    MessageEdited,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
    TurnButtonPressed,
)
from conversations.model.broadcast import Media, Part
from storage.load_facts import TelegramProfile

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What to ask for. `my_chat_member` comes only where it is asked for."""

_LARGEST = 2**53
"""Ids have at most 52 significant bits (Bot API, Chat)."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]{1,64})?(?:\s+(.*))?", re.DOTALL)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")

_KINDS = (
    "sticker",
    "voice",
    "video_note",
    "photo",
    "video",
    "animation",
    "audio",
    "document",
    "location",
    "contact",
    "poll",
    "dice",
    "game",
    "story",
)
"""Contents of a message, each the name of its field. An animation comes with a document."""

_PASSED_ON = (
    Media.ANIMATION,  # comes with a document
    Media.PHOTO,
    Media.VIDEO,
    Media.DOCUMENT,
    Media.VOICE,
    Media.AUDIO,
)
"""What an update to subscribers may hold."""

_FORMATS = (
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "custom_emoji",
)
"""The types of MessageEntity that only their sender can have set."""

_OF_ENTITY = ("type", "offset", "length", "url", "language", "custom_emoji_id")

_SERVICE = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
    "boost_added",
    "gift",
    "unique_gift",
    "refunded_payment",
)
"""What Telegram notes in a private chat by itself: nobody said it, so nobody expects an answer."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update that was read.

    `message_id` is that of the person's message, or of ours whose button was pressed. `event` is
    None where nothing is to be answered. In a `group` the bot says that it talks in private only,
    and leaves. `sent` is when Telegram took a message; of a press nobody knows it.
    """

    update_id: int
    chat: int
    profile: TelegramProfile
    event: Event | None = None
    callback_id: str | None = None
    message_id: int | None = None
    group: bool = False
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """An update that is not as the Bot API says; `reason` names the field and no content."""

    update_id: int | None
    reason: str


class _Wrong(Exception):
    """A field is missing or of another type: its name."""


def read(update: object) -> Incoming | Malformed | None:
    """Return what `update` means; None where it is of a kind that was not asked for."""
    update_id = None
    try:
        fields = _mapping(update, "update")
        update_id = _id(fields, "update_id")
        return _read(fields, update_id)
    except _Wrong as wrong:
        return Malformed(update_id, str(wrong))


def _read(update: Mapping[str, Any], update_id: int) -> Incoming | None:
    if "message" in update:
        return _message(update_id, _mapping(update["message"], "message"))
    if "callback_query" in update:
        return _press(update_id, _mapping(update["callback_query"], "callback_query"))
    if "edited_message" in update:
        message = _mapping(update["edited_message"], "edited_message")
        return _in_chat(update_id, message, MessageEdited(), _id(message, "message_id"))
    if "my_chat_member" in update:
        return _membership(update_id, _mapping(update["my_chat_member"], "my_chat_member"))
    return None


def _message(update_id: int, message: Mapping[str, Any]) -> Incoming:
    incoming = _in_chat(update_id, message, _said(message), _id(message, "message_id"))
    return replace(incoming, sent=_moment(message.get("date")))


def _moment(date: object) -> datetime | None:
    """Return the time that a message bears, in Unix time (Bot API, Message, date)."""
    return datetime.fromtimestamp(date, UTC) if type(date) is int and 0 < date < 2**33 else None


def _in_chat(
    update_id: int, fields: Mapping[str, Any], event: Event | None, message_id: int | None = None
) -> Incoming:
    chat = _mapping(fields.get("chat"), "chat")
    sender = fields.get("from", chat)
    private = _text(chat, "type") == "private"
    return Incoming(
        update_id,
        _id(chat, "id"),
        _profile(_mapping(sender, "from")),
        event if private else None,
        message_id=message_id,
        group=not private,
    )


def _said(message: Mapping[str, Any]) -> Event | None:
    if "forward_origin" in message:
        return MediaSent("forwarded", _part(message))
    if "text" in message:
        return _typed(_text(message, "text"), _entities(message, "entities"))
    if any(field in message for field in _SERVICE):
        return None
    return MediaSent(next((kind for kind in _KINDS if kind in message), "other"), _part(message))


def _part(message: Mapping[str, Any]) -> Part | None:
    """Return what can be passed on of a message; None where nothing can (Bot API, Message)."""
    if "text" in message:
        text = _text(message, "text")
        return Part(Media.TEXT, text, _entities(message, "entities"))
    for media in _PASSED_ON:
        found = message.get(media.value)
        if media is Media.PHOTO and isinstance(found, list):  # sizes of it, the largest last
            found = found[-1] if found else None
        if isinstance(found, dict) and isinstance(found.get("file_id"), str):
            caption, album = message.get("caption"), message.get("media_group_id")
            return Part(
                media,
                caption if isinstance(caption, str) else "",
                _entities(message, "caption_entities"),
                found["file_id"],
                album if isinstance(album, str) else "",
            )
    return None


def _entities(message: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the formatting that a bot may send again (Bot API, MessageEntity).

    What Telegram finds by itself, as links and mentions, it finds again.
    """
    found = message.get(name)
    entities = found if isinstance(found, list) else []
    return tuple(
        {key: each[key] for key in _OF_ENTITY if key in each}
        for each in entities
        if isinstance(each, dict) and each.get("type") in _FORMATS
    )


def _typed(text: str, entities: tuple[Mapping[str, Any], ...]) -> Event:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return TextSent(text, entities)
    name, argument = command[1].lower(), (command[2] or "").strip()
    if name != "start":
        return CommandSent(name, argument)
    return StartPressed(argument if _PAYLOAD.fullmatch(argument) else "")


def _press(update_id: int, query: Mapping[str, Any]) -> Incoming:
    presser = _mapping(query.get("from"), "from")
    callback_id = _text(query, "id")
    message = _mapping(query.get("message", {}), "message")
    event = _pressed(query.get("data"))
    if not message:  # in a private chat the chat's id is the person's
        return Incoming(
            update_id, _id(presser, "id"), _profile(presser), event, callback_id=callback_id
        )
    chat = _mapping(message.get("chat"), "chat")
    private = _text(chat, "type") == "private"
    return Incoming(
        update_id,
        _id(chat, "id"),
        _profile(presser),
        event if private else None,
        callback_id,
        _id(message, "message_id"),
        group=not private,
    )


def _pressed(data: object) -> Event:
    """Return the press of the button that carries `data` (Bot API, CallbackQuery)."""
    if not isinstance(data, str):
        return PersistentButtonPressed(UnknownButton())
    if pressed := unpack_turn(data):
        return TurnButtonPressed(pressed.button, pressed.journey, pressed.turn)
    return PersistentButtonPressed(unpack_persistent(data))


def _membership(update_id: int, changed: Mapping[str, Any]) -> Incoming | None:
    status = _text(_mapping(changed.get("new_chat_member"), "new_chat_member"), "status")
    gone = status in ("kicked", "left")
    incoming = _in_chat(update_id, changed, BotBlocked() if gone else BotUnblocked())
    return None if incoming.group and gone else incoming


def _profile(person: Mapping[str, Any]) -> TelegramProfile:
    names = (person.get("first_name"), person.get("last_name"))
    language = person.get("language_code")
    return TelegramProfile(
        name=" ".join(name for name in names if isinstance(name, str) and name),
        language=language if isinstance(language, str) else "",
    )


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(name)
    return value


def _id(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not -_LARGEST < value < _LARGEST:
        raise _Wrong(name)
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _Wrong(name)
    return value
