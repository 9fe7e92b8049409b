"""The audit log: which effects are deeds of a role, and how they are told, page by page."""

from dataclasses import dataclass
from datetime import datetime

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

AT_ONCE = 10
"""How many entries a page has."""


_NAME = 40
"""So much of a name is shown: a page of the longest would be more than a message takes."""

_MOST = 30
"""As long as a campaign's slug may be; of an update's number less is enough."""


@dataclass(frozen=True)
class AuditedAction:
    """A deed: what was done, to what, which is nothing personal, and to whom."""

    deed: str
    about: str = ""
    whom: str = ""


@dataclass(frozen=True)
class AuditEntry:
    """A deed as it was written down: who did it, as Telegram called them, and when."""

    at: datetime
    who: str
    noted: AuditedAction


@dataclass(frozen=True)
class AuditPage:
    """Entries, the latest first: page `number` of `pages`, from 1 on."""

    number: int
    pages: int
    entries: tuple[AuditEntry, ...]


@dataclass(frozen=True)
class AuditLogPage(Fact[AuditPage]):
    """A page of the audit log: page `number`, or the last one if there are fewer."""

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
    page = shown(context, context.fact(AuditLogPage(1)))
    return show(context, page.text, page.keyboard)


def pressed(context: Context, number: str) -> Turn:
    """Turn to page `number`."""
    wanted = int(number) if number.isdecimal() and len(number) < 9 else 1
    page = shown(context, context.fact(AuditLogPage(wanted)))
    return put(context, page.text, page.keyboard)


def shown(context: Context, page: AuditPage) -> Say:
    """Return a page of the log, with the ways to its neighbours."""
    wording = context.wording
    if not page.entries:
        return Say(wording.say("audit.none"))
    lines = raw(Html("\n".join(_line(context, entry) for entry in page.entries)))
    text = wording.say("audit.text", lines=lines, number=page.number, pages=page.pages)
    row: list[Button] = []
    if page.number > 1:
        row.append(PersistentButton(wording.label("button.newer"), f"audit:{page.number - 1}"))
    if page.number < page.pages:
        row.append(PersistentButton(wording.label("button.older"), f"audit:{page.number + 1}"))
    return Say(text, (tuple(row),) if row else ())


def _line(context: Context, entry: AuditEntry) -> Html:
    """Return an entry: when, who, what. What concerns a campaign bears its slug, as in links."""
    wording, said = context.wording, entry.noted
    about = said.about[:_MOST]
    if said.deed in ("invited", "joined", "removed"):
        about = wording.label(f"role.{said.about}")
    elif said.deed == "took_alert":
        about = wording.label(f"alert.name_{said.about}")
    elif said.about == EVERY:
        about = wording.label("stats.every")
    return wording.say(
        "audit.line",
        at=f"{entry.at:%Y-%m-%d %H:%M}",
        who=_short(entry.who),
        deed=raw(wording.say(f"audit.{said.deed}", about=about, whom=_short(said.whom))),
    )


def _short(who: str) -> str:
    """Return a name and a number with no more of the name than there is room for."""
    name, behind, number = who.rpartition(" (")
    return f"{name[:_NAME]}…{behind}{number}" if len(name) > _NAME else who
