"""Decides from the answers of Telegram whether it limits the bot itself, and not only some chats.

A 429 does not say what it limits. Most concern one chat (Bots FAQ, "My bot is hitting limits"), and
its ``retry_after`` may be hours. So one chat's 429 never counts for another. The bot is limited
when a call is refused that began after MIN_OTHER_CHATS other chats were refused and are still
halted, while no call was accepted in between. From then on, calls probe one at a time until one is
accepted. The delay between probes grows with the number of chats that are refused: a few chats that
are limited themselves must not keep others from being heard.
"""

import math

MIN_OTHER_CHATS = 2
"""How many other chats must be refused before the refusal of one more limits the bot."""

FIRST_PROBE_DELAY, MAX_PROBE_DELAY = 1.0, 30.0
"""Seconds between two probes: the first delay, which doubles with each further chat that is
refused, and the longest. One chat probes again only after the longest.
"""


class BotLimit:
    """Whether Telegram limits the bot. Times are the event loop's, in seconds."""

    def __init__(self) -> None:
        """Start without a limit."""
        self._refused: dict[int, tuple[float, float]] = {}
        """When each chat was refused, and until when, if no call was accepted since."""
        self._limited_at: float | None = None
        self._until = -math.inf
        """When the limit ends, by the latest 429."""
        self._delay = FIRST_PROBE_DELAY
        self._next_probe = -math.inf

    def is_limited(self, now: float) -> bool:
        """Return whether the bot is limited. A limit that was not confirmed in time is over."""
        if self._limited_at is not None and now >= self._until:
            self._end()
        return self._limited_at is not None

    def remaining(self, now: float) -> float:
        """Return for how many seconds Telegram limits the bot; 0 if it does not."""
        return self._until - now if self.is_limited(now) else 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until a call may be made: at once, or as the next probe."""
        return max(0.0, self._next_probe - now) if self.is_limited(now) else 0.0

    def begin(self, now: float) -> None:
        """Note that a call begins. While the bot is limited, it is the probe."""
        if self.is_limited(now):
            self._next_probe = now + self._delay

    def accepted(self, began: float) -> bool:
        """Note that a call was accepted that began at `began`. Return whether a limit is over."""
        self._refused = {
            chat: refusal for chat, refusal in self._refused.items() if refusal[0] > began
        }
        if self._limited_at is None or began < self._limited_at:
            return False
        self._end()
        return True

    def refused(self, chat: int, began: float, now: float, seconds: float) -> tuple[int, ...]:
        """Note that a call to `chat` was refused for `seconds`.

        Return the chats whose halts turn out to be the bot's, once, when the limit begins.
        """
        until = now + seconds
        others = [
            each
            for each, (at, ends) in self._refused.items()
            if each != chat and at <= began and ends > now
        ]
        is_new = chat not in self._refused
        self._refused[chat] = (now, until)
        if self.is_limited(now):
            self._until = until
            if is_new:
                self._delay = min(2 * self._delay, MAX_PROBE_DELAY)
            self._next_probe = now + self._delay
            return ()
        if len(others) < MIN_OTHER_CHATS:
            return ()
        self._limited_at, self._until = now, until
        self._next_probe = now + self._delay
        return (*others, chat)

    def _end(self) -> None:
        self._limited_at = None
        self._delay = FIRST_PROBE_DELAY
        self._refused.clear()
