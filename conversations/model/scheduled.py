"""Messages that people asked for, to be sent later: reminders, and questions about answers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ScheduledKind(StrEnum):
    """What a scheduled message says. The values are stored."""

    REMINDER = "reminder"
    """A letter was begun."""
    ANSWER = "answer"
    """Did the target answer the letter?"""


class AnswerKind(StrEnum):
    """Whether a target answered a letter, and how fast. The values are stored."""

    NONE = "none"
    AUTOMATIC = "automatic"
    """A program answered."""
    REAL_7 = "real_7"
    """A person answered; that was known within 7 days after the letter."""
    REAL_30 = "real_30"
    """The same, within 30 days."""
    REAL = "real"
    """The same, later."""


REAL_ANSWERS = {AnswerKind.REAL_7: 7, AnswerKind.REAL_30: 30, AnswerKind.REAL: None}
"""The answers of people, each with the days within which it was known; None: later."""


def real_answer(days: int) -> AnswerKind:
    """Return the kind of a person's answer that is known so many days after the letter."""
    return next(kind for kind, most in REAL_ANSWERS.items() if most is None or days <= most)


@dataclass(frozen=True)
class AskedAbout:
    """The letter whose answer a question is about."""

    campaign: str
    """The campaign's slug."""

    target: str
    """The id of the target."""


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

    names_target: bool = False
    """Whether the question names the target, since letters went to several."""

    sent_on: date | None = None
    """The day on which the letter was written."""

    until: datetime | None = None
    """The time after which a reminder is no longer sent."""
