"""Letters to one target leave one after the other, and in its hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.model.campaigns.pace import Hours, Pace, next_slot

NOON = datetime(2019, 6, 21, 12, tzinfo=UTC)
OFFICE = Hours(time(9), time(17), "Asia/Hong_Kong")


def test_the_first_letter_is_sent_at_once() -> None:
    assert next_slot(Pace(60), None, NOON, 0.5) == NOON


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 42), (0.5, 60), (0.999999, 78)])
def test_intervals_between_letters_vary_a_little(chance: float, seconds: int) -> None:
    wait = next_slot(Pace(60), NOON, NOON, chance) - NOON
    assert round(wait.total_seconds()) == seconds


def test_after_a_quiet_hour_a_letter_is_sent_at_once() -> None:
    assert next_slot(Pace(60), NOON - timedelta(hours=1), NOON, 0.5) == NOON


@pytest.mark.parametrize(
    ("local", "leaves"),
    [
        ("2019-06-21 08:59", "2019-06-21 09:00"),
        ("2019-06-21 09:00", "2019-06-21 09:00"),
        ("2019-06-21 16:59", "2019-06-21 16:59"),
        ("2019-06-21 17:00", "2019-06-22 09:00"),
        ("2019-06-21 23:30", "2019-06-22 09:00"),
    ],
)
def test_letters_are_sent_in_the_hours_of_the_target(local: str, leaves: str) -> None:
    zone = ZoneInfo("Asia/Hong_Kong")
    at = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    slot = next_slot(Pace(60, OFFICE), None, at, 0.5)
    assert slot.astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(leaves)


def test_hours_can_include_midnight() -> None:
    night = Pace(60, Hours(time(22), time(6), "UTC"))
    assert next_slot(night, None, NOON, 0.5) == NOON.replace(hour=22)
    for hour in (23, 0, 5):
        assert next_slot(night, None, NOON.replace(hour=hour), 0.5) == NOON.replace(hour=hour)


def test_hours_are_right_on_days_when_the_clocks_change() -> None:
    lisbon = Pace(60, Hours(time(1, 30), time(3), "Europe/Lisbon"))
    midnight = datetime(2019, 3, 31, 0, 0, tzinfo=UTC)  # 01:00 becomes 02:00
    assert next_slot(lisbon, None, midnight, 0.5) == datetime(2019, 3, 31, 1, 30, tzinfo=UTC)


@given(
    st.integers(1, 3600),
    st.times(),
    st.times(),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30),
)
def test_letters_keep_their_order_and_the_hours(
    per_hour: int, opens: time, closes: time, chances: list[float]
) -> None:
    pace = Pace(per_hour, Hours(opens, closes, "Asia/Hong_Kong"))
    last, least = None, timedelta(hours=1) / per_hour * 0.69
    for chance in chances:
        slot = next_slot(pace, last, NOON, chance)
        assert slot >= NOON
        assert last is None or slot - last >= least
        local = slot.astimezone(ZoneInfo("Asia/Hong_Kong")).time()
        inside = opens <= local < closes if opens < closes else local >= opens or local < closes
        assert inside
        last = slot
