"""The audit log: which effects are deeds of a role, and how they are told, page by page."""

from dataclasses import dataclass
from datetime import datetime

from conversations.core.context import Context
from conversations.core.effects import (
    AcceptInvitation,
    ApproveBroadcast,
    Bar,
    CloseCampaign,
    ConfirmBroadcast,
    DiscardDraft,
    Dismiss,
    DropSource,
    Effect,
    GoLive,
    HandOut,
    HandRound,
    Invite,
    KeepDigest,
    LeaveDoubtful,
    MoveBroadcast,
    NameSource,
    OpenCampaign,
    PauseAll,
    PauseCampaign,
    Resume,
    ResumeAll,
    SeenBounced,
    SendDoubtful,
    Steer,
    TakeAlert,
    TryCampaign,
    TryServer,
    Unbar,
)
from conversations.core.replies import Button, Show, Standing
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
class Noted:
    """A deed: what was done, to what, which is nothing personal, and to whom."""

    deed: str
    about: str = ""
    whom: str = ""


@dataclass(frozen=True)
class Entry:
    """A deed as it was written down: who did it, as Telegram called them, and when."""

    at: datetime
    who: str
    noted: Noted


@dataclass(frozen=True)
class Page:
    """Entries, the latest first: page `number` of `pages`, from 1 on."""

    number: int
    pages: int
    entries: tuple[Entry, ...]


def noted(effect: Effect) -> Noted | None:
    """Return what the audit log says of an effect; None where no role is needed for it."""
    match effect:
        case Invite(role):
            return Noted("invited", role)
        case AcceptInvitation(_, role):
            return Noted("joined", role)
        case Dismiss(_, role, name):
            return Noted("removed", role, name)
        case Resume(campaign):
            return Noted("resumed", campaign)
        case TakeAlert(_, kind):
            return Noted("took_alert", kind)
        case TryServer():
            return Noted("tried_server")
        case SendDoubtful(campaign):
            return Noted("sent_again", campaign)
        case LeaveDoubtful(campaign):
            return Noted("left", campaign)
        case SeenBounced(campaign):
            return Noted("seen", campaign)
        case Steer(broadcast, deed):
            return Noted(f"update_{deed}", broadcast)
        case ConfirmBroadcast(broadcast):
            return Noted("update_confirmed", broadcast)
        case HandRound(broadcast):
            return Noted("update_offered", broadcast)
        case ApproveBroadcast(broadcast):
            return Noted("update_approved", broadcast)
        case MoveBroadcast(broadcast):
            return Noted("update_moved", broadcast)
        case DiscardDraft(broadcast):
            return Noted("update_discarded", broadcast)
        case HandOut(campaign):
            return Noted("exported", campaign)
        case KeepDigest(every):
            return Noted(f"digest_{every or 'none'}")
        case PauseAll():
            return Noted("paused_all")
        case ResumeAll():
            return Noted("resumed_all")
        case PauseCampaign(campaign):
            return Noted("paused", campaign)
        case OpenCampaign(campaign):
            return Noted("opened", campaign)
        case CloseCampaign(campaign, withdraw):
            return Noted("closed_withdrawn" if withdraw else "closed", campaign)
        case TryCampaign(campaign):
            return Noted("tested", campaign)
        case GoLive(campaign):
            return Noted("went_live", campaign)
        case NameSource(campaign, source):
            return Noted("named_source", campaign, source)
        case DropSource(campaign, source):
            return Noted("dropped_source", campaign, source)
        case Bar(_, _, campaign):
            return Noted("blocked", campaign)
        case Unbar(_, campaign):
            return Noted("unblocked", campaign)
        case _:
            return None


def shown(context: Context, page: Page) -> Show:
    """Return a page of the log, with the ways to its neighbours."""
    wording = context.wording
    if not page.entries:
        return Show(wording.say("audit.none"))
    lines = raw(Html("\n".join(_line(context, entry) for entry in page.entries)))
    text = wording.say("audit.text", lines=lines, number=page.number, pages=page.pages)
    row: list[Button] = []
    if page.number > 1:
        row.append(Standing(wording.label("button.newer"), f"audit:{page.number - 1}"))
    if page.number < page.pages:
        row.append(Standing(wording.label("button.older"), f"audit:{page.number + 1}"))
    return Show(text, (tuple(row),) if row else ())


def _line(context: Context, entry: Entry) -> Html:
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
