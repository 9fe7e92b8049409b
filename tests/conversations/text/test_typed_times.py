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
        *(
            (typed, datetime(2030, 3, 2, 2, tzinfo=UTC))
            for typed in (
                "tomorrow at 10:00",
                "Tomorrow, 10 am",
                "tomorrow at 10 o’clock.",
                "2030-03-02 at 10",
                "morgen um 10 Uhr",
                "Morgen um 10.00 Uhr",
                "mañana a las 10",
                "Mañana a las 10:00 h",
                "mañana 10:00",
                "demain à 10 h",
                "demain à 10h00",
                "amanhã às 10h",
                "amanhã às 10 horas",
                "明天上午10點",
                "明天10點",
                "明天 １０：００",
            )
        ),
        *(
            (typed, datetime(2030, 3, 1, 13, 30, tzinfo=UTC))
            for typed in (
                "at 9:30 pm",
                "heute um 21 Uhr 30",
                "hoy a las 9:30 de la noche",
                "aujourd’hui à 21h30",
                "hoje às 21h30",
                "今天晚上9點半",
                "21點30分",
            )
        ),
        ("12 am", datetime(2030, 3, 1, 16, tzinfo=UTC)),
        ("中午12點", datetime(2030, 3, 2, 4, tzinfo=UTC)),
        ("10", None),
        ("at", None),
        ("118:00", None),
        ("2030-06-01", None),
        ("25:00", None),
        ("2030-02-30 10:00", None),
        ("someday 10:00", None),
        ("soon", None),
    ],
)
def test_times_in_a_zone(typed: str, moment: datetime | None) -> None:
    assert read_time(typed, NOW, "UTC+08:00", "en") == moment
