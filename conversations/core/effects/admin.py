"""Effects of admins: roles, alerts, campaigns, link sources and blocked senders."""

from dataclasses import dataclass

from conversations.core.effects.base import AuditedAction, BaseEffect
from conversations.model.roles import Role


@dataclass(frozen=True)
class Invite(BaseEffect):
    """Save an invitation: the first person who opens the link with `token` gets `role`."""

    role: Role
    token: str
    """Only its keyed hash is stored."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("invited", self.role)


@dataclass(frozen=True)
class AcceptInvitation(BaseEffect):
    """Give this person `role`, and use the invitation up."""

    token: str
    role: Role
    name: str
    """The person's name in Telegram."""

    language: str
    """The language of their chat."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("joined", self.role)


@dataclass(frozen=True)
class RemoveRole(BaseEffect):
    """Take a member's role away."""

    member: str
    """Key of the person, in hexadecimal digits."""

    role: Role
    name: str
    """The member's name for the audit log."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("removed", self.role, self.name)


@dataclass(frozen=True)
class SaveStaffName(BaseEffect):
    """Save the Telegram name and the language of this person, who has a role, for the team."""

    name: str
    language: str


@dataclass(frozen=True)
class ConfirmRole(BaseEffect):
    """Let a member's role go on: their own, or one that has ended."""

    member: str
    """The member's id (`Member.id`)."""

    role: Role
    name: str = ""
    """The member's name for the audit log; "" for a member who confirms their own role."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("renewed" if self.name else "confirmed", self.role, self.name)


@dataclass(frozen=True)
class Panic(BaseEffect):
    """Suspend every role, pause all sending, and cancel invitations and approvals."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("panicked")


@dataclass(frozen=True)
class AcknowledgeAlert(BaseEffect):
    """Assign an alert to this admin, if no other admin has taken it."""

    alert: str
    kind: str
    name: str
    """The admin's name, as other admins see it."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("took_alert", self.kind)


@dataclass(frozen=True)
class PauseAll(BaseEffect):
    """Pause all sending in all processes: letters, copies and broadcasts, but not codes."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("paused_all")


@dataclass(frozen=True)
class ResumeAll(BaseEffect):
    """Resume all sending, except in campaigns that are paused themselves."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("resumed_all")


@dataclass(frozen=True)
class PauseCampaign(BaseEffect):
    """Pause the letters of a campaign until an admin resumes them."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("paused", self.campaign)


@dataclass(frozen=True)
class ResumeCampaign(BaseEffect):
    """Resume the letters of a paused campaign."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("resumed", self.campaign)


@dataclass(frozen=True)
class PauseTarget(BaseEffect):
    """Pause the letters to one target of a campaign until an admin resumes them."""

    campaign: str
    target: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("paused_target", self.campaign, self.target)


@dataclass(frozen=True)
class ResumeTarget(BaseEffect):
    """Resume the letters to a paused target."""

    campaign: str
    target: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("resumed_target", self.campaign, self.target)


@dataclass(frozen=True)
class ExemptTarget(BaseEffect):
    """Let nobody write new letters to a target of a campaign."""

    campaign: str
    target: str
    withdraw: bool
    """Whether to cancel the letters that wait, and notify their senders; else they still leave."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        name = "exempted_target_withdrawn" if self.withdraw else "exempted_target"
        return AuditedAction(name, self.campaign, self.target)


@dataclass(frozen=True)
class EndExemption(BaseEffect):
    """Let supporters write to an exempt target again."""

    campaign: str
    target: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("ended_exemption", self.campaign, self.target)


@dataclass(frozen=True)
class OpenCampaign(BaseEffect):
    """Open a campaign again that was closed in the chat."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("opened", self.campaign)


@dataclass(frozen=True)
class CloseCampaign(BaseEffect):
    """Close a campaign to new letters."""

    campaign: str
    withdraw: bool
    """Whether to cancel the letters that wait, and notify their senders; else they still leave."""

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("closed_withdrawn" if self.withdraw else "closed", self.campaign)


@dataclass(frozen=True)
class StartTestMode(BaseEffect):
    """Put a campaign into test mode."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("tested", self.campaign)


@dataclass(frozen=True)
class GoLive(BaseEffect):
    """End a campaign's test mode, and erase its test letters."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("went_live", self.campaign)


@dataclass(frozen=True)
class NameSource(BaseEffect):
    """Count links of a campaign with this source under the source's name."""

    campaign: str
    source: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("named_source", self.campaign, self.source)


@dataclass(frozen=True)
class DropSource(BaseEffect):
    """No longer count links under the name of this source, which was added in the chat."""

    campaign: str
    source: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("dropped_source", self.campaign, self.source)


@dataclass(frozen=True)
class BlockSender(BaseEffect):
    """Let a person send no more letters, and cancel those that have not left."""

    person: str
    """Key of the person, in hexadecimal digits."""

    letter: str
    """Id of the letter that led to the complaint."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("blocked", self.campaign)


@dataclass(frozen=True)
class UnblockSender(BaseEffect):
    """Let a blocked person send letters again."""

    person: str
    """Key of the person, in hexadecimal digits."""

    campaign: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log."""
        return AuditedAction("unblocked", self.campaign)


@dataclass(frozen=True)
class RestoreAddress(BaseEffect):
    """Let codes be mailed to an address again, although its owner disowned it."""

    address: str

    def audit(self) -> AuditedAction:
        """Return the entry for the audit log, which does not name the address."""
        return AuditedAction("restored_address")


AdminEffect = (
    Invite
    | AcceptInvitation
    | RemoveRole
    | SaveStaffName
    | ConfirmRole
    | Panic
    | AcknowledgeAlert
    | PauseAll
    | ResumeAll
    | PauseCampaign
    | ResumeCampaign
    | PauseTarget
    | ResumeTarget
    | ExemptTarget
    | EndExemption
    | OpenCampaign
    | CloseCampaign
    | StartTestMode
    | GoLive
    | NameSource
    | DropSource
    | BlockSender
    | UnblockSender
    | RestoreAddress
)
