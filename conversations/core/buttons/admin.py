"""Buttons of staff: first page, team, campaigns, links, blocked senders, log, status and alerts."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.core.buttons.packing import StaffButtonData
from conversations.model.roles import Role


class StaffCommand(StrEnum):
    """What a button of the first page for staff does: most stand for a command."""

    BROADCAST = "broadcast"
    BROADCASTS = "broadcasts"
    STATS = "stats"
    SCREENS = "screens"
    CAMPAIGNS = "campaigns"
    STATUS = "status"
    TEAM = "team"
    AUDIT = "audit"
    NOTICE = "notice"
    PAUSE = "pause"
    PANIC = "panic"
    MORE = "more"
    """Turn to the second page, with the commands that the first has no room for."""
    HOME = "home"
    """Turn back to the first page."""
    START = "start"
    """Begin, or continue, the conversation as a supporter."""


@dataclass(frozen=True)
class CommandButton(StaffButtonData, prefix="command"):
    """A button of the first page for staff."""

    command: StaffCommand


@dataclass(frozen=True)
class ScreensButton(StaffButtonData, prefix="screens"):
    """Show every screen of a campaign, only to the person who presses."""

    campaign: str
    """The campaign's slug; "" asks for it."""

    language: str = ""
    """The language's tag (BCP 47); "" asks for it."""

    page: int = 0
    """The page of the campaigns, or of the languages, to turn to; 0 to ask in a new message."""


@dataclass(frozen=True)
class InviteButton(StaffButtonData, prefix="invite"):
    """Make an invitation to a role."""

    role: Role


class TeamAction(StrEnum):
    """What a button of the team does."""

    LIST = "list"
    ASK_REMOVE = "ask"
    REMOVE = "remove"
    RENEW = "renew"
    """Give a role back that ended because it was not confirmed."""


@dataclass(frozen=True)
class TeamButton(StaffButtonData, prefix="team"):
    """A button of the team."""

    action: TeamAction
    member: str = ""
    """The first digits of the member's id."""

    page: int = 1
    """The page of the list to turn to."""


@dataclass(frozen=True)
class ConfirmRoleButton(StaffButtonData, prefix="role"):
    """Confirm that the person still needs their role."""


@dataclass(frozen=True)
class PauseAllButton(StaffButtonData, prefix="pause"):
    """Pause all sending, under the question of /pause."""


class PanicAnswer(StrEnum):
    """The answer to the question of /panic."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class PanicButton(StaffButtonData, prefix="panic"):
    """Answer the question of /panic."""

    answer: PanicAnswer


@dataclass(frozen=True)
class AuditPageButton(StaffButtonData, prefix="audit"):
    """Turn to a page of the audit log."""

    number: int


class StatusAction(StrEnum):
    """What a button of /status does."""

    REFRESH = "look"
    ASK_PAUSE = "pause"
    ASK_PAUSE_BELOW = "ask"
    """Ask whether to pause in a message of its own: the alert above stays."""
    PAUSE = "pause-yes"
    ASK_RESUME = "resume"
    RESUME = "resume-yes"


@dataclass(frozen=True)
class StatusButton(StaffButtonData, prefix="status"):
    """A button of /status."""

    action: StatusAction


class CampaignAction(StrEnum):
    """What a button of /campaigns does."""

    LIST = "list"
    SHOW = "show"
    MORE = "more"
    """Show the buttons for which the campaign's page has no room."""
    TRY = "walk"
    """Try a campaign in test mode as a supporter does."""
    ASK_PAUSE = "pause"
    PAUSE = "pause-yes"
    ASK_RESUME = "resume"
    RESUME = "resume-yes"
    ASK_OPEN = "open"
    OPEN = "open-yes"
    ASK_CLOSE = "close"
    CLOSE_AND_SEND = "close-send"
    """Close; the letters that wait are still sent."""
    CLOSE_AND_WITHDRAW = "close-withdraw"
    """Close; the letters that wait are withdrawn."""
    ASK_TEST = "test"
    TEST = "test-yes"
    ASK_LIVE = "live"
    LIVE = "live-yes"


@dataclass(frozen=True)
class CampaignButton(StaffButtonData, prefix="campaigns"):
    """A button of /campaigns."""

    action: CampaignAction
    campaign: str = ""
    """The campaign's slug; "" for the list."""

    page: int = 1
    """The page of the list to turn to."""


class LinksAction(StrEnum):
    """What a button of a campaign's links does."""

    LIST = "list"
    LINK = "link"
    """Show the link of a source."""
    NEW = "new"
    """Ask for the name of a new source."""
    REMOVE = "remove"
    """Remove a source; without one, show the sources that can be removed."""


@dataclass(frozen=True)
class LinksButton(StaffButtonData, prefix="links"):
    """A button of a campaign's links."""

    campaign: str
    action: LinksAction
    source: str | None = None
    """The key of a source (`links.source_key`)."""

    page: int = 1
    """The page of the sources to turn to."""


class TargetsAction(StrEnum):
    """What a button of a campaign's targets does."""

    LIST = "list"
    SEARCH = "search"
    """Ask for the name of a target."""
    SHOW = "show"
    PAUSE = "pause"
    RESUME = "resume"
    ASK_EXEMPT = "ask"
    EXEMPT = "exempt"
    """No new letters; those that wait are still sent."""
    WITHDRAW = "withdraw"
    """No new letters; those that wait are withdrawn."""
    END_EXEMPTION = "undo"


@dataclass(frozen=True)
class TargetsButton(StaffButtonData, prefix="targets"):
    """A button of a campaign's targets."""

    campaign: str
    action: TargetsAction
    target: str | None = None
    """The code of a target (`conversations.model.campaigns.target_index.target_code`)."""

    page: int = 1
    """The page of the list to turn to."""


class BlockAction(StrEnum):
    """What a button of the blocking of senders does."""

    ASK_CODE = "ask"
    BLOCK = "yes"
    UNBLOCK = "undo"
    CANCEL = "no"


@dataclass(frozen=True)
class BlockButton(StaffButtonData, prefix="block"):
    """A button of the blocking of senders."""

    action: BlockAction
    code: str = ""
    """The code of a letter for reports of abuse."""


class VersionAction(StrEnum):
    """What a button of a campaign's versions does."""

    LIST = "list"
    SHOW = "show"
    RESTORE = "restore"


@dataclass(frozen=True)
class VersionsButton(StaffButtonData, prefix="versions"):
    """A button of a campaign's versions."""

    action: VersionAction
    campaign: str
    """The campaign's slug."""

    number: int = 0
    """The number of the version; for LIST that of the page."""


@dataclass(frozen=True)
class DisownedButton(StaffButtonData, prefix="disowned"):
    """Ask which disowned address may get codes again."""


@dataclass(frozen=True)
class AlertButton(StaffButtonData):
    """A button under an alert."""

    campaign: str = ""
    """The slug of the campaign that the alert is about; "" if it is about none."""


class ResumeCampaignButton(AlertButton, prefix="resume"):
    """Send a paused campaign's letters again."""


class ShowPausedButton(AlertButton, prefix="show"):
    """Show why a campaign is paused."""


class SendAgainButton(AlertButton, prefix="again"):
    """Send uncertain letters once more."""


class DropUncertainButton(AlertButton, prefix="leave"):
    """Leave uncertain letters as they are."""


class BouncesSeenButton(AlertButton, prefix="seen"):
    """Acknowledge bounced letters."""


class DisputedSeenButton(AlertButton, prefix="late"):
    """Acknowledge bounces that came too late to count."""


class ForwardsSeenButton(AlertButton, prefix="replies"):
    """Acknowledge that many replies come in."""


class OtherFailuresSeenButton(AlertButton, prefix="astray"):
    """Acknowledge failures for other addresses."""


class ComplaintsSeenButton(AlertButton, prefix="spam"):
    """Acknowledge complaints."""


class TryServerButton(AlertButton, prefix="try"):
    """Try the mail server at once."""


@dataclass(frozen=True)
class TakeAlertButton(StaffButtonData, prefix="got"):
    """Take responsibility for an alert."""

    alert: str
    """The alert's id."""
