"""Effects on figures: counting the funnel, exports and digests."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from conversations.core.effects.base import AuditedAction, BaseEffect
from conversations.model.stats.funnel import FunnelStage


@dataclass(frozen=True)
class CountStage(BaseEffect):
    """Count one more supporter who reached `stage`, a stage before the letter is sent."""

    stage: FunnelStage
    campaign: str
    source: str
    """Source of the link by which the supporter came."""


@dataclass(frozen=True)
class ExportFigures(BaseEffect):
    """Record that figures were exported to a file. Only the audit log keeps this."""

    campaign: str
    """A campaign's slug, or "*" for all campaigns."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("exported", self.campaign)


class DigestInterval(StrEnum):
    """How often a digest of the figures is sent. The values are stored."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class SaveDigest(BaseEffect):
    """Send this person a digest of the figures regularly, or no longer."""

    every: DigestInterval | None
    """None: send no digest."""

    since: date
    """The first digest covers the days after this one."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction(f"digest_{self.every or 'none'}")


StatsEffect = CountStage | ExportFigures | SaveDigest
