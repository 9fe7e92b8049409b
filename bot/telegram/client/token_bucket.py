"""A token bucket: limits how many calls are made per second, and how many at once."""

import math

_LONG_AGO = -math.inf


class TokenBucket:
    """Tokens that are refilled at a steady rate. Times are the event loop's, in seconds."""

    __slots__ = ("_burst", "_refilled_at", "_tokens", "halted_until", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Start full: `burst` tokens, and `rate` more per second. An infinite rate has no limit."""
        self.rate, self._burst = rate, burst
        self._tokens, self._refilled_at = burst, now
        self.halted_until = _LONG_AGO

    def wait(self, now: float) -> float:
        """Return the seconds until there is a token; 0 if there is one."""
        if now < self.halted_until:
            return self.halted_until - now
        if self.rate == math.inf:
            return 0.0
        self._tokens = min(self._burst, self._tokens + (now - self._refilled_at) * self.rate)
        self._refilled_at = now
        missing = 1.0 - self._tokens
        return missing / self.rate if missing > 1e-6 else 0.0

    def take(self) -> None:
        """Take a token. It may be one that is refilled later."""
        self._tokens -= 1.0

    def halt(self, until: float) -> None:
        """Give no token before `until`, and one token then. A halt is never shortened."""
        self.halted_until = max(self.halted_until, until)
        self._tokens, self._refilled_at = 1.0, self.halted_until

    def end_halt(self, now: float) -> None:
        """Give one token at once, and further ones at the usual rate."""
        self.halted_until = _LONG_AGO
        self._tokens, self._refilled_at = 1.0, now

    def is_full(self, now: float) -> bool:
        """Return whether a new bucket would behave in the same way."""
        return self.wait(now) == 0.0 and (self.rate == math.inf or self._tokens >= self._burst)
