"""Check how long data is kept, and whether all letters leave before that ends."""

from collections.abc import Callable, Iterator
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

from conversations.model.campaigns.campaign import CampaignFile
from conversations.model.campaigns.pace import last_of
from conversations.model.mistakes import Mistake

_ZONES = frozenset((None, *available_timezones()))

LONG = timedelta(days=3 * 365 + 1)
"""How far ahead `keep_until` may be without a remark: three years."""


def long_waits(file: CampaignFile, locate: Callable[[str], str], today: date) -> Iterator[Mistake]:
    """Yield remarks about data that is kept for years, and letters that would wait past the end."""
    if file.keep_until - today > LONG:
        problem = "This day is more than three years away: names and addresses are kept until then."
        fix = "Choose an earlier day if you don't need them for so long."
        yield Mistake(problem, fix, locate("keep_until"), is_error=False)
    if file.goal is None:
        return
    first = max(file.opens or _beginning(today), _beginning(today))
    for number, target in enumerate(file.targets):
        if target.pace is None or target.time_zone not in _ZONES:
            continue
        if target.for_countries and any(not each.for_countries for each in file.targets):
            continue  # others get most letters
        last = last_of(target.pace, file.goal, first)
        where = locate(f"targets.{number}.letters_per_hour")
        if last.date() > file.keep_until:
            problem = (
                f"At this pace, {_of_goal(file)} (the goal) take until {_day(last)}. Those"
                f" that wait after {file.keep_until} (keep_until) are deleted unsent."
            )
            fix = "Raise letters_per_hour, widen the hours, or choose a later keep_until."
            yield Mistake(problem, fix, where, is_error=False)
        elif file.closes is not None and last > file.closes:
            problem = (
                f"At this pace, {_of_goal(file)} (the goal) take until {_day(last)}, after the"
                " campaign has closed."
            )
            fix = "Raise letters_per_hour, widen the hours, or close later."
            yield Mistake(problem, fix, where, is_error=False)


def _of_goal(file: CampaignFile) -> str:
    """Return the letters that the goal means to one target, in words."""
    if file.goal_counts == "people":
        return f"the letters of {file.goal:,} people"
    return f"{file.goal:,} letters"


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _day(at: datetime) -> str:
    return "the year 9999" if at.year == MAXYEAR else at.date().isoformat()
