"""The funnel: the stages that a supporter passes from opening a campaign to an accepted letter."""

from enum import StrEnum


class FunnelStage(StrEnum):
    """How far a supporter came. Each stage is counted once for each journey.

    The order of the members is the order of the funnel. The values are stored.
    """

    OPENED = "opened"
    BEGAN = "began"
    NAMED = "named"
    COUNTRY = "country"
    ADDRESS = "address"
    PROVED = "proved"
    REVIEWED = "reviewed"
    SENT = "sent"
    ACCEPTED = "accepted"
