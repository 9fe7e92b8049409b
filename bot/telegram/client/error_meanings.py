"""What Telegram's refusals mean: one table of its descriptions.

The Bot API has no stable codes, only descriptions (Bot API, "Making requests"). Some are sentences
of telegram-bot-api (Client.cpp: `fail_query`, `check_chat_access`), some are sentences of TDLib
(MessagesManager.cpp, MessageContent.cpp), and some are codes that Telegram's servers return
(core.telegram.org/method/messages.sendMessage). All can change their prefix and their capitals.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, auto

from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError


class Meaning(Enum):
    """What a refusal means for the call."""

    UNREACHABLE = auto()
    """Nobody can be reached in the chat: the bot was blocked, the account or the chat is gone."""
    TOPIC_GONE = auto()
    """The topic is closed or deleted. The chat may still be reached without it."""
    KIND_REFUSED = auto()
    """The chat takes no message of this kind, such as a voice message. Others may arrive."""
    HARMLESS = auto()
    """What was asked for is so already, or it is too late for it."""
    MESSAGE_GONE = auto()
    """The message to change does not exist any more, or cannot be changed."""
    FAULTY = auto()
    """The message itself is refused: the same call fails again, in every chat."""
    TRY_LATER = auto()
    """The same call may succeed later."""


_DESCRIPTIONS: Mapping[Meaning, tuple[str, ...]] = {
    Meaning.HARMLESS: (
        "not modified",
        "not_modified",
        "query is too old",
        "query id is invalid",
        "query_id_invalid",
        "message to delete not found",
        "message can't be deleted",
        "message_delete_forbidden",
    ),
    Meaning.TRY_LATER: (
        "too many requests",
        "flood",
        "slowmode_wait",
        "internal server error",
        "internal error",
        "request aborted",
        "bad gateway",
        "service unavailable",
        "timed out",
        "timeout",
        "try again later",
        "restart",
        "logged out",
        "frozen_method_invalid",
        "msg_wait_failed",
        "rpc_call_fail",
        "worker_busy",
        "temporarily unavailable",
        "file_part",
        "file_reference",
        "failed to get http url content",
        "failed to upload file",
        "message send failed",
        "group send failed",
    ),
    Meaning.MESSAGE_GONE: (
        "message to edit not found",
        "message can't be edited",
        "message_edit_time_expired",
        "message_author_required",
        "message_id_invalid",
        "message_not_found",
        "message not found",
        "there is no text in the message",
        "there is no caption in the message",
        "there is no media in the message",
        "to be replied not found",
        "to reply not found",
    ),
    Meaning.TOPIC_GONE: (
        "topic_closed",
        "topic_deleted",
        "topic_id_invalid",
        "topic is closed",
        "topic not found",
        "topic was deleted",
        "message thread",
        "can't access the topic",
        "invalid forum topic",
        "invalid topic",
        "have topics",
        "have threads",
        "not a forum",
    ),
    Meaning.UNREACHABLE: (
        "input_user_deactivated",
        "user_deactivated",
        "user is deactivated",
        "user_deleted",
        "user is deleted",
        "user_is_blocked",
        "user_blocked",
        "you_blocked_user",
        "blocked by",
        "user_is_bot",
        "user_id_invalid",
        "user_banned",
        "user_privacy_restricted",
        "user_not_participant",
        "user not found",
        "invalid user_id",
        "can't access the user",
        "no access to the user",
        "peer_id_invalid",
        "chat not found",
        "chat_not_found",
        "chat_id_invalid",
        "chat_write_forbidden",
        "chat_send_plain_forbidden",
        "chat_guest_send_forbidden",
        "chat_restricted",
        "chat_forbidden",
        "chat_admin_required",
        "chat is deactivated",
        "chat is not accessible",
        "chat was deleted",
        "chat was upgraded",
        "chat was migrated",
        "can't access the chat",
        "no access to the chat",
        "no write access",
        "channel_private",
        "channel_invalid",
        "no rights to send",
        "not enough rights to send text",
        "need administrator rights",
        "privacy_premium_required",
        "allow_payment_required",
        "bot was kicked",
        "bot is not a member",
        "can't initiate conversation",
        "can't send messages to",
    ),
    Meaning.KIND_REFUSED: (
        "voice_messages_forbidden",
        "video_messages_forbidden",
        "user restricted receiving",
        "chat_send_",
        "not enough rights",
    ),
    Meaning.FAULTY: (
        "too_long",
        "too long",
        "text is empty",
        "message_empty",
        "must be non-empty",
        "can't parse",
        "encoded in utf-8",
        "entity_",
        "entities_",
        "parse_mode",
        "button_",
        "reply_markup",
        "reply markup",
        "inline keyboard",
        "file identifier",
        "file_id",
        "invalid file id",
        "file is too big",
        "entity too large",
        "photo_",
        "image_process_failed",
        "too big for a photo",
        "wrong http url",
        "web page content",
        "webpage_",
        "url_invalid",
        "media_",
        "in the album",
        "document_invalid",
        "number of messages",
        "custom emoji",
    ),
}
"""Parts of descriptions, in lower case. The first that occurs decides, in this order."""


def _fragments() -> Iterator[tuple[str, Meaning]]:
    for meaning, fragments in _DESCRIPTIONS.items():
        for fragment in fragments:
            yield fragment, meaning


_TABLE = tuple(_fragments())


def meaning_of(error: TelegramError) -> Meaning:
    """Return what a refusal means.

    An unknown 403 means that the chat cannot be reached. An unknown 400 is FAULTY: the same call
    would be refused again. Any other error is TRY_LATER.
    """
    if isinstance(error, ChatMigrated):
        return Meaning.UNREACHABLE
    if not isinstance(error, BadRequest | Forbidden):
        return Meaning.TRY_LATER
    description = " ".join(error.message.lower().replace("’", "'").split())
    for fragment, meaning in _TABLE:
        if fragment in description:
            return meaning
    return Meaning.UNREACHABLE if isinstance(error, Forbidden) else Meaning.FAULTY
