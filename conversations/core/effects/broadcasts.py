"""Effects on broadcasts: drafts, approval, sending and control."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from conversations.core.effects.base import AuditedAction, BaseEffect
from conversations.model.broadcast import NO_LIMITS, Broadcast, ReleaseLimits


class BroadcastAction(StrEnum):
    """What a campaigner can do with a confirmed broadcast. The values are stored."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    RETRY = "retry"
    RECALL = "recall"


@dataclass(frozen=True)
class ControlBroadcast(BaseEffect):
    """Apply the action if the broadcast's state allows it."""

    broadcast: str
    action: BroadcastAction

    approves: bool = False
    """Whether this also approves it: it is resumed although more people get it than expected."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        action = "approved" if self.approves else self.action
        return AuditedAction(f"update_{action}", self.broadcast)


@dataclass(frozen=True)
class SaveDraft(BaseEffect):
    """Save the broadcast that this person composes."""

    broadcast: Broadcast
    token: str = ""
    """The button that carries this token confirms the draft, once. Empty: no button does."""

    album_until: datetime | None = None
    """When an album counts as complete, while its parts are still arriving."""


@dataclass(frozen=True)
class DiscardDraft(BaseEffect):
    """Discard a broadcast that was not sent. Its author or a colleague may do so."""

    broadcast: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("update_discarded", self.broadcast)


@dataclass(frozen=True)
class ConfirmBroadcast(BaseEffect):
    """Send a broadcast, now or later. A token can be used once."""

    broadcast: str
    token: str
    expected: int
    """Number of recipients shown at the confirmation."""

    at: datetime | None
    """When to send it; None: now."""

    already_sending: int = 0
    """Number of other broadcasts that are being sent, as the reply says."""

    replaces: str = ""
    """Id of the scheduled or missed broadcast that is discarded in its favour; "" for none."""

    limits: ReleaseLimits = NO_LIMITS
    """What it is limited to unless a colleague approved exactly this."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("update_confirmed", self.broadcast)


@dataclass(frozen=True)
class OfferBroadcast(BaseEffect):
    """Let the button with `token` send this person's scheduled or missed broadcast."""

    broadcast: str
    token: str


@dataclass(frozen=True)
class RescheduleBroadcast(BaseEffect):
    """Change the time of this person's scheduled or missed broadcast."""

    broadcast: str
    at: datetime

    limits: ReleaseLimits = NO_LIMITS
    """What it is limited to from now on."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("update_moved", self.broadcast)


@dataclass(frozen=True)
class RequestApproval(BaseEffect):
    """Record that colleagues were asked to approve a broadcast. Only the audit log keeps this."""

    broadcast: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("update_offered", self.broadcast)


@dataclass(frozen=True)
class ApproveBroadcast(BaseEffect):
    """Record that a colleague approved a broadcast."""

    broadcast: str
    content: str
    """Digest of what was approved (`Broadcast.digest`). A change of the broadcast voids this."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("update_approved", self.broadcast)


@dataclass(frozen=True)
class SendNotice(BaseEffect):
    """Approve a colleague's notice, and send it to everybody who is known."""

    notice: str
    content: str
    """Digest of what was approved (`Broadcast.digest`)."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("notice_sent", self.notice)


@dataclass(frozen=True)
class SaveTimezone(BaseEffect):
    """Read the times that this person types in the time zone `zone` (an IANA name)."""

    zone: str


BroadcastEffect = (
    ControlBroadcast
    | SaveDraft
    | DiscardDraft
    | ConfirmBroadcast
    | OfferBroadcast
    | RescheduleBroadcast
    | RequestApproval
    | ApproveBroadcast
    | SendNotice
    | SaveTimezone
)
