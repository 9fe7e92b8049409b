"""Reads what a person sent in a message: a command, a text, a picture … (Bot API, Message)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Message, MessageEntity

from conversations.core.events import CommandSent, Event, MediaSent, StartPressed, TextSent
from conversations.model.broadcast import Media, Part

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]{1,64})?(?:\s+(.*))?", re.DOTALL)
_START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a deep link can carry (Bot API, "Deep linking")."""

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
"""The fields of Message that tell its kind. A message with an animation also has a document."""

_BROADCAST_MEDIA = (
    Media.ANIMATION,  # before the document that comes with it
    Media.PHOTO,
    Media.VIDEO,
    Media.DOCUMENT,
    Media.VOICE,
    Media.AUDIO,
)
"""The media that a broadcast can contain."""

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
"""The types of MessageEntity that the sender chose. Telegram finds the others, such as links."""

_ENTITY_DETAILS = ("url", "language", "custom_emoji_id")
"""The optional fields of MessageEntity that the types in `_FORMATS` have."""

_SERVICE_FIELDS = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
    "boost_added",
    "gift",
    "unique_gift",
    "refunded_payment",
)
"""What Telegram itself reports in a private chat. Nobody expects an answer."""


def content_of(message: Message) -> Event | None:
    """Return what the person sent; None if Telegram itself reports something in the message."""
    if _has(message, "forward_origin"):
        return MediaSent("forwarded", _part(message))
    if message.text is not None:
        return _typed(message.text, _entities(message.entities))
    if any(_has(message, field) for field in _SERVICE_FIELDS):
        return None
    kind = next((kind for kind in _KINDS if _has(message, kind)), "other")
    return MediaSent(kind, _part(message))


def _has(message: Message, field: str) -> bool:
    """Return whether `message` has `field`, parsed or raw (in `api_kwargs`)."""
    return bool(getattr(message, field, None)) or field in message.api_kwargs


def _part(message: Message) -> Part | None:
    """Return the part of `message` that a broadcast can contain, if there is one."""
    if message.text is not None:
        return Part(Media.TEXT, message.text, _entities(message.entities))
    for media in _BROADCAST_MEDIA:
        found = getattr(message, media.value)
        if media is Media.PHOTO:  # its sizes, the largest last
            found = found[-1] if found else None
        if found is not None:
            caption, album = message.caption, message.media_group_id
            return Part(
                media,
                caption if isinstance(caption, str) else "",
                _entities(message.caption_entities),
                found.file_id,
                album if isinstance(album, str) else "",
            )
    return None


def _entities(entities: Sequence[MessageEntity]) -> tuple[Mapping[str, Any], ...]:
    """Return the formatting, as a bot can send it again (Bot API, MessageEntity)."""
    return tuple(_entity(entity) for entity in entities if entity.type in _FORMATS)


def _entity(entity: MessageEntity) -> Mapping[str, Any]:
    details = {name: getattr(entity, name) for name in _ENTITY_DETAILS}
    return {
        "type": str(entity.type),
        "offset": entity.offset,
        "length": entity.length,
        **{name: value for name, value in details.items() if value is not None},
    }


def _typed(text: str, entities: tuple[Mapping[str, Any], ...]) -> Event:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return TextSent(text, entities)
    name, argument = command[1].lower(), (command[2] or "").strip()
    if name != "start":
        return CommandSent(name, argument)
    return StartPressed(argument if _START_PAYLOAD.fullmatch(argument) else "")
