"""Stop sending while the mail server cannot be reached, and probe it with one mail at a time.

closed ──FAILURE_THRESHOLD in a row, or our fault──▶ open ──pause ends──▶ one probe ─▶ closed
                                                       ▲                      │
                                                       └───────it fails───────┘

A refusal may sound like a fault of ours and concern only one mail or recipient domain. Until a mail
is accepted, SUSPECT_THRESHOLD mails with such a refusal count as a fault of ours. If a mail is
accepted after such refusals for one domain only, they are that domain's.
"""

from datetime import datetime, timedelta

FAILURE_THRESHOLD = 5
"""Connections that fail in a row before sending pauses."""

SUSPECT_THRESHOLD = 2
"""Different mails whose refusals sound like a fault of ours before sending pauses."""

MAX_REFUSING_DOMAINS = 3
"""If more domains refuse mail so, the fault is ours although other mail is accepted."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=5)
"""A pause doubles each time that the probe after it fails."""


class CircuitBreaker:
    """Decides from the last results how many mails may be sent now."""

    def __init__(self) -> None:
        """Start closed: mail may be sent."""
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._suspects: dict[str, str] = {}
        """Mails refused as if the fault were ours, and their domains, since one was accepted."""
        self._refusing: set[str] = set()
        """Domains that refuse mail so while others accept it."""
        self._broken: set[str] = set()
        """Domains with whose mail a connection broke, since the server answered."""
        self.paused_until: datetime | None = None
        """When the next probe may be sent; None while the breaker is closed."""

    def capacity(self, now: datetime, slots: int, busy: int) -> int:
        """Return how many more mails may start, of `slots` at once. After a pause, one may."""
        if self.paused_until is None:
            return slots - busy
        return 0 if self.is_paused(now) else 1 - busy

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing may be sent, not even a probe.

        A pause that ends later than any can was begun by a clock that was ahead.
        """
        return self.paused_until is not None and now < self.paused_until <= now + LONGEST_PAUSE

    def end_pause(self, now: datetime) -> None:
        """Allow a probe now."""
        if self.paused_until is not None:
            self.paused_until = min(self.paused_until, now)

    def succeeded(self) -> None:
        """Note that the server answered: close."""
        self._failures = 0
        self._broken.clear()
        self._pause = FIRST_PAUSE
        self.paused_until = None

    def accepted(self) -> None:
        """Note that the server accepted a mail: it does not refuse us for all mail."""
        domains = set(self._suspects.values())
        if len(domains) == 1:
            self._refusing |= domains
        self._suspects.clear()

    def blames_domain(self, domain: str) -> bool:
        """Whether such a refusal of mail to `domain` is final: other mail is accepted."""
        return domain in self._refusing and len(self._refusing) <= MAX_REFUSING_DOMAINS

    def suspect(self, mail: str, domain: str) -> bool:
        """Note such a refusal of `mail`. Return whether it counts as a fault of ours."""
        self._suspects[mail] = domain
        return len(self._suspects) >= SUSPECT_THRESHOLD

    def broke(self, domain: str) -> bool:
        """Note that a connection broke with mail to `domain`. Return whether that is an outage.

        It is one when it happens with mail to another domain, too.
        """
        self._broken.add(domain)
        return len(self._broken) > 1

    def failed(self, now: datetime, *, our_fault: bool) -> datetime:
        """Note that the server was not reached, or rejects us. Return when to try again."""
        self._failures += 1
        if not our_fault and self._failures < FAILURE_THRESHOLD:
            return now + timedelta(seconds=self._failures)
        if self.paused_until is None or self.paused_until <= now:
            self.paused_until = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return self.paused_until
