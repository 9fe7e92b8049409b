"""The links of a campaign, one for each source: to be passed on, and as a picture to be printed."""

import hashlib
import re

from conversations import starting
from conversations.effects import NameSource
from conversations.moves import put, show, toast
from conversations.replies import Button, QrCode, Replace, Show, Standing
from conversations.scene import Scene, Turn

AWAITS = "source:"
"""What a chat awaits, before a campaign's slug, whose admin types the name of a source."""

_SOURCE = re.compile(r"[a-z0-9-]{1,30}")
_IN_A_ROW = 2


def shown(scene: Scene, slug: str, named: tuple[str, ...]) -> Show:
    """Return the sources of a campaign: its file's, and those that were `named` in the chat."""
    label = scene.wording.label
    each = [
        Standing(source, f"links:{slug}:{_key(source)}") for source in _sources(scene, slug, named)
    ]
    rows: list[tuple[Button, ...]] = [
        tuple(each[i : i + _IN_A_ROW]) for i in range(0, len(each), _IN_A_ROW)
    ]
    rows.append((Standing(label("button.source_none"), f"links:{slug}:{_key('')}"),))
    rows.append((Standing(label("button.source_new"), f"links:{slug}:new"),))
    rows.append((Standing(label("button.back"), f"campaigns:show:{slug}"),))
    return Show(scene.wording.say("links.text", title=scene.title(slug)), tuple(rows))


def pressed(scene: Scene, action: str, named: tuple[str, ...]) -> Turn:
    """Answer a button of the links."""
    slug, _, what = action.partition(":")
    if not what:
        told = shown(scene, slug, named)
        return put(scene, told.text, told.keyboard)
    if what == "new":
        journey = scene.journey.awaiting(f"{AWAITS}{slug}")
        return Turn(journey, (Replace(scene.wording.say("links.name")),))
    sources = ("", *_sources(scene, slug, named))
    source = next((each for each in sources if _key(each) == what), None)
    return toast(scene, "toast.gone") if source is None else _link(scene, slug, source)


def typed(scene: Scene, slug: str, text: str, named: tuple[str, ...]) -> Turn:
    """Take the name of a source, and give its link."""
    source = "-".join(text.lower().split())
    if not _SOURCE.fullmatch(source) or starting.is_taken(source):
        return show(scene, scene.wording.say("links.name_wrong"))
    turn = _link(scene, slug, source)
    known = source in _sources(scene, slug, named)
    effects = () if known else (NameSource(slug, source),)
    return Turn(scene.journey.awaiting(""), turn.replies, effects)


def _link(scene: Scene, slug: str, source: str) -> Turn:
    payload = f"{slug}__{source}" if source else slug
    url = f"https://t.me/{scene.house.username}?start={payload}"
    key = "links.link" if source else "links.plain"
    text = scene.wording.say(key, title=scene.title(slug), source=source, link=url)
    return Turn(scene.journey, (QrCode(url, text),))


def _sources(scene: Scene, slug: str, named: tuple[str, ...]) -> tuple[str, ...]:
    declared = scene.house.campaigns[slug].sources
    return tuple(dict.fromkeys((*declared, *sorted(named))))


def _key(source: str) -> str:
    """Return what stands for a source in a button, which has room for a slug, but not for two."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]
