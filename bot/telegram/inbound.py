"""Reads a Telegram update as an event (Bot API, "Getting updates").

python-telegram-bot parses the update. Nothing here raises: an update that is not as the Bot API
says is `Malformed`, so that it can be counted as done and does not hold up the updates behind it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    Update,
    User,
)

from bot.telegram import update_shape
from bot.telegram.update_shape import WrongFieldError
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

_TELEGRAM_STARTED = datetime(2013, 1, 1, tzinfo=UTC)
"""An earlier date of a message is no date."""

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

_ENVELOPE = ("message_id", "chat", "from")
"""The fields of a message that say which message it is, and whose."""

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

_ENTITY_DETAILS = ("url", "language", "custom_emoji_id")
"""The optional fields of MessageEntity that the types in `_FORMATS` have."""

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


def read(update: object) -> Incoming | Malformed | None:
    """Return what `update` means; None if the bot did not ask for its kind."""
    update_id = update.get("update_id") if isinstance(update, dict) else None
    update_id = update_id if update_shape.is_id(update_id) else None
    try:
        kind = update_shape.kind_of(update)
        return None if kind is None else _incoming(_parse(update, kind))
    except WrongFieldError as wrong:
        return Malformed(update_id, str(wrong))
    except Exception as error:  # the library raises whatever Python does
        return Malformed(update_id, type(error).__name__)


def _parse(update: Any, kind: str) -> Update:
    """Parse `update`, whose content is in the field `kind`.

    A message whose contents the library cannot parse is answered all the same.
    """
    content = update[kind]
    if kind == "edited_message":
        content = _envelope(content)
    elif kind == "callback_query" and "message" in content:
        content = {**content, "message": _envelope(content["message"])}
    try:
        return Update.de_json({"update_id": update["update_id"], kind: content})
    except Exception:
        if kind != "message":
            raise
    return Update(update["update_id"], message=_unparsed(content))


def _envelope(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return `message` without its contents, which take time to parse, and without its date."""
    return {"date": 0} | {key: message[key] for key in _ENVELOPE if key in message}


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


def _incoming(update: Update) -> Incoming | None:
    update_id = update.update_id
    if message := update.message:
        incoming = _in_chat(update_id, message, _sent(message), message.message_id)
        return replace(incoming, sent=_date(message))
    if query := update.callback_query:
        return _press(update_id, query)
    if edited := update.edited_message:
        return _in_chat(update_id, edited, MessageEdited(), edited.message_id)
    if member := update.my_chat_member:
        return _membership(update_id, member)
    return None


def _date(message: Message) -> datetime | None:
    """Return when Telegram received `message`; None where its date cannot be true."""
    has_date = isinstance(message.date, datetime) and message.date > _TELEGRAM_STARTED
    return message.date if has_date else None


def _in_chat(
    update_id: int,
    content: Message | ChatMemberUpdated,
    event: Event | None,
    message_id: int | None = None,
) -> Incoming:
    private = content.chat.type == Chat.PRIVATE
    return Incoming(
        update_id,
        content.chat.id,
        _profile(content.from_user or content.chat),
        event if private else None,
        message_id=message_id,
        group=not private,
    )


def _sent(message: Message) -> Event | None:
    """Return what the person sent; None for what Telegram notes by itself."""
    if _has(message, "forward_origin"):
        return MediaSent("forwarded", _part(message))
    if message.text is not None:
        return _typed(message.text, _entities(message.entities))
    if any(_has(message, field) for field in _SERVICE):
        return None
    kind = next((kind for kind in _KINDS if _has(message, kind)), "other")
    return MediaSent(kind, _part(message))


def _has(message: Message, field: str) -> bool:
    """Return whether `message` has `field`, be it parsed or raw."""
    return bool(getattr(message, field, None)) or field in message.api_kwargs


def _part(message: Message) -> Part | None:
    """Return the part of `message` that a broadcast can contain, if there is one."""
    if message.text is not None:
        return Part(Media.TEXT, message.text, _entities(message.entities))
    for media in _PASSED_ON:
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
    """Return the formatting that a bot may send again (Bot API, MessageEntity).

    Telegram finds links and mentions by itself, so they are left out.
    """
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
    return StartPressed(argument if _PAYLOAD.fullmatch(argument) else "")


def _press(update_id: int, query: CallbackQuery) -> Incoming:
    event = _pressed(query.data)
    profile, message = _profile(query.from_user), query.message
    if message is None:  # in a private chat the chat's id is the person's
        return Incoming(update_id, query.from_user.id, profile, event, callback_id=query.id)
    private = message.chat.type == Chat.PRIVATE
    return Incoming(
        update_id,
        message.chat.id,
        profile,
        event if private else None,
        query.id,
        message.message_id,
        group=not private,
    )


def _pressed(data: object) -> Event:
    """Return the press of the button that carries `data` (Bot API, CallbackQuery)."""
    if not isinstance(data, str):
        return PersistentButtonPressed(UnknownButton())
    if pressed := unpack_turn(data):
        return TurnButtonPressed(pressed.button, pressed.journey, pressed.turn)
    return PersistentButtonPressed(unpack_persistent(data))


def _membership(update_id: int, changed: ChatMemberUpdated) -> Incoming | None:
    """Return what it means that the bot's membership of a chat changed."""
    gone = changed.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
    incoming = _in_chat(update_id, changed, BotBlocked() if gone else BotUnblocked())
    return None if incoming.group and gone else incoming


def _profile(person: User | Chat) -> TelegramProfile:
    names = (person.first_name, person.last_name)
    language = person.language_code if isinstance(person, User) else None
    return TelegramProfile(
        name=" ".join(name for name in names if isinstance(name, str) and name),
        language=language if isinstance(language, str) else "",
    )
