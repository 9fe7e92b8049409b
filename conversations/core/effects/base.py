"""What every effect says of itself: its entry in the audit log."""

from dataclasses import dataclass


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
    """The default for all effects: leave the audit log alone."""

    def audit(self) -> AuditedAction | None:
        """Return the entry for the audit log; None for an effect that needs no role."""
        return None
