"""Effects on campaigns that are being made in the chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.core.effects.base import AuditedAction, BaseEffect


@dataclass(frozen=True)
class SaveNewCampaign(BaseEffect):
    """Save how far a person is with a new campaign. It has no name yet, and nobody else sees it."""

    id: str
    """Where it is saved (`new_campaign_id`)."""

    seen: str
    """The revision that this one follows; "" if there was none."""

    name: str
    """The person's name in Telegram."""

    state: Mapping[str, Any] = field(repr=False)
    """How far it is, as JSON."""

    content: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The files of a campaign that was sent as an archive."""


@dataclass(frozen=True)
class DropNewCampaign(BaseEffect):
    """Delete a new campaign that was begun."""

    id: str
    seen: str
    """The revision that the person saw."""


@dataclass(frozen=True)
class CreateCampaign(BaseEffect):
    """Publish the first version of a campaign in test mode, and delete what was saved of it.

    The update is answered again if there is such a campaign by now.
    """

    campaign: str
    content: Mapping[str, bytes] = field(repr=False)
    """The files (`CampaignFiles.content`)."""

    id: str
    seen: str
    """The revision that the person saw."""

    name: str
    """The person's name in Telegram, for the list of versions."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("created_campaign", self.campaign)


NewCampaignEffect = SaveNewCampaign | DropNewCampaign | CreateCampaign
