"""Which changes are anomalies, and which are the time of day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from conversations.core.alerts import AlertKind
from conversations.stats.anomalies import (
    HOUR,
    Anomaly,
    Sample,
    anomalies,
    sample_time,
)

START = datetime(2031, 5, 7, 12, tzinfo=UTC)


def hours(count: int, sent: Callable[[int], int], **last: int) -> list[Sample]:
    """Samples of each hour; in hour `n` so many are `sent` and accepted, in the last also these."""
    total, found = 0, [Sample(START, 0, 0, 0, 0)]
    for number in range(count):
        total += sent(number)
        bad = last if number == count - 1 else {}
        at = START + HOUR * (number + 1)
        more = (bad.get("bounced", 0), bad.get("failed", 0))
        found.append(Sample(at, total, total, *more))
    return found


def last(count: int, usual: int, now: int) -> list[Sample]:
    return hours(count, lambda number: now if number == count - 1 else usual)


def by_day(number: int) -> int:
    return 40 if 8 <= (number + 12) % 24 < 22 else 0


@pytest.mark.parametrize(
    ("samples", "found"),
    [
        ([], []),
        (last(1, 0, 500), []),  # nobody knows what is usual
        (last(30, 10, 60), [Anomaly(AlertKind.SURGE, 60, 10)]),
        (last(30, 10, 59), []),
        (last(30, 1, 49), []),
        (last(24 * 5, 30, 6), [Anomaly(AlertKind.LULL, 6, 30)]),
        (last(24 * 5, 30, 7), []),
        (last(24 * 2, 30, 0), []),
        (hours(24 * 5, by_day), []),  # the middle of the day
        (hours(24 * 5 + 11, by_day), []),  # night
        (hours(30, lambda _: 10, bounced=5), [Anomaly(AlertKind.RETURNS, 5, 0)]),
        (hours(30, lambda _: 10, bounced=4), []),
        (hours(30, lambda _: 10, failed=9), [Anomaly(AlertKind.REFUSALS, 9, 0)]),
        (hours(30, lambda _: 200, failed=9), []),  # not one in twenty
    ],
)
def test_what_is_sudden(samples: list[Sample], found: list[Anomaly]) -> None:
    assert list(anomalies(samples)) == found


def test_samples_lie_ten_minutes_apart() -> None:
    assert sample_time(START + timedelta(minutes=19, seconds=59)) == START + timedelta(minutes=10)
