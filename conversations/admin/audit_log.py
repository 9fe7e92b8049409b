"""The audit log, as admins read it, page by page. Each effect describes its own entry."""

from dataclasses import dataclass
from datetime import datetime

from conversations.core.buttons.admin import AuditPageButton
from conversations.core.context import Context, Turn
from conversations.core.effects import (
    AcceptInvitation,
    AcknowledgeAlert,
    AcknowledgeBounces,
    ApproveBroadcast,
    BlockSender,
    CloseCampaign,
    ConfirmBroadcast,
    ControlBroadcast,
    DiscardDraft,
    DropSource,
    DropUncertain,
    Effect,
    ExportFigures,
    GoLive,
    Invite,
    NameSource,
    OpenCampaign,
    PauseAll,
    PauseCampaign,
    RemoveRole,
    RequestApproval,
    RescheduleBroadcast,
    ResumeAll,
    ResumeCampaign,
    RetryMailServer,
    RetryUncertain,
    SaveDigest,
    StartTestMode,
    UnblockSender,
)
from conversations.core.fact_requests import Fact
from conversations.core.replies import Button, PersistentButton, Say
from conversations.core.turns import put, show
from conversations.model.figures import EVERY
from conversations.text.html import Html
from conversations.text.wording import raw

ENTRIES_PER_PAGE = 10
"""How many entries a page has."""

MAX_NAME = 40
"""How many characters of a name are shown, so that a page of the longest fits into a message."""

MAX_ABOUT = 30
"""How many characters of a slug or an id are shown. A campaign's slug has at most as many."""


@dataclass(frozen=True)
class AuditedAction:
    """A deed: what was done, to what, which is nothing personal, and to whom."""

    deed: str
    about: str = ""
    whom: str = ""


@dataclass(frozen=True)
class AuditEntry:
    """An action of a person with a role, as it was recorded."""

    at: datetime
    """When the action was done, in UTC."""

    who: str
    """The name and the number of the person's Telegram account."""

    noted: AuditedAction
    """What was done."""


@dataclass(frozen=True)
class AuditPage:
    """A page of the log."""

    number: int
    """The number of the page, from 1 on."""

    pages: int
    """How many pages there are."""

    entries: tuple[AuditEntry, ...]
    """The entries of the page, the latest first."""


@dataclass(frozen=True)
class AuditLogPage(Fact[AuditPage]):
    """A page of the log: page `number`, or the last one if there are fewer."""

    number: int


def noted(effect: Effect) -> AuditedAction | None:
    """Return what the audit log says of an effect; None where no role is needed for it."""
    match effect:
        case Invite(role):
            return AuditedAction("invited", role)
        case AcceptInvitation(_, role):
            return AuditedAction("joined", role)
        case RemoveRole(_, role, name):
            return AuditedAction("removed", role, name)
        case ResumeCampaign(campaign):
            return AuditedAction("resumed", campaign)
        case AcknowledgeAlert(_, kind):
            return AuditedAction("took_alert", kind)
        case RetryMailServer():
            return AuditedAction("tried_server")
        case RetryUncertain(campaign):
            return AuditedAction("sent_again", campaign)
        case DropUncertain(campaign):
            return AuditedAction("left", campaign)
        case AcknowledgeBounces(campaign):
            return AuditedAction("seen", campaign)
        case ControlBroadcast(broadcast, deed):
            return AuditedAction(f"update_{deed}", broadcast)
        case ConfirmBroadcast(broadcast):
            return AuditedAction("update_confirmed", broadcast)
        case RequestApproval(broadcast):
            return AuditedAction("update_offered", broadcast)
        case ApproveBroadcast(broadcast):
            return AuditedAction("update_approved", broadcast)
        case RescheduleBroadcast(broadcast):
            return AuditedAction("update_moved", broadcast)
        case DiscardDraft(broadcast):
            return AuditedAction("update_discarded", broadcast)
        case ExportFigures(campaign):
            return AuditedAction("exported", campaign)
        case SaveDigest(every):
            return AuditedAction(f"digest_{every or 'none'}")
        case PauseAll():
            return AuditedAction("paused_all")
        case ResumeAll():
            return AuditedAction("resumed_all")
        case PauseCampaign(campaign):
            return AuditedAction("paused", campaign)
        case OpenCampaign(campaign):
            return AuditedAction("opened", campaign)
        case CloseCampaign(campaign, withdraw):
            return AuditedAction("closed_withdrawn" if withdraw else "closed", campaign)
        case StartTestMode(campaign):
            return AuditedAction("tested", campaign)
        case GoLive(campaign):
            return AuditedAction("went_live", campaign)
        case NameSource(campaign, source):
            return AuditedAction("named_source", campaign, source)
        case DropSource(campaign, source):
            return AuditedAction("dropped_source", campaign, source)
        case BlockSender(_, _, campaign):
            return AuditedAction("blocked", campaign)
        case UnblockSender(_, campaign):
            return AuditedAction("unblocked", campaign)
        case _:
            return None


def listed(context: Context) -> Turn:
    """Answer /audit with the latest entries."""
    message = page_message(context, context.fact(AuditLogPage(1)))
    return show(context, message.text, message.keyboard)


def pressed(context: Context, button: AuditPageButton) -> Turn:
    """Turn to the page that a button names."""
    message = page_message(context, context.fact(AuditLogPage(button.number)))
    return put(context, message.text, message.keyboard)


def page_message(context: Context, page: AuditPage) -> Say:
    """Return a page of the log, with buttons for the newer and the older one."""
    wording = context.wording
    if not page.entries:
        return Say(wording.say("audit.none"))
    lines = raw(Html("\n".join(_line(context, entry) for entry in page.entries)))
    text = wording.say("audit.text", lines=lines, number=page.number, pages=page.pages)
    row: list[Button] = []
    if page.number > 1:
        newer = AuditPageButton(page.number - 1)
        row.append(PersistentButton(wording.label("button.newer"), newer))
    if page.number < page.pages:
        older = AuditPageButton(page.number + 1)
        row.append(PersistentButton(wording.label("button.older"), older))
    return Say(text, (tuple(row),) if row else ())


def _line(context: Context, entry: AuditEntry) -> Html:
    """Return an entry: when, who, what. A campaign is named by its slug."""
    wording, noted = context.wording, entry.noted
    about = noted.about[:MAX_ABOUT]
    if noted.deed in ("invited", "joined", "removed"):
        about = wording.label(f"role.{noted.about}")
    elif noted.deed == "took_alert":
        about = wording.label(f"alert.name_{noted.about}")
    elif noted.about == EVERY:
        about = wording.label("stats.every")
    return wording.say(
        "audit.line",
        at=f"{entry.at:%Y-%m-%d %H:%M}",
        who=_short(entry.who),
        deed=raw(wording.say(f"audit.{noted.deed}", about=about, whom=_short(noted.whom))),
    )


def _short(who: str) -> str:
    """Return a name and a number, with at most MAX_NAME characters of the name."""
    name, separator, number = who.rpartition(" (")
    return f"{name[:MAX_NAME]}…{separator}{number}" if len(name) > MAX_NAME else who
