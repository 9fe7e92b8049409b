"""The links of a campaign, one for each source, as text and as a QR code to print."""

import hashlib
import re

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
from conversations.core.replies import (
    Button,
    CopyButton,
    EditMessage,
    PersistentButton,
    QrCode,
    Say,
)
from conversations.core.turns import put, show, toast
from conversations.model.journey import AdminInput, AwaitedInput

MAX_NAMED_SOURCES = 40
"""How many sources can be named in the chat: Telegram shows at most 100 buttons."""

BUTTONS_PER_ROW = 2
"""How many sources stand in a row."""

_SOURCE = re.compile(r"[a-z0-9-]{1,30}")


def page(context: Context, slug: str, named: tuple[str, ...]) -> Say:
    """Return the sources of a campaign: those of its file, and those `named` in the chat."""
    label = context.wording.label

    def button(text: str, action: LinksAction, source: str | None = None) -> PersistentButton:
        key = None if source is None else source_key(source)
        return PersistentButton(text, LinksButton(slug, action, key))

    sources = _sources(context, slug, named)
    rows = _in_rows([button(each, LinksAction.LINK, each) for each in sources])
    rows.append((button(label("button.source_none"), LinksAction.LINK, ""),))
    rows.append((button(label("button.source_new"), LinksAction.NEW),))
    if named:
        rows.append((button(label("button.source_less"), LinksAction.REMOVE),))
    back = CampaignButton(CampaignAction.SHOW, slug)
    rows.append((PersistentButton(label("button.back"), back),))
    return Say(context.wording.say("links.text", title=context.title(slug)), tuple(rows))


def pressed(context: Context, button: LinksButton) -> Turn:
    """Answer a button of the links."""
    slug = button.campaign
    if slug not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    named = context.fact(NamedSources(slug))
    match button.action:
        case LinksAction.LIST:
            links = page(context, slug, named)
            return put(context, links.text, links.keyboard)
        case LinksAction.NEW:
            return _ask_source(context, slug, named)
        case LinksAction.REMOVE:
            return _remove(context, slug, button.source, named)
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


def _remove(context: Context, slug: str, key: str | None, named: tuple[str, ...]) -> Turn:
    """Remove the source with this key, if there is a key, and show those that can be removed."""
    removed = next((each for each in named if source_key(each) == key), None)
    if key is not None and removed is None:
        return toast(context, "toast.gone")
    effects = () if removed is None else (DropSource(slug, removed),)
    rest = tuple(sorted(each for each in named if each != removed))
    if not rest:
        links = page(context, slug, rest)
        return put(context, links.text, links.keyboard, effects=effects)
    rows = _in_rows(
        [
            PersistentButton(f"✕ {each}", LinksButton(slug, LinksAction.REMOVE, source_key(each)))
            for each in rest
        ]
    )
    back = LinksButton(slug, LinksAction.LIST)
    rows.append((PersistentButton(context.wording.label("button.back"), back),))
    text = context.wording.say("links.less", title=context.title(slug))
    return put(context, text, tuple(rows), effects=effects)


def _in_rows(buttons: list[PersistentButton]) -> list[tuple[Button, ...]]:
    return [
        tuple(buttons[i : i + BUTTONS_PER_ROW]) for i in range(0, len(buttons), BUTTONS_PER_ROW)
    ]


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
