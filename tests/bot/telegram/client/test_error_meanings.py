"""Telegram's descriptions of errors, as they are seen in the wild, and what they mean."""

from typing import Any

import orjson
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.telegram.client.api_errors import TooManyRequests, refusal
from bot.telegram.client.error_meanings import Meaning, meaning_of

DESCRIPTIONS = {
    Meaning.UNREACHABLE: (
        (400, "Bad Request: INPUT_USER_DEACTIVATED"),
        (400, "Bad Request: USER_IS_BLOCKED"),
        (400, "Bad Request: have no rights to send a message"),
        (400, "Bad Request: Have no write access to the chat"),
        (400, "Bad Request: PEER_ID_INVALID"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: private chat not found"),
        (400, "Bad Request: user not found"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        (400, "Bad Request: CHAT_RESTRICTED"),
        (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"),
        (400, "Bad Request: CHANNEL_PRIVATE"),
        (400, "Bad Request: YOU_BLOCKED_USER"),
        (400, "Bad Request: USER_PRIVACY_RESTRICTED"),
        (400, "Bad Request: USER_BANNED_IN_CHANNEL"),
        (400, "Bad Request: PRIVACY_PREMIUM_REQUIRED"),
        (400, "Bad Request: ALLOW_PAYMENT_REQUIRED_25"),
        (400, "Bad Request: group chat was upgraded to a supergroup chat"),
        (400, "Bad Request: chat is deactivated"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (400, "Bad Request: need administrator rights in the channel chat"),
        (400, "[Error]: Bad Request: chat not found"),
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (403, "Forbidden: the group chat was deleted"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
        (403, "Forbidden: bots can’t send messages to bots"),
        (403, "Forbidden: a reason that nobody has seen yet"),
    ),
    Meaning.TOPIC_GONE: (
        (400, "Bad Request: TOPIC_CLOSED"),
        (400, "Topic_closed"),
        (400, "Bad Request: TOPIC_DELETED"),
        (400, "Bad Request: TOPIC_ID_INVALID"),
        (400, "Bad Request: message thread not found"),
    ),
    Meaning.KIND_REFUSED: (
        (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"),
        (403, "Forbidden: VOICE_MESSAGES_FORBIDDEN"),
        (400, "Bad Request: user restricted receiving of video messages"),
        (400, "Bad Request: not enough rights to send photos to the chat"),
        (400, "Bad Request: CHAT_SEND_MEDIA_FORBIDDEN"),
    ),
    Meaning.HARMLESS: (
        (
            400,
            "Bad Request: message is not modified: specified new message content and reply markup"
            " are exactly the same as a current content and reply markup of the message",
        ),
        (400, "Bad Request: MESSAGE_NOT_MODIFIED"),
        (
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        (400, "Bad Request: message to delete not found"),
        (400, "Bad Request: message can't be deleted for everyone"),
        (403, "Forbidden: MESSAGE_DELETE_FORBIDDEN"),
    ),
    Meaning.MESSAGE_GONE: (
        (400, "Bad Request: message to edit not found"),
        (400, "Bad Request: message can't be edited"),
        (400, "Bad Request: MESSAGE_ID_INVALID"),
        (400, "Bad Request: there is no text in the message to edit"),
        (400, "Bad Request: message to be replied not found"),
    ),
    Meaning.FAULTY: (
        (400, "Bad Request: MESSAGE_TOO_LONG"),
        (400, "Bad Request: message is too long"),
        (400, "Bad Request: message caption is too long"),
        (400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
        (400, "Bad Request: BUTTON_DATA_INVALID"),
        (400, "Bad Request: BUTTON_URL_INVALID"),
        (400, "Bad Request: reply markup is too long"),
        (400, "Bad Request: wrong file identifier/HTTP URL specified"),
        (400, "Bad Request: wrong remote file identifier specified: Wrong padding in the string"),
        (400, "Bad Request: message text is empty"),
        (400, "Bad Request: IMAGE_PROCESS_FAILED"),
        (400, "Bad Request: a reason that nobody has seen yet"),
        (413, "Request Entity Too Large"),
    ),
    Meaning.TRY_LATER: (
        (400, "Bad Request: Internal Server Error: restart"),
        (400, "Bad Request: FROZEN_METHOD_INVALID"),
        (400, "Bad Request: failed to get HTTP URL content"),
        (400, "Bad Request: PEER_FLOOD"),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        (400, "Bad Request: FILE_REFERENCE_EXPIRED"),
        (401, "Unauthorized"),
        (502, "Bad Gateway"),
    ),
}
ROWS = [
    (status, description, meaning)
    for meaning, rows in DESCRIPTIONS.items()
    for status, description in rows
]


def answered(status: int, description: str, **parameters: Any) -> TelegramError:
    payload = {"ok": False, "error_code": status, "description": description}
    return refusal(status, orjson.dumps({**payload, "parameters": parameters}), secret="s3cret")


@pytest.mark.parametrize(("status", "description", "meaning"), ROWS)
@pytest.mark.parametrize("written", [str, str.upper, str.lower])
def test_what_a_description_means(
    status: int, description: str, meaning: Meaning, written: Any
) -> None:
    assert meaning_of(answered(status, written(description))) is meaning


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answered(400, "group chat was upgraded", migrate_to_chat_id=-1007), Meaning.UNREACHABLE),
        (TooManyRequests(3), Meaning.TRY_LATER),
        (Conflict("terminated by other getUpdates request"), Meaning.TRY_LATER),
        (InvalidToken(), Meaning.TRY_LATER),
        (NetworkError("chat not found"), Meaning.TRY_LATER),
    ],
)
def test_what_the_kind_of_an_error_means(error: TelegramError, meaning: Meaning) -> None:
    assert meaning_of(error) is meaning


def test_a_group_that_moved_is_named_without_its_number() -> None:
    error = answered(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1007)
    assert isinstance(error, ChatMigrated)
    assert not isinstance(error, BadRequest | Forbidden)
    assert "1007" not in error.message
