"""What figures amount to: what is good, what is odd, what needs a hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from conversations.model.stats.figures import Figure, Figures, Period
from conversations.model.stats.funnel import FunnelStage
from conversations.stats.insights import insights

LAST = date(2031, 5, 14)


def figures(
    *steps: int, period: Period = Period.WEEK, days: int = 7, peak: int = 0, **more: Any
) -> Figures:
    """So many came to each step, one after the other; letters are spread over the days."""
    counts = {stage: count for stage, count in zip(FunnelStage, steps, strict=False) if count}
    sent, accepted = counts.get(FunnelStage.SENT, 0), counts.get(FunnelStage.ACCEPTED, 0)
    dates = [LAST - timedelta(days=number) for number in range(days)]
    sums = {
        Figure.STEP: counts,
        Figure.FATE: more.pop("fates", {}),
        Figure.LINK: more.pop("links", {}),
    }
    return Figures(
        period,
        dates[-1],
        LAST,
        {day: sent // days for day in dates} | {LAST: sent // days + peak},
        {day: accepted // days for day in dates},
        sums,
        **more,
    )


FINE = (100, 60, 58, 56, 50, 45, 44, 42, 42)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (figures(), {}),
        (figures(3, 3, 3, 3, 3, 3, 3, 1), {}),
        (figures(*FINE), {"all_accepted": {}}),
        (
            figures(*FINE[:8], 36, fates={"bounced": 4, "failed": 2}),
            {"bounced": {"count": 6, "percent": 14}},
        ),
        (
            figures(*FINE[:8], 39, fates={"bounced": 1, "failed": 2}),
            {"failed": {"count": 3, "percent": 7}},
        ),
        (figures(*FINE[:8], 40, fates={"failed": 2}), {}),
        (figures(25), {"nobody": {"count": 25}, "drop_began": {"count": 25, "percent": 100}}),
        (figures(*FINE[:8], 41, fates={"unknown": 1}), {"unknown": {"count": 1}}),
        (figures(*FINE[:8], 10, waiting=32), {"waiting": {"count": 32}}),
        (figures(*FINE, before=84), {"fewer": {"percent": 50}, "all_accepted": {}}),
        (figures(*FINE, before=84, period=Period.TODAY), {"all_accepted": {}}),
        (figures(*FINE, before=21), {"more": {"percent": 100}, "all_accepted": {}}),
        (
            figures(100, 90, 88, 86, 80, 30, 28, 20, 20),
            {"drop_proved": {"count": 50, "percent": 62}, "all_accepted": {}},
        ),
        (
            figures(*FINE, peak=70),
            {"peak": {"day": LAST, "count": 76}, "all_accepted": {}},
        ),
        (
            figures(*FINE, links={"poster": 60, "other": 40}),
            {"undeclared": {"count": 40}, "all_accepted": {}},
        ),
        (figures(*FINE, goal=42, total=42), {"goal_reached": {}, "all_accepted": {}}),
        (
            figures(*FINE, goal=100, total=40),
            {"goal_by": {"day": LAST + timedelta(days=10)}, "all_accepted": {}},
        ),
        (figures(*FINE, goal=1_000_000, total=40), {"all_accepted": {}}),
        (figures(*FINE, goal=42, total=210, people=42), {"goal_reached": {}, "all_accepted": {}}),
        (
            figures(*FINE, goal=100, total=210, people=40),
            {"goal_by": {"day": LAST + timedelta(days=10)}, "all_accepted": {}},
        ),
    ],
)
def test_what_figures_amount_to(given: Figures, said: dict[str, dict[str, Any]]) -> None:
    assert {insight.key: insight.values for insight in insights(given)} == said
