"""Messages that people asked for, to be sent later: reminders, and questions about answers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ScheduledKind(StrEnum):
    """What a scheduled message says. The values are stored."""

    REMINDER = "reminder"
    """A letter was begun."""
    ANSWER = "answer"
    """Did the target answer the letter?"""


@dataclass(frozen=True)
class ScheduledMessage:
    """A message to one person, which is due."""

    id: str
    """32 hexadecimal digits."""

    kind: ScheduledKind

    chat: int
    """The Telegram id of the chat."""

    language: str

    campaign: str
    """The campaign's slug."""

    target: str = ""
    """The id of the target whose answer is asked about."""

    sent_on: date | None = None
    """The day on which the letter was written."""
