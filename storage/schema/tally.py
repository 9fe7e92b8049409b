"""A change to a row of the `tallies` table."""

from typing import NamedTuple


class Tally(NamedTuple):
    """An amount to add to one figure of a campaign's day."""

    campaign: str
    figure: str
    """The `Figure`."""

    day: str
    """UTC day as YYYY-MM-DD; empty for the sum of all days."""

    value: str
    """What is counted within the figure: a stage, a country, a language, a source …"""

    more: int = 1
    """Added to the count; negative to subtract."""

    erased: int = 0
    """How many of the counted records were erased."""

    settled: int = 0
    """How many of the counted records were settled: what was counted is no longer in them."""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """The primary key of the row."""
        return self[:4]
