"""When mail rests: a server that cannot be reached is probed, not stormed.

closed ──FAILURES in a row, or one fault of ours──▶ open ──rest over──▶ one probe ─▶ closed
                                                      ▲                     │
                                                      └──────it fails───────┘
"""

from datetime import datetime, timedelta

FAILURES = 5
"""Connections that fail in a row before the mail rests."""

FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=5)


class CircuitBreaker:
    """Tells how many mails may go, from how the last ones went."""

    def __init__(self) -> None:
        """Begin closed."""
        self._failures = 0
        self._rest = FIRST_REST
        self.rests_until: datetime | None = None
        """None while it is closed."""

    def free(self, now: datetime, hands: int, busy: int) -> int:
        """Return how many more of `hands` may take a mail: after a rest, one goes first."""
        if self.rests_until is None:
            return hands - busy
        return 0 if self.rests(now) else 1 - busy

    def rests(self, now: datetime) -> bool:
        """Whether nothing is tried now; after a rest, one may be."""
        return self.rests_until is not None and now < self.rests_until

    def try_now(self, now: datetime) -> None:
        """End the rest, so that one mail probes."""
        if self.rests_until is not None:
            self.rests_until = min(self.rests_until, now)

    def reached(self) -> None:
        """The server answered."""
        self._failures = 0
        self._rest = FIRST_REST
        self.rests_until = None

    def failed(self, now: datetime, *, ours: bool) -> datetime:
        """It could not be reached, or found a fault of `ours`; return when to try again."""
        self._failures += 1
        if not ours and self._failures < FAILURES:
            return now + timedelta(seconds=self._failures)
        if self.rests_until is None or self.rests_until <= now:
            self.rests_until = now + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
        return self.rests_until
