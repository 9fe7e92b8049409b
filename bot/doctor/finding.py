"""The result of one check of `actionbot doctor`, in words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from ssl import SSLContext

from bot.errors import CommandError
from bot.mail.authentication.dkim_keys import DnsRecord
from bot.mail.authentication.domains import DomainResolver

CHECK_TIMEOUT = 15.0
"""Seconds that one check may take. All checks run at once, so `doctor` takes no longer either."""


class Status(StrEnum):
    """The outcome of a check. Only BAD is a problem that makes `doctor` fail.

    A WARNING may be intended, or concern something that cannot be seen from this machine.
    """

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What one check found. No text contains a secret."""

    subject: str
    """What was checked: "SPF", "database", …"""

    status: Status

    observed: str
    """What the check found, as a sentence."""

    meaning: str = ""
    """The consequence, if it is not obvious."""

    fix: str = ""
    """What to do about it."""

    about: str = ""
    """The domain, host or file that the finding concerns, if there are several."""

    records: tuple[DnsRecord, ...] = ()
    """Records to add to DNS."""

    def as_json(self) -> dict[str, object]:
        """Return the finding for programs; these keys are part of `actionbot doctor --json`."""
        return {
            "what": self.subject,
            "well": self.status,
            "seen": self.observed,
            "means": self.meaning,
            "fix": self.fix,
            "about": self.about,
            "records": [record.as_json() for record in self.records],
        }


@dataclass(frozen=True)
class CheckContext:
    """What the checks need from their surroundings; tests replace it."""

    domains: DomainResolver = field(default_factory=DomainResolver)

    trust: SSLContext | None = None
    """The accepted certificate authorities; None means those of the system."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    timeout: float = CHECK_TIMEOUT
    """Seconds that one check may take."""


def check_failed(subject: str, error: CommandError, about: str = "") -> Finding:
    """Return the finding for a check that ended with `error`, which holds one mistake."""
    (mistake,) = error.mistakes
    return Finding(subject, Status.BAD, mistake.problem, fix=mistake.fix, about=about)


def timed_out(subject: str, seconds: float) -> Finding:
    """Return the finding for a check that got no answer within `seconds`."""
    observed = f"No answer within {seconds:g} seconds."
    return Finding(subject, Status.BAD, observed, fix="Check the network, host and port.")
