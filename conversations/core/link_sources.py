"""The sources of deep links that the bot makes itself, which no admin can name."""

import re

SHARED = "share"
"""The source of the link behind “Share with friends”: every campaign has it."""

OTHER = "other"
"""The source under which links count that a campaign does not declare."""

_OF_BROADCAST = re.compile(r"u[0-9a-f]{12}")
"""The source of links in broadcasts (`Broadcast.source`): each broadcast has its own."""


def is_of_broadcast(source: str) -> bool:
    """Return whether links with this source are part of a broadcast."""
    return bool(_OF_BROADCAST.fullmatch(source))


def is_reserved(source: str) -> bool:
    """Return whether the bot itself makes links with this source, or counts others under it."""
    return source in (SHARED, OTHER) or is_of_broadcast(source)
