"""What every effect says of itself: the worker it wakes, and its entry in the audit log."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar


class Worker(Enum):
    """A background worker that may have something to do once an effect is committed."""

    MAIL = auto()
    """Sends the mail in the outbox."""

    BROADCAST = auto()
    """Sends broadcasts to their recipients."""

    CAMPAIGNS = auto()
    """Loads the newest versions of campaigns."""

    AUTHORITY = auto()
    """Remembers the newest roles and modes, and the head of the audit log, outside the database."""


@dataclass(frozen=True)
class AuditedAction:
    """What the audit log records of an effect that needs a role."""

    action: str
    """Key of the sentence in the catalogue, `audit.{action}`. It is stored, so it never changes."""

    about: str = ""
    """What was changed, as an identifier: a campaign's slug, a broadcast's id, a role. Never
    personal, since it is stored in the clear.
    """

    whom: str = ""
    """Name of the person or link source that was changed. It is stored encrypted."""


class BaseEffect:
    """Defaults for all effects: wake no worker, and leave the audit log alone."""

    wakes: ClassVar[Worker | None] = None
    """The worker to wake after the commit."""

    def audit(self) -> AuditedAction | None:
        """Return the entry for the audit log; None for an effect that needs no role."""
        return None
