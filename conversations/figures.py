"""Figures of a campaign: what is counted, over which time, and what that amounts to."""

from enum import StrEnum


class Figure(StrEnum):
    """What is counted of each day."""

    STEP = "step"
    """How far people came: the values are those of `Stage`."""
    LINK = "link"
    """By which source's link they came."""
    SOURCE = "source"
    """By which source those came who sent a letter."""
    COUNTRY = "country"
    LANGUAGE = "language"
    HOUR = "hour"
    """In which hour (UTC) letters were sent."""
    FATE = "fate"
    """What became of letters that were not accepted; of what waits, nothing is counted."""
