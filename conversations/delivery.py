"""The states of a letter, and the one place where they change."""

from enum import StrEnum


class LetterState(StrEnum):
    """How a letter fares. Only a mail server's 250 makes it accepted."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


WITHDRAWABLE = frozenset((LetterState.QUEUED, LetterState.DEFERRED))
"""The states in which a letter has not left: no server has taken it, and none is being asked."""
