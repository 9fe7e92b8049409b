"""A campaign's published versions: who changed what, and the way back to an older version.

list ──▶ version ──▶ the editor, where it is published (`conversations.editing.publish.restoring`)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from conversations.admin.change_words import say_changes
from conversations.core.buttons.admin import (
    CampaignAction,
    CampaignButton,
    VersionAction,
    VersionsButton,
)
from conversations.core.context import Context, Turn
from conversations.core.fact_requests import Fact
from conversations.core.paging import page_of
from conversations.core.replies import Button, Keyboard, PersistentButton
from conversations.core.turns import put, toast
from conversations.model.campaigns.versions import Change, VersionInfo, VersionOrigin
from conversations.model.mistakes import Mistake
from conversations.text.html import Html

PER_PAGE = 5
"""How many versions a page lists. With the two other buttons there are seven."""


@dataclass(frozen=True)
class VersionDetails:
    """A version with what it changed."""

    info: VersionInfo

    newest: int
    """The number of the version that supporters see."""

    changes: tuple[Change, ...] | None
    """What it changed in the version before; None if that one is not stored any more."""

    content: Mapping[str, bytes] = field(repr=False)
    """Its files (`CampaignFiles.content`)."""

    mistakes: tuple[Mistake, ...] = ()
    """Why it can't be restored: this release of the bot finds errors in its files."""


@dataclass(frozen=True)
class PublishedVersions(Fact[tuple[VersionInfo, ...]]):
    """The versions of a campaign that can be restored, the newest first."""

    campaign: str


@dataclass(frozen=True)
class PublishedVersion(Fact[VersionDetails | None]):
    """A version of a campaign; None if it isn't stored, or was changed from outside."""

    campaign: str
    number: int


def pressed(context: Context, button: VersionsButton) -> Turn:
    """Answer a button of a campaign's versions."""
    deployment = context.deployment
    if button.campaign not in {*deployment.campaigns, *deployment.unserved}:
        return toast(context, "toast.gone")
    if button.action is VersionAction.LIST:
        return _list(context, button.campaign, button.number)
    found = context.fact(PublishedVersion(button.campaign, button.number))
    if found is None:
        return toast(context, "toast.gone")
    return _show(context, found)


def _list(context: Context, slug: str, number: int) -> Turn:
    """Show a page of the versions, and a button for each."""
    wording, found = context.wording, context.fact(PublishedVersions(slug))
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(number, 1), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    key = "unserved" if slug in context.deployment.unserved else "list"
    lines = [wording.say(f"versions.{key}", title=context.title(slug))]
    lines += [
        wording.say(
            "versions.line",
            number=each.number,
            at=wording.moment(each.at),
            who=say_publisher(context, each),
        )
        for each in shown
    ]
    buttons = [
        PersistentButton(str(each.number), VersionsButton(VersionAction.SHOW, slug, each.number))
        for each in found
    ]

    def turn(to: int, of: int) -> Button:
        return PersistentButton(f"{to}/{of} …", VersionsButton(VersionAction.LIST, slug, to))

    rows = page_of(buttons, page, PER_PAGE, turn, room=PER_PAGE + 1)
    back = PersistentButton(wording.label("button.back"), CampaignButton(CampaignAction.MORE, slug))
    return put(context, Html("\n".join(lines)), (*rows, (back,)))


def _show(context: Context, found: VersionDetails) -> Turn:
    """Show a version and what it changed."""
    wording, info = context.wording, found.info
    parts = [
        wording.say(
            "versions.one",
            number=info.number,
            title=context.title(info.campaign),
            at=wording.moment(info.at),
            who=say_publisher(context, info),
        ),
        Html("\n".join(_changes(context, found))),
    ]
    if _is_newest(context, info) and info.campaign in context.deployment.campaigns:
        parts.append(wording.say("versions.newest"))
    elif found.mistakes:
        problem = found.mistakes[0]
        parts.append(wording.say("versions.mistake", where=problem.where, problem=problem.problem))
    return put(context, Html("\n\n".join(each for each in parts if each)), _ways(context, found))


def _ways(context: Context, found: VersionDetails) -> Keyboard:
    info, label = found.info, context.wording.label
    ask = VersionsButton(VersionAction.RESTORE, info.campaign, info.number)
    is_offered = can_restore(context, found)
    restore = ((PersistentButton(label("button.restore"), ask),),) if is_offered else ()
    page = (found.newest - info.number) // PER_PAGE + 1
    back = VersionsButton(VersionAction.LIST, info.campaign, page)
    return (*restore, (PersistentButton(label("button.back"), back),))


def _changes(context: Context, found: VersionDetails) -> Iterator[Html]:
    """Yield a line for each change, up to MAX_CHANGES."""
    wording, changes = context.wording, found.changes
    if changes is None:
        if found.info.base:
            yield wording.say("versions.unknown")
        return
    yield from say_changes(wording, changes)


def can_restore(context: Context, found: VersionDetails) -> bool:
    """Whether a version is correct, and not what supporters see now. Raises FactMissing."""
    return not _is_newest(context, found.info) and not found.mistakes


def _is_newest(context: Context, info: VersionInfo) -> bool:
    """Whether supporters see this content now. Raises FactMissing."""
    return _newest(context, info.campaign).content_hash == info.content_hash


def _newest(context: Context, slug: str) -> VersionInfo:
    """Return the newest version, as it is in this transaction. Raises FactMissing."""
    return context.fact(PublishedVersions(slug))[0]


def say_publisher(context: Context, info: VersionInfo) -> str:
    """Return who published a version, in words."""
    match info.origin:
        case VersionOrigin.FOLDER | VersionOrigin.COMMAND:
            return context.wording.label(f"versions.by_{info.origin}")
        case VersionOrigin.CHAT:
            return info.publisher
