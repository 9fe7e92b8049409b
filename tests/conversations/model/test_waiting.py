"""When paced letters leave, and when the last of many has left."""

from datetime import UTC, datetime, time, timedelta

import pytest

from conversations.model.campaigns.pace import Hours, Pace, last_of, leaves_at

NOW = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
OFFICE = Hours(time(9), time(17), "Asia/Hong_Kong")
"""From 1:00 to 9:00 UTC."""


@pytest.mark.parametrize(
    ("pace", "letters", "expected"),
    [
        (Pace(60), 1, NOW),
        (Pace(60), 61, NOW + timedelta(hours=1)),
        (Pace(120, OFFICE), 1, NOW),
        (Pace(120, OFFICE), 961, NOW + timedelta(days=1)),
        (Pace(120, OFFICE), 1 + 960 * 104, NOW + timedelta(days=104)),
        (Pace(1, Hours(time(22), time(2), "UTC")), 2, datetime(2026, 6, 1, 23, tzinfo=UTC)),
        (Pace(1), 10**12, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_the_last_of_many_letters(pace: Pace, letters: int, expected: datetime) -> None:
    assert last_of(pace, letters, NOW) == expected


def test_an_estimate_is_never_too_early() -> None:
    last = NOW + timedelta(hours=1)
    assert leaves_at(None, None, NOW) == NOW
    assert leaves_at(Pace(6), None, NOW) == NOW
    assert leaves_at(Pace(6), last, NOW) == last + timedelta(minutes=13)
