"""The audit log, as admins read it, page by page. Each effect describes its own entry."""

from dataclasses import dataclass
from datetime import datetime

from conversations.admin.change_words import place_in_log
from conversations.core.buttons.admin import AuditPageButton
from conversations.core.context import Context, Turn
from conversations.core.effects.base import AuditedAction
from conversations.core.fact_requests import Fact
from conversations.core.replies import Button, PersistentButton, Say
from conversations.core.turns import put, show
from conversations.model.stats.figures import ALL_CAMPAIGNS
from conversations.text.html import Html
from conversations.text.wording import Wording, raw

ENTRIES_PER_PAGE = 10
"""How many entries a page has."""

MAX_NAME = 40
"""How many characters of a name are shown, so that a page of the longest fits into a message."""

MAX_ABOUT = 30
"""How many characters of a slug, or of a broadcast, are shown. No campaign's slug is longer."""


@dataclass(frozen=True)
class AuditEntry:
    """An action of a person with a role, as it was recorded."""

    at: datetime
    """When the action was done, in UTC."""

    who: str
    """The name and the number of the person's Telegram account."""

    noted: AuditedAction
    """What was done."""

    words: str | None = None
    """The first words of the broadcast that it was done to; None if there is none any more."""


@dataclass(frozen=True)
class AuditPage:
    """A page of the log."""

    number: int
    """The number of the page, from 1 on."""

    pages: int
    """How many pages there are."""

    entries: tuple[AuditEntry, ...]
    """The entries of the page, the latest first."""

    head: str = ""
    """The number and the first digits of the last entry's digest, to be compared by eye."""

    is_genuine: bool = True
    """Whether the entries of the page are genuine, and the end of the log is there."""


@dataclass(frozen=True)
class AuditLogPage(Fact[AuditPage]):
    """A page of the log: page `number`, or the last one if there are fewer."""

    number: int


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
    if not page.entries and page.is_genuine:
        return Say(wording.say("audit.none"))
    lines = raw(Html("\n".join(line(context.wording, entry) for entry in page.entries)))
    text = wording.say(
        "audit.text", lines=lines, number=page.number, pages=page.pages, head=page.head
    )
    if not page.is_genuine:
        text = Html(f"{wording.say('audit.forged')}\n\n{text}")
    row: list[Button] = []
    if page.number > 1:
        newer = AuditPageButton(page.number - 1)
        row.append(PersistentButton(wording.label("button.newer"), newer))
    if page.number < page.pages:
        older = AuditPageButton(page.number + 1)
        row.append(PersistentButton(wording.label("button.older"), older))
    return Say(text, (tuple(row),) if row else ())


def line(wording: Wording, entry: AuditEntry) -> Html:
    """Return an entry: when, who, what. A campaign is named by its slug."""
    noted = entry.noted
    about: str = noted.about[:MAX_ABOUT]
    whom = noted.whom
    if noted.action.startswith("update_"):
        about = raw(_update(wording, entry.words))
    elif noted.action in ("invited", "joined", "removed", "confirmed", "renewed"):
        about = wording.label(f"role.{noted.about}")
    elif noted.action == "took_alert":
        about = wording.label(f"alert.name_{noted.about}")
    elif noted.action == "edited_campaign":
        whom = place_in_log(wording, whom)
    elif noted.about == ALL_CAMPAIGNS:
        about = wording.label("stats.every")
    done = wording.say(f"audit.{noted.action}", about=about, whom=_short(whom))
    return wording.say(
        "audit.line",
        at=f"{entry.at:%Y-%m-%d %H:%M}",
        who=_short(entry.who) or wording.label("audit.server"),
        deed=raw(Html(done.rstrip())),  # a command may be about nothing
    )


def _update(wording: Wording, words: str | None) -> Html:
    """Return how a broadcast is called: by its first words, if it still has any."""
    if words is None:
        return wording.say("audit.update_gone")
    if not words.strip():
        return wording.say("audit.update_without_words")
    line = " ".join(words.split())
    shown = f"{line[:MAX_ABOUT].rstrip()}…" if len(line) > MAX_ABOUT else line
    return wording.say("audit.update_words", words=shown)


def _short(who: str) -> str:
    """Return a name and a number, with at most MAX_NAME characters of the name."""
    name, separator, number = who.rpartition(" (")
    return f"{name[:MAX_NAME]}…{separator}{number}" if len(name) > MAX_NAME else who
