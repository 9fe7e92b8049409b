"""Growing delays between retries."""

from random import SystemRandom

_random = SystemRandom()


class Backoff:
    """Delays that double from `first` to `longest` seconds.

    Each is a random time between half of that and the whole, so that clients that failed together
    do not retry together.
    """

    def __init__(self, first: float, longest: float) -> None:
        """Start with a delay of at most `first` seconds."""
        self._first, self._longest = first, longest
        self._next = first

    def wait(self) -> float:
        """Return the seconds to wait before the next retry."""
        delay, self._next = self._next, min(2 * self._next, self._longest)
        return _random.uniform(delay / 2, delay)

    def reset(self) -> None:
        """Start with the first delay again, after a success."""
        self._next = self._first
