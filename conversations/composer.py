"""A campaigner composes an update to subscribers: what each event leads to.

    (none) ──── /broadcast ──▶ content
    content ─── a message ───▶ panel          an album ─ its parts, then nothing for 2 s ─▶ panel
    panel ────▶ campaign acted language country ──▶ panel
    panel ────▶ version ──▶ content
    panel ────▶ button ──▶ link ──▶ panel
    panel ────▶ zone ──▶ later ──▶ panel
    panel ────▶ confirm ──▶ sending, or waiting for its time

The panel says who gets it, and stands under the preview. Buttons say what they mean, so a press
twice, or from another device, changes nothing more; that which sends carries a token that is good
once. Which conversation has the floor: on a page that waits for something to be typed (`WAITS`),
what is said and sent comes here; on the others, and as soon as a letter's question is answered or
/start comes, to the supporter's journey, which stays as it stood.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations import moments, panel
from conversations.broadcast import Audience, Broadcast, ButtonKind, Media, Part, UpdateButton
from conversations.effects import (
    ApproveBroadcast,
    ConfirmBroadcast,
    DiscardDraft,
    Effect,
    KeepDraft,
    KeepZone,
)
from conversations.events import (
    AlbumEnded,
    Commanded,
    Event,
    Pressed,
    PressedStanding,
    Said,
    SentOther,
    Started,
)
from conversations.journey import Page
from conversations.moves import toast
from conversations.panel import Desk
from conversations.replies import Elsewhere, Replace, Reply, Show, Toast
from conversations.rich import Html, units
from conversations.scene import Turn

WAITS = frozenset({Page.CONTENT, Page.LINK, Page.ZONE, Page.LATER})
"""The pages that wait for something typed or sent."""

ALBUM = timedelta(seconds=2)
"""How long after a part of an album another may come: Telegram brings each by itself."""

MOST_IN_ALBUM = 10
"""sendMediaGroup, media: "must include 2-10 items"."""

TEXT, CAPTION = 4096, 1024
"""sendMessage, text; sendPhoto, caption: characters "after entities parsing"."""

LABEL = 64
"""How long the label of a button may be."""

_OPEN = frozenset(page.value for page in Page) - {Page.CONTENT.value}
_PREFIX = 12


def advance(desk: Desk, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers."""
    composing, draft = desk.scene.journey.composing, desk.draft
    waits = draft is not None and composing is not None and composing.page in WAITS
    match event:
        case Commanded("broadcast"):
            return _begun(desk)
        case Commanded("cancel") if draft and (waits or not desk.scene.journey.asked):
            return _cancelled(desk)
        case PressedStanding(action) if action.startswith("b:"):
            return _pressed(desk, action)
        case PressedStanding(action) if action.startswith("eyes:"):
            return _approved(desk)
        case AlbumEnded():
            return _shown(desk) if draft else Turn(desk.scene.journey)
        case Said(text, entities) if waits:
            return _typed(desk, Part(Media.TEXT, text, entities))
        case SentOther(_, part) if waits:
            return _sent(desk, part)
        case _:
            return None


def yields(event: Event) -> bool:
    """Whether `event` gives the floor back to the supporter's journey."""
    return isinstance(event, Started | Pressed)


def digest(broadcast: Broadcast) -> str:
    """Return what two updates that say the same have in common."""
    said = repr((sorted(broadcast.versions.items()), broadcast.default, broadcast.buttons))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# --- what is typed or sent ------------------------------------------------------------------------


def _begun(desk: Desk) -> Turn:
    """Begin an update, or show the one that was begun."""
    if desk.draft is not None and desk.draft.versions:
        return _shown(desk)
    if not desk.scene.house.campaigns:
        return _note(desk, "home.closed")
    scope = next(iter(desk.scene.open_campaigns), None)
    slug = scope.slug if scope else next(iter(desk.scene.house.campaigns))
    draft = desk.draft or Broadcast(desk.scene.token(), Audience(slug))
    language = desk.scene.journey.language
    at = desk.keeping(draft).at(Page.CONTENT, language=language)
    return _turn(at, (panel.page(at),), KeepDraft(draft))


def _typed(desk: Desk, part: Part) -> Turn:
    match desk.page:
        case Page.LINK:
            return _link(desk, part.text)
        case Page.ZONE:
            return _zone(desk, part.text)
        case Page.LATER:
            return _later(desk, part.text)
        case _:
            return _sent(desk, part)


def _sent(desk: Desk, part: Part | None) -> Turn:
    """Take content for the version that is awaited."""
    draft, composing = desk.kept, desk.scene.journey.composing
    if composing is None or composing.page is not Page.CONTENT or part is None:
        return _note(desk, "compose.kind" if part is None else "compose.typed")
    if units(part.text) > (TEXT if part.media is Media.TEXT else CAPTION):
        return _note(desk, "compose.long", most=TEXT if part.media is Media.TEXT else CAPTION)
    former: tuple[Part, ...] = ()
    if part.album and part.album == composing.album:
        former = draft.versions.get(composing.language, ())
    versions = {**draft.versions, composing.language: (*former, part)[:MOST_IN_ALBUM]}
    default = draft.default or composing.language
    draft = replace(draft, versions=versions, default=default)
    if not part.album:
        return _shown(desk.keeping(draft))
    at = desk.keeping(draft).at(Page.CONTENT, language=composing.language, album=part.album)
    until = desk.scene.now + ALBUM
    return Turn(at.scene.journey, (), (KeepDraft(draft, album_until=until),))


def _link(desk: Desk, text: str) -> Turn:
    """Take a button that was typed as “label https://…”."""
    label, _, url = text.strip().rpartition(" ")
    label = label.strip(" -–—:\n")
    if not url.startswith("https://") or not 1 <= len(label) <= LABEL or len(url) > 2048:
        return _note(desk, "compose.link_wrong")
    return _with_button(desk, UpdateButton(ButtonKind.LINK, label, url))


def _zone(desk: Desk, text: str) -> Turn:
    found = moments.read_zone(text)
    if not found:
        return _note(desk, "compose.zone_wrong")
    at = replace(desk, zone=found).at(Page.LATER)
    return _turn(at, (panel.page(at),), KeepZone(found))


def _later(desk: Desk, text: str) -> Turn:
    moment = moments.read_moment(text, desk.scene.now, desk.zone)
    if moment is None or moment <= desk.scene.now:
        return _note(desk, "compose.later_wrong" if moment is None else "compose.later_past")
    at = desk.changed(at=moment).at(Page.PANEL)
    return _turn(at, (panel.page(at),), KeepDraft(at.kept))


# --- what is pressed ------------------------------------------------------------------------------


def _pressed(desk: Desk, action: str) -> Turn:
    """Answer a button of the composer, which names the draft it is about."""
    _, id_, value = (*action.split(":", 2), "", "")[:3]
    draft = desk.draft
    if draft is None or draft.id[:_PREFIX] != id_:
        return toast(desk.scene, "toast.answered")
    kind, _, what = value.partition(":")
    if not draft.versions and kind != "cancel":
        return toast(desk.scene, "toast.answered")
    match kind:
        case "cancel":
            return _cancelled(desk, pressed=True)
        case "go" if what in _OPEN:
            return _gone(desk, Page(what))
        case "write" if what in desk.writable:
            return _turned(desk.at(Page.CONTENT, language=what))
        case "act" | "share" if what in desk.scene.house.campaigns:
            kind_ = ButtonKind(kind)
            label = desk.scene.wording.label(f"compose.label_{kind}")
            return _with_button(desk, UpdateButton(kind_, label, what))
        case "plain":
            return _put(desk.changed(buttons=()), Page.PANEL, preview=True)
        case "test":
            language = desk.scene.journey.language
            return _turn(desk, (panel.preview(desk, draft, language),))
        case "eyes":
            return _asked(desk, draft)
        case "now":
            return _put(desk.changed(at=None), Page.PANEL)
        case "send":
            return _confirmed(desk, draft, what)
        case _:
            return _narrowed(desk, kind, what)


def _gone(desk: Desk, page: Page) -> Turn:
    """Turn to another page."""
    if page is Page.CONFIRM and desk.wants_eyes:
        return toast(desk.scene, "toast.compose_eyes", alert=True)
    if page is Page.LATER and not desk.zone:
        page = Page.ZONE
    if page is not Page.CONFIRM:
        return _turned(desk.at(page))
    token = desk.scene.token()[:16]
    at = replace(desk, token=token).at(page)
    return _turned(at, KeepDraft(at.kept, token))


def _narrowed(desk: Desk, kind: str, what: str) -> Turn:
    """Change who gets it; what is tapped again is lifted."""
    audience = desk.kept.audience
    match kind:
        case "scope" if what == "*" or what in desk.scene.house.campaigns:
            changed = replace(audience, scope=what, languages=(), countries=())
        case "acted" if what in ("yes", "no", "any"):
            changed = replace(audience, acted={"yes": True, "no": False, "any": None}[what])
        case "lang":
            changed = replace(audience, languages=_toggled(audience.languages, what))
        case "country":
            changed = replace(audience, countries=_toggled(audience.countries, what))
        case "since" if what in ("7", "30", "0"):
            since = desk.scene.now - timedelta(days=int(what)) if what != "0" else None
            changed = replace(audience, since=since)
        case _:
            return toast(desk.scene, "toast.answered")
    stays = {"lang": Page.LANGUAGE, "country": Page.COUNTRY}.get(kind, Page.PANEL)
    return _put(desk.changed(audience=changed), stays)


def _toggled(chosen: tuple[str, ...], what: str) -> tuple[str, ...]:
    if what in chosen:
        return tuple(each for each in chosen if each != what)
    return (*chosen, what)


def _with_button(desk: Desk, button: UpdateButton) -> Turn:
    others = tuple(each for each in desk.kept.buttons if each.label != button.label)
    return _put(desk.changed(buttons=(*others, button)), Page.PANEL, preview=True)


def _asked(desk: Desk, draft: Broadcast) -> Turn:
    """Show it to the others who may send updates: one of them says whether it is good."""
    shown = tuple(panel.preview(desk, draft, language) for language in draft.versions)
    question = panel.question(desk, draft, digest(draft))
    asked = tuple(Elsewhere(chat, (*shown, question)) for chat in desk.colleagues)
    key = "toast.compose_asked" if asked else "toast.compose_alone"
    told = Toast(desk.scene.wording.label(key), alert=not asked)
    return Turn(desk.scene.journey, (told, *asked))


def _approved(desk: Desk) -> Turn:
    """Take a colleague's word for it, while the update is as they saw it."""
    review = desk.review
    if review is None or review.content != digest(review.broadcast):
        return toast(desk.scene, "toast.answered")
    wording = desk.scene.wording
    good = Show(panel.wording_of(desk, review.language).say("compose.looks_good"))
    replies: tuple[Reply, ...] = (
        Replace(wording.say("compose.thanks")),
        Elsewhere(review.chat, (good,)),
    )
    effect = ApproveBroadcast(review.broadcast.id, review.content)
    return Turn(desk.scene.journey, replies, (effect,))


def _confirmed(desk: Desk, draft: Broadcast, token: str) -> Turn:
    """Send it: once, since the token is the draft's own and is used up."""
    if not token or token != desk.token:
        return toast(desk.scene, "toast.answered")
    if desk.wants_eyes:
        return toast(desk.scene, "toast.compose_eyes", alert=True)
    if draft.at is not None and draft.at <= desk.scene.now:
        return _turned(desk.at(Page.LATER), note="compose.later_past")
    effect = ConfirmBroadcast(draft.id, token, desk.people, draft.at)
    journey = replace(desk.scene.journey, composing=None)
    told = panel.confirmed(desk, draft)
    others = panel.others(desk)
    return Turn(journey, (Replace(told), *others), (effect,))


# --- how ------------------------------------------------------------------------------------------


def _shown(desk: Desk) -> Turn:
    """Show each version as its subscribers will see it, and the panel under them."""
    at = desk.at(Page.PANEL)
    draft = at.kept
    previews = tuple(panel.preview(at, draft, language) for language in draft.versions)
    return _turn(at, (*previews, panel.page(at)), KeepDraft(draft))


def _put(desk: Desk, page: Page, *, preview: bool = False) -> Turn:
    """Keep the draft; show the page in place of the one pressed, or under a new preview."""
    if preview:
        return _shown(desk)
    return _turned(desk.at(page), KeepDraft(desk.kept))


def _turned(desk: Desk, *effects: Effect, note: str = "") -> Turn:
    shown = panel.page(desk)
    text = f"{desk.scene.wording.say(note)}\n\n{shown.text}" if note else shown.text
    return _turn(desk, (Replace(Html(text), shown.keyboard),), *effects)


def _turn(desk: Desk, replies: tuple[Reply, ...], *effects: Effect) -> Turn:
    return Turn(desk.scene.journey, replies, effects)


def _note(desk: Desk, key: str, **values: Any) -> Turn:
    return Turn(desk.scene.journey, (Show(desk.scene.wording.say(key, **values)),))


def _cancelled(desk: Desk, *, pressed: bool = False) -> Turn:
    journey = replace(desk.scene.journey, composing=None)
    text = desk.scene.wording.say("compose.cancelled")
    reply = Replace(text) if pressed else Show(text)
    return Turn(journey, (reply,), (DiscardDraft(desk.kept.id),))
