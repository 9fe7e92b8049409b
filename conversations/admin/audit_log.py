"""The audit log, as admins read it, page by page. Each effect describes its own entry."""

from dataclasses import dataclass
from datetime import datetime

from conversations.core.context import Context, Turn
from conversations.core.effects.base import AuditedAction
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
    if said.action in ("invited", "joined", "removed"):
        about = wording.label(f"role.{said.about}")
    elif said.action == "took_alert":
        about = wording.label(f"alert.name_{said.about}")
    elif said.about == EVERY:
        about = wording.label("stats.every")
    return wording.say(
        "audit.line",
        at=f"{entry.at:%Y-%m-%d %H:%M}",
        who=_short(entry.who),
        deed=raw(wording.say(f"audit.{said.action}", about=about, whom=_short(said.whom))),
    )


def _short(who: str) -> str:
    """Return a name and a number with no more of the name than there is room for."""
    name, behind, number = who.rpartition(" (")
    return f"{name[:_NAME]}…{behind}{number}" if len(name) > _NAME else who
