"""What Telegram takes of texts and how often, each rule with its place in the Bot API."""

from datetime import datetime, timedelta
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.entities import checked, parse, trimmed, units
from bot.playground.telegram.refusal import ApiRefusal, bad

TEXT = 4096
"""sendMessage, text: "1-4096 characters after entities parsing"."""

CAPTION = 1024
"""sendPhoto, caption: "0-1024 characters after entities parsing"."""

TOAST = 200
"""answerCallbackQuery, text: "0-200 characters"."""

DELETABLE = timedelta(hours=48)
"""deleteMessage: "A message can only be deleted if it was sent less than 48 hours ago"."""

PRESS_LIVES = timedelta(seconds=150)
"""How long a press waits for its answer (source of telegram-bot-api)."""

UPDATE_LIVES = timedelta(hours=24)
"""Getting updates: "they will not be kept longer than 24 hours"."""

FLOOD = 30.0
"""Messages that a bot may send at once, and in a second."""


def rich(call: ApiCall, name: str, most: int) -> tuple[str, list[dict[str, Any]]]:
    """Return a text or caption with its entities, trimmed as Telegram trims it.

    Of the parse modes (Bot API, "Formatting options") only HTML is spoken here. Raises Refused.
    """
    text, mode = call.text(name), call.text("parse_mode").lower()
    if mode not in ("", "html"):
        raise bad("unsupported parse_mode")
    if mode == "html":
        text, entities = parse(text)
    else:
        entities = call.objects("entities" if name == "text" else "caption_entities") or []
        entities = checked(text, entities)
    text, entities = trimmed(text, entities)
    if name == "text" and not text:
        raise bad("message text is empty")
    if units(text) > most:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text, entities


class Bucket:
    """How much a bot may send: 30 at once, 30 a second (Bots FAQ, "My bot is hitting limits")."""

    def __init__(self) -> None:
        """Begin full."""
        self._left = FLOOD
        self._counted: datetime | None = None

    def spend(self, now: datetime) -> None:
        """Take one. Raises Refused, with the seconds to wait (ResponseParameters, retry_after)."""
        passed = (now - self._counted).total_seconds() if self._counted else 0.0
        self._left, self._counted = min(FLOOD, self._left + passed * FLOOD), now
        if self._left < 1:
            raise ApiRefusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self._left -= 1
