"""Effects on the drafts of campaigns: what is edited in the chat until it is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.core.effects.base import AuditedAction, BaseEffect


@dataclass(frozen=True)
class SaveCampaignDraft(BaseEffect):
    """Save a campaign's draft, of which there is one. An approval ends.

    The update is answered again if somebody changed the draft since this person's turn began.
    """

    campaign: str

    content: Mapping[str, bytes] = field(repr=False)
    """The files (`CampaignFiles.content`)."""

    base: int
    """The number of the version that the draft changes; 0 for a new campaign."""

    seen: str
    """The revision of the draft that this one follows; "" if there was none."""

    name: str
    """The name of the person, for colleagues."""

    what: str
    """What changed, such as “en: title”, for the audit log."""

    state: Mapping[str, Any] | None = None
    """What is half-finished besides the files, as JSON; None leaves it as it is."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("edited_campaign", self.campaign, self.what)


@dataclass(frozen=True)
class DropCampaignDraft(BaseEffect):
    """Throw a campaign's draft away."""

    campaign: str
    seen: str
    """The revision that the person saw."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("dropped_draft", self.campaign)


@dataclass(frozen=True)
class PublishCampaignDraft(BaseEffect):
    """Publish a campaign's draft as its newest version, and delete the draft.

    The update is answered again if the draft or the newest version changed meanwhile.
    """

    campaign: str
    seen: str
    """The revision that the person saw."""

    name: str
    """The name of the person, for the list of versions."""

    needs_approval: bool
    """Whether exactly this content must have been approved by somebody else."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("published_draft", self.campaign)


@dataclass(frozen=True)
class RequestDraftApproval(BaseEffect):
    """Record that colleagues were asked to approve a campaign's draft."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("asked_for_approval", self.campaign)


@dataclass(frozen=True)
class ApproveCampaignDraft(BaseEffect):
    """Approve a campaign's draft exactly as it is."""

    campaign: str
    seen: str
    """The revision that the person saw."""

    name: str
    """The name of the person, for the author."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("approved_draft", self.campaign)


CampaignEffect = (
    SaveCampaignDraft
    | DropCampaignDraft
    | PublishCampaignDraft
    | RequestDraftApproval
    | ApproveCampaignDraft
)
