"""What was found, in words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from ssl import SSLContext

from bot.cli.dkim_keys import Record
from bot.errors import CommandError
from bot.mail.authentication.domains import DomainResolver

PATIENCE = 15.0
"""Seconds that one look may take. All are taken at once, so this is also what the whole takes."""


class Well(StrEnum):
    """How a thing is. Only BAD is a fault: a WARNING may be meant, or cannot be seen from here."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `about` is the domain or the file that it concerns, if any.

    `records` are for DNS, to be pasted. No text holds a secret.
    """

    what: str
    well: Well
    seen: str
    means: str = ""
    mend: str = ""
    about: str = ""
    records: tuple[Record, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it for programs. The names, and the values of `what` and `well`, stay."""
        return vars(self) | {"records": [record.as_json() for record in self.records]}


@dataclass(frozen=True)
class Tools:
    """What the looks need. `patience` in seconds; `trust`: the system's certificates if None."""

    domains: DomainResolver = field(default_factory=DomainResolver)
    trust: SSLContext | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    patience: float = PATIENCE


def trouble(what: str, mistaken: CommandError, about: str = "") -> Finding:
    """Return what ended a look."""
    (mistake,) = mistaken.mistakes
    return Finding(what, Well.BAD, mistake.what, mend=mistake.mend, about=about)


def silent(what: str, seconds: float) -> Finding:
    """Return what is to be said where nothing came within so many seconds."""
    seen = f"No answer came within {seconds:g} seconds."
    return Finding(what, Well.BAD, seen, mend="See to the network, and compare host and port.")
