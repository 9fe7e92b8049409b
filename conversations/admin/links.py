"""The links of a campaign, one for each source, as text and as a QR code to print."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

from conversations.core import link_sources
from conversations.core.buttons.admin import (
    CampaignAction,
    CampaignButton,
    LinksAction,
    LinksButton,
)
from conversations.core.context import Context, Turn
from conversations.core.effects.admin import DropSource, NameSource
from conversations.core.fact_requests import NamedSources
from conversations.core.paging import MAX_BUTTONS, in_rows, page_of, page_of_rows
from conversations.core.replies import (
    CopyButton,
    EditMessage,
    PersistentButton,
    QrCode,
    Say,
)
from conversations.core.turns import put, show, toast
from conversations.model.staff_inputs import AdminInput, AwaitedInput

MAX_NAMED_SOURCES = 40
"""How many sources can be named in the chat: Telegram shows at most 100 buttons."""

BUTTONS_PER_ROW = 2
"""How many sources stand in a row."""

_SOURCE = re.compile(r"[a-z0-9-]{1,30}")


def page(context: Context, slug: str, named: tuple[str, ...], number: int = 1) -> Say:
    """Return a page of a campaign's sources: those of its file, and those `named` in the chat."""
    label = context.wording.label

    def button(text: str, action: LinksAction, source: str | None = None) -> PersistentButton:
        key = None if source is None else source_key(source)
        return PersistentButton(text, LinksButton(slug, action, key))

    own = [
        button(label("button.source_none"), LinksAction.LINK, ""),
        button(label("button.source_new"), LinksAction.NEW),
    ]
    if named:
        own.append(button(label("button.source_less"), LinksAction.REMOVE))
    sources = [button(each, LinksAction.LINK, each) for each in _sources(context, slug, named)]
    rows = (*in_rows(own, 1), *in_rows(sources, BUTTONS_PER_ROW))
    turn = _turn(context, LinksButton(slug, LinksAction.LIST))
    back = PersistentButton(label("button.back"), CampaignButton(CampaignAction.SHOW, slug))
    keyboard = (*page_of_rows(rows, number, turn, MAX_BUTTONS - 1), (back,))
    return Say(context.wording.say("links.text", title=context.title(slug)), keyboard)


def pressed(context: Context, button: LinksButton) -> Turn:
    """Answer a button of the links."""
    slug = button.campaign
    if slug not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    named = context.fact(NamedSources(slug))
    match button.action:
        case LinksAction.LIST:
            links = page(context, slug, named, button.page)
            return put(context, links.text, links.keyboard)
        case LinksAction.NEW:
            return _ask_source(context, slug, named)
        case LinksAction.REMOVE:
            return _remove(context, button, named)
        case LinksAction.LINK:
            sources = ("", *_sources(context, slug, named))
            source = next((each for each in sources if source_key(each) == button.source), None)
            return toast(context, "toast.gone") if source is None else _link(context, slug, source)


def typed(context: Context, slug: str, text: str) -> Turn:
    """Take the source that an admin typed, and show its link."""
    named = context.fact(NamedSources(slug))
    source = "-".join(text.lower().split())
    if not _SOURCE.fullmatch(source) or link_sources.is_reserved(source):
        return show(context, context.wording.say("links.name_wrong"))
    journey = context.journey.awaiting(None)
    is_new = source not in _sources(context, slug, named)
    if is_new and len(named) >= MAX_NAMED_SOURCES:
        return Turn(journey, (Say(context.wording.say("toast.sources_full")),))
    effects = (NameSource(slug, source),) if is_new else ()
    return Turn(journey, _link(context, slug, source).replies, effects)


def _ask_source(context: Context, slug: str, named: tuple[str, ...]) -> Turn:
    if len(named) >= MAX_NAMED_SOURCES:
        return toast(context, "toast.sources_full", alert=True)
    journey = context.journey.awaiting(AwaitedInput(AdminInput.SOURCE, slug))
    return Turn(journey, (EditMessage(context.wording.say("links.name")),))


def _remove(context: Context, pressed: LinksButton, named: tuple[str, ...]) -> Turn:
    """Remove the source of the button, if it has one, and show a page of those that are left."""
    slug, key = pressed.campaign, pressed.source
    removed = next((each for each in named if source_key(each) == key), None)
    if key is not None and removed is None:
        return toast(context, "toast.gone")
    effects = () if removed is None else (DropSource(slug, removed),)
    rest = tuple(sorted(each for each in named if each != removed))
    if not rest:
        links = page(context, slug, rest)
        return put(context, links.text, links.keyboard, effects=effects)
    buttons = [
        PersistentButton(f"✕ {each}", replace(pressed, source=source_key(each))) for each in rest
    ]
    turn = _turn(context, LinksButton(slug, LinksAction.REMOVE))
    shown = page_of(buttons, pressed.page, BUTTONS_PER_ROW, turn, MAX_BUTTONS - 1)
    back = LinksButton(slug, LinksAction.LIST)
    keyboard = (*shown, (PersistentButton(context.wording.label("button.back"), back),))
    text = context.wording.say("links.less", title=context.title(slug))
    return put(context, text, keyboard, effects=effects)


def _turn(context: Context, button: LinksButton) -> Callable[[int, int], PersistentButton]:
    """Return what makes the button that turns to another page of `button`."""
    more = context.wording.label("button.more_choices")
    return lambda number, _: PersistentButton(more, replace(button, page=number))


def _link(context: Context, slug: str, source: str) -> Turn:
    payload = f"{slug}__{source}" if source else slug
    url = f"https://t.me/{context.deployment.username}?start={payload}"
    key = "links.link" if source else "links.plain"
    text = context.wording.say(key, title=context.title(slug), source=source, link=url)
    copy = CopyButton(context.wording.label("button.copy_link"), url)
    return Turn(context.journey, (QrCode(url, text, ((copy,),)),))


def _sources(context: Context, slug: str, named: tuple[str, ...]) -> tuple[str, ...]:
    declared = context.deployment.campaigns[slug].sources
    return tuple(dict.fromkeys((*declared, *sorted(named))))


def source_key(source: str) -> str:
    """Return 8 hex digits that stand for a source in a button, which has room for one slug only."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]
