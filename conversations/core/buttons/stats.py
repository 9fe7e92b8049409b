"""Buttons under figures."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import StaffButtonData
from conversations.model.stats.figures import Period


class StatsAction(StrEnum):
    """What a button under figures does."""

    SHOW = "show"
    """Show the figures of a campaign and a period in place of these."""
    CHOOSE_CAMPAIGN = "of"
    CSV = "csv"
    CHOOSE_DIGEST = "often"
    """Ask how often figures are to be sent."""
    DAILY = "day"
    WEEKLY = "week"
    NO_DIGEST = "none"


@dataclass(frozen=True)
class StatsButton(StaffButtonData, prefix="stats"):
    """A button under the figures of a campaign and a period."""

    action: StatsAction
    campaign: str
    """A campaign's slug, or ALL_CAMPAIGNS."""

    period: Period

    page: int = 1
    """The page of the campaigns to turn to."""
