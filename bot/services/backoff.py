"""How long to wait before something is tried again."""

from random import SystemRandom

_random = SystemRandom()


class Backoff:
    """Waits that double from `first` to `longest` seconds, each drawn from its upper half.

    The chance keeps those that failed together from coming back together.
    """

    def __init__(self, first: float, longest: float) -> None:
        """Begin with about `first`."""
        self._first, self._longest = first, longest
        self._next = first

    def wait(self) -> float:
        """Return the seconds to wait now."""
        wait, self._next = self._next, min(2 * self._next, self._longest)
        return _random.uniform(wait / 2, wait)

    def reset(self) -> None:
        """Begin anew: it went well."""
        self._next = self._first
