"""What Telegram takes of texts and how often, each rule with its place in the Bot API."""

from datetime import datetime, timedelta
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.entities import (
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

MAX_TOAST_LENGTH = 200
"""answerCallbackQuery, text: "0-200 characters"."""

MAX_DELETION_AGE = timedelta(hours=48)
"""deleteMessage: "A message can only be deleted if it was sent less than 48 hours ago"."""

PRESS_TIMEOUT = timedelta(seconds=150)
"""How long a press waits for its answer (source of telegram-bot-api)."""

UPDATE_LIFETIME = timedelta(hours=24)
"""Getting updates: "they will not be kept longer than 24 hours"."""

MAX_MESSAGES_PER_SECOND = 30.0
"""Messages that a bot may send at once, and in a second."""


def formatted_text(call: ApiCall, name: str, most: int) -> tuple[str, list[dict[str, Any]]]:
    """Return a text or caption with its entities, trimmed as Telegram trims it.

    Of the parse modes (Bot API, "Formatting options") only HTML is spoken here. Raises Refused.
    """
    text, mode = call.text(name), call.text("parse_mode").lower()
    if mode not in ("", "html"):
        raise bad_request("unsupported parse_mode")
    if mode == "html":
        text, entities = parse(text)
    else:
        entities = call.objects("entities" if name == "text" else "caption_entities") or []
        entities = check_entities(text, entities)
    text, entities = trim(text, entities)
    if name == "text" and not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > most:
        raise bad_request(
            "message is too long" if name == "text" else "message caption is too long"
        )
    return text, entities


class RateLimit:
    """How much a bot may send: 30 at once, 30 a second (Bots FAQ, "My bot is hitting limits")."""

    def __init__(self) -> None:
        """Begin full."""
        self._left = MAX_MESSAGES_PER_SECOND
        self._counted: datetime | None = None

    def spend(self, now: datetime) -> None:
        """Take one. Raises Refused, with the seconds to wait (ResponseParameters, retry_after)."""
        passed = (now - self._counted).total_seconds() if self._counted else 0.0
        self._left, self._counted = (
            min(MAX_MESSAGES_PER_SECOND, self._left + passed * MAX_MESSAGES_PER_SECOND),
            now,
        )
        if self._left < 1:
            raise ApiRefusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self._left -= 1
