"""Reads what a person sent in a message: a command, a text, a picture … (Bot API, Message)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Message, MessageEntity

from conversations.core.events import (
    CommandSent,
    Event,
    MediaSent,
    SentFile,
    StartPressed,
    TextSent,
)
from conversations.model.broadcast import Media, Part

_COMMAND = re.compile(
    r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]{1,64})?[.,!?\u2026\u3002]*(?:\s+(.*))?", re.DOTALL
)
"""A command as clients mark it (Bot API, "Commands"), and what may follow: a bot's name, a sign."""

_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Characters without a width that come along when a command is pasted."""

_START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a deep link can carry (Bot API, "Deep linking")."""

_KINDS = (
    "sticker",
    "voice",
    "video_note",
    "live_photo",
    "photo",
    "video",
    "animation",
    "audio",
    "document",
    "venue",
    "location",
    "contact",
    "poll",
    "dice",
    "game",
    "story",
)
"""The fields of Message that a person fills. One with an animation also has a document."""

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

_SERVICE_FIELDS = frozenset(
    (
        # about the chat and its members
        *("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo"),
        *("delete_chat_photo", "group_chat_created", "supergroup_chat_created"),
        *("channel_chat_created", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message"),
        *("message_auto_delete_timer_changed", "chat_background_set", "boost_added"),
        *("chat_owner_left", "chat_owner_changed", "proximity_alert_triggered"),
        *("video_chat_scheduled", "video_chat_started", "video_chat_ended"),
        "video_chat_participants_invited",
        # about topics
        *("forum_topic_created", "forum_topic_edited", "forum_topic_closed"),
        *("forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden"),
        # about what was shared with bots
        *("users_shared", "chat_shared", "write_access_allowed", "connected_website"),
        *("web_app_data", "passport_data", "managed_bot_created"),
        # about payments and gifts
        *("invoice", "successful_payment", "refunded_payment", "paid_media", "gift"),
        *("unique_gift", "gift_upgrade_sent", "paid_message_price_changed"),
        *("direct_message_price_changed", "giveaway", "giveaway_created", "giveaway_winners"),
        "giveaway_completed",
        # about checklists, polls and suggested posts
        *("checklist", "checklist_tasks_done", "checklist_tasks_added", "poll_option_added"),
        *("poll_option_deleted", "suggested_post_approved", "suggested_post_declined"),
        *("suggested_post_approval_failed", "suggested_post_paid", "suggested_post_refunded"),
    )
)
"""What Telegram itself reports. Nobody expects an answer."""

_FOR_OTHERS = (
    *("business_connection_id", "sender_business_bot", "guest_query_id"),
    *("guest_bot_caller_user", "guest_bot_caller_chat"),
)
"""The fields of messages to a business account or to another chat, which the bot only sees."""

DETAILS = frozenset(
    (
        *("message_id", "date", "chat", "from", "sender_chat", "sender_boost_count"),
        *("sender_tag", "message_thread_id", "is_topic_message", "direct_messages_topic"),
        *("forward_origin", "is_automatic_forward", "reply_to_message", "external_reply"),
        *("quote", "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id"),
        *("via_bot", "edit_date", "has_protected_content", "is_from_offline", "is_paid_post"),
        *("paid_star_count", "media_group_id", "author_signature", "link_preview_options"),
        *("suggested_post_info", "effect_id", "show_caption_above_media", "has_media_spoiler"),
        *("reply_markup", "text", "entities", "caption", "caption_entities"),
    )
)
"""The fields of Message that say nothing of its kind."""

UNANSWERED = _SERVICE_FIELDS | frozenset(_FOR_OTHERS)
"""The fields of messages that get no answer."""

CLASSIFIED = DETAILS | UNANSWERED | frozenset(_KINDS)
"""All fields of Message that are known. A test compares them with those of the library."""

_TYPED = ("text", "caption", *(media.value for media in _BROADCAST_MEDIA))
"""The fields of Message that a person edits. Telegram itself edits a live location or a poll."""


def was_typed(message: Mapping[str, Any]) -> bool:
    """Return whether a person edited `message`, a Message as JSON."""
    unanswered = any(field in message for field in UNANSWERED)
    return not unanswered and any(field in message for field in _TYPED)


def content_of(message: Message) -> Event | None:
    """Return what the person sent; None if nobody expects an answer.

    A message without a known kind is most likely a report of Telegram that is newer than this list.
    """
    if any(_has(message, field) for field in _FOR_OTHERS):
        return None
    if _has(message, "forward_origin"):
        return MediaSent("forwarded", _part(message), _file(message))
    if message.text is not None:
        return _typed(message.text, _entities(message.entities))
    if any(_has(message, field) for field in _SERVICE_FIELDS):
        return None
    kind = next((kind for kind in _KINDS if _has(message, kind)), None)
    if kind is None and not _has(message, "caption"):
        return None
    return MediaSent(kind or "other", _part(message), _file(message))


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


def _file(message: Message) -> SentFile | None:
    """Return the document in `message`, if there is one. What Telegram doesn't say is left out."""
    found = message.document
    if found is None:
        return None
    name, size = found.file_name, found.file_size
    return SentFile(
        found.file_id,
        name if isinstance(name, str) else "",
        size if isinstance(size, int) else 0,
    )


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
    command = _COMMAND.fullmatch(_normalized(text))
    if command is None:
        return TextSent(text, entities)
    name, argument = command[1].lower(), (command[2] or "").strip()
    if name != "start":
        return CommandSent(name, argument)
    return StartPressed(argument if _START_PAYLOAD.fullmatch(argument) else "")


def _normalized(text: str) -> str:
    """Return `text` with a first word that is written as a command, whatever the keyboard.

    Chinese and Japanese keyboards write full-width letters and signs (Unicode, NFKC).
    """
    stripped = text.strip().strip(_INVISIBLE).strip()
    if not stripped.startswith(("/", "\uff0f")):
        return stripped
    word = stripped.split(maxsplit=1)[0]
    return unicodedata.normalize("NFKC", word) + stripped[len(word) :]
