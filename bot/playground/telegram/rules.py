"""Telegram's limits for texts, times and rates, each with its place in the Bot API."""

from datetime import datetime, timedelta
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.content import markdown
from bot.playground.telegram.content.entities import (
    check_entities,
    parse,
    trim,
    utf16_length,
)
from bot.playground.telegram.refusal import ApiRefusal, bad_request

MAX_TEXT_LENGTH = 4096
"""sendMessage, text: "1-4096 characters after entities parsing"."""

MAX_CAPTION_LENGTH = 1024
"""sendPhoto, caption: "0-1024 characters after entities parsing"."""

MAX_FETCHED_BYTES = 20 * 10**6
"""getFile: "bots can download files of up to 20MB in size"."""

MAX_TOAST_LENGTH = 200
"""answerCallbackQuery, text: "0-200 characters"."""

MAX_DELETION_AGE = timedelta(hours=48)
"""deleteMessage: "A message can only be deleted if it was sent less than 48 hours ago"."""

PRESS_TIMEOUT = timedelta(seconds=150)
"""How long a button press can be answered (source code of telegram-bot-api)."""

UPDATE_LIFETIME = timedelta(hours=24)
"""Getting updates: "they will not be kept longer than 24 hours"."""

MAX_MESSAGES_PER_SECOND = 30.0
"""How many messages a bot can send at once, and per second."""


_PARSERS = {"html": parse, "markdownv2": markdown.parse, "markdown": markdown.parse_old}
"""The values of parse_mode (Bot API, "Formatting options")."""


def formatted_text(call: ApiCall, name: str, max_length: int) -> tuple[str, list[dict[str, Any]]]:
    """Return the text or caption in the field `name`, with its entities.

    Raises ApiRefusal.
    """
    text, mode = call.text(name), call.text("parse_mode").lower()
    if mode not in ("", *_PARSERS):
        raise bad_request("unsupported parse_mode")
    if mode:
        text, entities = _PARSERS[mode](text)
    else:
        entities = call.objects("entities" if name == "text" else "caption_entities") or []
        entities = check_entities(text, entities)
    text, entities = trim(text, entities)
    if name == "text" and not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > max_length:
        raise bad_request(
            "message is too long" if name == "text" else "message caption is too long"
        )
    return text, entities


class RateLimit:
    """A token bucket: 30 messages at once, 30 per second (Bots FAQ, "My bot is hitting limits")."""

    def __init__(self) -> None:
        """Start with a full bucket."""
        self._left = MAX_MESSAGES_PER_SECOND
        self._refilled_at: datetime | None = None

    def spend(self, now: datetime) -> None:
        """Count one message. Raises ApiRefusal with retry_after (Bot API, ResponseParameters)."""
        passed = (now - self._refilled_at).total_seconds() if self._refilled_at else 0.0
        self._left, self._refilled_at = (
            min(MAX_MESSAGES_PER_SECOND, self._left + passed * MAX_MESSAGES_PER_SECOND),
            now,
        )
        if self._left < 1:
            raise ApiRefusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self._left -= 1
