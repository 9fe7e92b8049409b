"""`check` compares goal, pace and dates, and remarks on data that is kept for years."""

from datetime import date
from pathlib import Path

import pytest

from conversations.folder.loading import load_campaign
from tests.conversations.folders import TOML

TODAY = date(2026, 6, 1)
FIRST_TARGET = 'country = "PT"\n'
PACE = 'letters_per_hour = 120\nhours = "09:00-17:00"\ntime_zone = "Europe/Lisbon"\n'


def remarks(folder: Path, keep_until: str, *more: str) -> list[tuple[str, str]]:
    """Return which keys are remarked on, and the words, with these dates."""
    text = (folder / TOML).read_text(encoding="utf-8")
    lines = [
        line
        for line in text.splitlines()
        if not line.startswith(("keep_until", "goal", "closes", "opens"))
    ]
    head = [f"keep_until = {keep_until}", *more]
    written = "\n".join([*head, *lines])
    assert FIRST_TARGET in written
    written = written.replace(FIRST_TARGET, f"{FIRST_TARGET}{PACE}", 1)
    (folder / TOML).write_text(f"{written}\n", encoding="utf-8")
    mistakes = load_campaign(folder, TODAY).mistakes
    told = ("years", "pace", "past")
    return [
        (each.where.split()[-1], each.problem)
        for each in mistakes
        if any(word in each.problem for word in told)
    ]


def test_letters_that_would_wait_past_the_end(folder: Path) -> None:
    (found,) = remarks(folder, "2026-07-01", "goal = 100000")
    assert found[1] == (
        "At this pace, 100,000 letters (the goal) take until 2026-09-13. Those that wait after"
        " 2026-07-01 (keep_until) are deleted unsent."
    )


def test_people_that_write_to_a_target(folder: Path) -> None:
    (found,) = remarks(folder, "2026-07-01", "goal = 100000", 'goal_counts = "people"')
    assert found[1].startswith("At this pace, the letters of 100,000 people (the goal) take until")


def test_letters_that_leave_after_the_campaign_has_closed(folder: Path) -> None:
    (found,) = remarks(folder, "2027-01-01", "goal = 100000", "closes = 2026-08-01T00:00:00Z")
    assert found[1].endswith("after the campaign has closed.")


@pytest.mark.parametrize("goal", ["goal = 20000", "show_counter_from = 1"])
def test_letters_that_leave_in_time(folder: Path, goal: str) -> None:
    assert remarks(folder, "2026-07-01", goal) == []


@pytest.mark.parametrize(
    ("day", "remarked"),
    [("2999-12-31", True), ("9999-12-31", True), ("2029-06-03", True), ("2029-06-01", False)],
)
def test_data_that_is_kept_for_years(folder: Path, day: str, *, remarked: bool) -> None:
    found = remarks(folder, day)
    assert [problem.startswith("This day is more than three years") for _, problem in found] == (
        [True] if remarked else []
    )


def test_a_day_in_the_past_is_an_error(folder: Path) -> None:
    remarks(folder, "2026-05-31")
    assert load_campaign(folder, TODAY).campaign is None


def test_a_goal_beyond_all_days(folder: Path) -> None:
    (found,) = remarks(folder, "2026-07-01", "goal = 999999999999999")
    assert "the year 9999" in found[1]
