"""How fast broadcasts are sent, and what that costs.

Bot API, allow_paid_broadcast; Bots FAQ, "Broadcasting to users".
"""

from conversations.model.broadcast import Broadcast

RATE = 25
"""Messages a second of a broadcast that costs nothing."""

PAID_RATE = 1000
"""Messages a second of a broadcast that is paid for."""

FREE_RATE = 30
"""Messages a second that are free in a broadcast that is paid for."""

MESSAGES_PER_STAR = 10
"""How many paid messages cost one Telegram Star ("0.1 Telegram Stars per message")."""

FEW = 5
"""Fewer people than this are not counted exactly: a figure could point at a person."""


def most_stars(broadcast: Broadcast, people: int) -> int:
    """Return the most Stars that a broadcast can cost, as if no message were free.

    Below FEW recipients, compute the price as if there were FEW - 1: it reveals nothing then.
    """
    messages = max(people, FEW - 1) * messages_per_person(broadcast)
    return -(-messages // MESSAGES_PER_STAR)


def messages_per_person(broadcast: Broadcast) -> int:
    """Return how many messages a person gets, in the longest version of the broadcast.

    The buttons of an album are a message of their own.
    """
    versions = broadcast.versions.values()
    return max(len(parts) + (len(parts) > 1 and bool(parts[-1].album)) for parts in versions)
