from datetime import UTC, datetime

import pytest

from conversations.text.typed_times import read_time, read_timezone

NOW = datetime(2030, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("UTC", "UTC"),
        ("utc+8", "UTC+08:00"),
        ("-03:30", "UTC-03:30"),
        ("europe/lisbon", "Europe/Lisbon"),
        ("America/new york", "America/New_York"),
        ("UTC+15", ""),
        ("UTC+1:75", ""),
        ("Atlantis", ""),
        ("../etc/passwd", ""),
    ],
)
def test_time_zones(typed: str, zone: str) -> None:
    assert read_timezone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2030-06-01 18:00", datetime(2030, 6, 1, 10, tzinfo=UTC)),
        ("tomorrow 18:00", datetime(2030, 3, 2, 10, tzinfo=UTC)),
        ("明天 18:00", datetime(2030, 3, 2, 10, tzinfo=UTC)),
        ("today 21:00", datetime(2030, 3, 1, 13, tzinfo=UTC)),
        ("21:00", datetime(2030, 3, 1, 13, tzinfo=UTC)),
        ("8:00", datetime(2030, 3, 2, 0, tzinfo=UTC)),
        ("25:00", None),
        ("2030-02-30 10:00", None),
        ("someday 10:00", None),
        ("soon", None),
    ],
)
def test_times_in_a_zone(typed: str, moment: datetime | None) -> None:
    assert read_time(typed, NOW, "UTC+08:00", "en") == moment
