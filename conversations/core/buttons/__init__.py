"""What buttons carry: typed data, packed into the 64 bytes that Telegram gives a button.

Importing this package registers every button, so that `packing` can unpack all of them.
"""

from conversations.core.buttons import (
    admin,
    broadcasts,
    campaigns,
    journey,
    new_campaign,
    persistent,
    stats,
)

__all__ = [
    "admin",
    "broadcasts",
    "campaigns",
    "journey",
    "new_campaign",
    "persistent",
    "stats",
]
