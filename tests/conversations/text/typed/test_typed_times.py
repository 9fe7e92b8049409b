from datetime import UTC, datetime

import pytest

from conversations.text.timezones import NAMES
from conversations.text.timezones.generate import page
from conversations.text.typed.times import read_time, read_timezone

NOW = datetime(2030, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("UTC", "UTC"),
        ("utc+8", "UTC+08:00"),
        ("-03:30", "UTC-03:30"),
        ("europe/lisbon", "Europe/Lisbon"),
        ("America/new york", "America/New_York"),
        ("Lisbon", "Europe/Lisbon"),
        ("lisboa", "Europe/Lisbon"),
        ("Lissabon", "Europe/Lisbon"),
        ("Hong Kong", "Asia/Hong_Kong"),
        ("台北", "Asia/Taipei"),
        ("Sao Paulo", "America/Sao_Paulo"),
        ("Nueva York", "America/New_York"),
        ("Kolkata", "Asia/Kolkata"),
        ("Suisse", "Europe/Zurich"),
        ("Deutschland", "Europe/Berlin"),
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
        *(
            (typed, datetime(2030, 11, 30, 4, tzinfo=UTC))
            for typed in (
                "30.11.2030 12:00",
                "30.11. 12:00",
                "30/11/2030 12:00",
                "11/30/2030, 12 pm",
                "30-11-2030 12:00",
                "2030/11/30 12:00",
                "30 November 12:00",
                "November 30, 2030 at 12:00",
                "Nov 30th, 12 pm",
                "Saturday, 30 November 2030, 12:00",
                "11月30日中午12點",
            )
        ),
        ("28 Feb 12:00", datetime(2031, 2, 28, 4, tzinfo=UTC)),
        ("Monday 9 am", datetime(2030, 3, 4, 1, tzinfo=UTC)),
        ("06/01/2030 10:00", None),
        ("30.02.2030 10:00", None),
        ("30 November 1 10:00", None),
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


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("30. November um 12 Uhr", "de"),
        ("Samstag, den 30. November, 12 Uhr", "de"),
        ("30 de noviembre a las 12:00", "es"),
        ("el 30 de nov. a las 12 h", "es"),
        ("le 30 novembre à 12h", "fr"),
        ("30 de novembro às 12h", "pt"),
        ("30/11 12:00", "pt"),
        ("2030年11月30日 12:00", "zh-Hant"),
    ],
)
def test_days_in_the_languages_of_staff(typed: str, language: str) -> None:
    found = read_time(typed, NOW, "UTC+08:00", language)
    assert found == datetime(2030, 11, 30, 4, tzinfo=UTC)


def test_the_names_of_time_zones_are_up_to_date() -> None:
    assert NAMES.read_text(encoding="utf-8") == page()
