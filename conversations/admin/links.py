"""The links of a campaign, one for each source: to be passed on, and as a picture to be printed."""

import hashlib
import re

from conversations.core import link_sources
from conversations.core.context import Context, Turn
from conversations.core.effects.admin import DropSource, NameSource
from conversations.core.fact_requests import NamedSources
from conversations.core.replies import (
    Button,
    EditMessage,
    PersistentButton,
    QrCode,
    Say,
)
from conversations.core.turns import put, show, toast

AWAITS = "source:"
"""What a chat awaits, before a campaign's slug, whose admin types the name of a source."""

_SOURCE = re.compile(r"[a-z0-9-]{1,30}")
_IN_A_ROW = 2

MOST = 40
"""So many sources are named in the chat: more buttons than twice that, Telegram shows no more."""


def shown(context: Context, slug: str, named: tuple[str, ...]) -> Say:
    """Return the sources of a campaign: its file's, and those that were `named` in the chat."""
    label = context.wording.label
    each = [
        PersistentButton(source, f"links:{slug}:{_key(source)}")
        for source in _sources(context, slug, named)
    ]
    rows = _in_rows(each)
    rows.append((PersistentButton(label("button.source_none"), f"links:{slug}:{_key('')}"),))
    rows.append((PersistentButton(label("button.source_new"), f"links:{slug}:new"),))
    if named:
        rows.append((PersistentButton(label("button.source_less"), f"links:{slug}:less"),))
    rows.append((PersistentButton(label("button.back"), f"campaigns:show:{slug}"),))
    return Say(context.wording.say("links.text", title=context.title(slug)), tuple(rows))


def pressed(context: Context, action: str) -> Turn:
    """Answer a button of the links."""
    slug, _, what = action.partition(":")
    if slug not in context.deployment.campaigns:
        return toast(context, "toast.gone")
    named = context.fact(NamedSources(slug))
    if not what:
        told = shown(context, slug, named)
        return put(context, told.text, told.keyboard)
    if what.startswith("less"):
        return _fewer(context, slug, what.partition("-")[2], named)
    if what == "new" and len(named) >= MOST:
        return toast(context, "toast.sources_full", alert=True)
    if what == "new":
        journey = context.journey.awaiting(f"{AWAITS}{slug}")
        return Turn(journey, (EditMessage(context.wording.say("links.name")),))
    sources = ("", *_sources(context, slug, named))
    source = next((each for each in sources if _key(each) == what), None)
    return toast(context, "toast.gone") if source is None else _link(context, slug, source)


def typed(context: Context, slug: str, text: str) -> Turn:
    """Take the name of a source, and give its link."""
    named = context.fact(NamedSources(slug))
    source = "-".join(text.lower().split())
    if not _SOURCE.fullmatch(source) or link_sources.is_reserved(source):
        return show(context, context.wording.say("links.name_wrong"))
    turn = _link(context, slug, source)
    facts = source in _sources(context, slug, named)
    if not facts and len(named) >= MOST:
        full = show(context, context.wording.say("toast.sources_full"))
        return Turn(context.journey.awaiting(""), full.replies)
    effects = () if facts else (NameSource(slug, source),)
    return Turn(context.journey.awaiting(""), turn.replies, effects)


def _fewer(context: Context, slug: str, key: str, named: tuple[str, ...]) -> Turn:
    """Show which sources that were named here can be removed; remove the one that `key` is of."""
    gone = next((each for each in named if _key(each) == key), None)
    if key and gone is None:
        return toast(context, "toast.gone")
    left = tuple(sorted(each for each in named if each != gone))
    if not left:
        told = shown(context, slug, left)
        return put(context, told.text, told.keyboard, effects=_dropped(slug, gone))
    rows = _in_rows(
        [PersistentButton(f"✕ {each}", f"links:{slug}:less-{_key(each)}") for each in left]
    )
    rows.append((PersistentButton(context.wording.label("button.back"), f"links:{slug}"),))
    text = context.wording.say("links.less", title=context.title(slug))
    return put(context, text, tuple(rows), effects=_dropped(slug, gone))


def _dropped(slug: str, source: str | None) -> tuple[DropSource, ...]:
    return () if source is None else (DropSource(slug, source),)


def _in_rows(buttons: list[PersistentButton]) -> list[tuple[Button, ...]]:
    return [tuple(buttons[i : i + _IN_A_ROW]) for i in range(0, len(buttons), _IN_A_ROW)]


def _link(context: Context, slug: str, source: str) -> Turn:
    payload = f"{slug}__{source}" if source else slug
    url = f"https://t.me/{context.deployment.username}?start={payload}"
    key = "links.link" if source else "links.plain"
    text = context.wording.say(key, title=context.title(slug), source=source, link=url)
    return Turn(context.journey, (QrCode(url, text),))


def _sources(context: Context, slug: str, named: tuple[str, ...]) -> tuple[str, ...]:
    declared = context.deployment.campaigns[slug].sources
    return tuple(dict.fromkeys((*declared, *sorted(named))))


def _key(source: str) -> str:
    """Return what stands for a source in a button, which has room for a slug, but not for two."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]
