"""The watchdog's checks: each decides from measurements whether something is wrong."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from conversations.model.mistakes import Mistake
from storage.admin.sightings import Problem

MAX_ANSWER_DELAY = timedelta(seconds=60)
"""How old messages may be, as a median, when they are answered."""

MAX_WRITE_SECONDS = 1.0
"""Seconds that a write to the database may take, as the median of WRITE_SAMPLES writes."""

WRITE_SAMPLES = 5

MIN_FREE_SHARE, MIN_FREE_BYTES = 0.05, 200 * 10**6
"""A disk with less free space than either of these is nearly full."""

MAX_MISTAKE_LENGTH = 300
"""Characters of a mistake that an alert quotes."""

_MEGABYTE = 10**6


@dataclass
class AnswerDelay:
    """Whether messages are answered late."""

    started: datetime
    """When the bot started."""
    answers: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When each message was sent and when it was answered, since the last check."""
    last: Problem | None = None
    """The result of the last check that had answers."""

    def check(self, now: datetime) -> Problem | None:
        """Return that answers are late, or None. Without new answers, return the last result.

        Messages from before the start had to wait for it. They count only if they are still being
        answered after MAX_ANSWER_DELAY; then the bot is catching up.
        """
        answers, self.answers = self.answers, []
        if not answers:
            return self.last
        self.last = None
        if any(sent < self.started for sent, _ in answers):
            if now - self.started > MAX_ANSWER_DELAY:
                self.last = Problem(what="catching up")
            return self.last
        delay = median((answered - sent).total_seconds() for sent, answered in answers)
        if delay > MAX_ANSWER_DELAY.total_seconds():
            self.last = Problem(round(delay))
        return self.last


@dataclass
class WriteSpeed:
    """Whether the database is slow to write."""

    seconds: "deque[float]" = field(default_factory=lambda: deque(maxlen=WRITE_SAMPLES))
    """How long the last writes took."""

    def check(self) -> Problem | None:
        """Return that writes are slow, or None."""
        slow = len(self.seconds) == WRITE_SAMPLES and median(self.seconds) > MAX_WRITE_SECONDS
        return Problem() if slow else None


def disk_space(total: int, free: int) -> Problem | None:
    """Return that a disk of `total` bytes is nearly full, with the free megabytes, or None."""
    if free >= MIN_FREE_BYTES and free >= MIN_FREE_SHARE * total:
        return None
    return Problem(free // _MEGABYTE)


def campaign_mistakes(mistakes: tuple[Mistake, ...]) -> Mapping[str, Problem]:
    """Return the errors mistakes in campaign files, by campaign folder."""
    errors: dict[str, list[Mistake]] = {}
    for each in mistakes:
        if each.is_error:
            folder = each.where.partition("/")[0].partition(",")[0]
            errors.setdefault(folder, []).append(each)
    return {
        folder: Problem(len(found), f"{found[0].where}: {found[0].problem}"[:MAX_MISTAKE_LENGTH])
        for folder, found in errors.items()
    }
