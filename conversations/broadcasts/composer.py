"""A campaigner composes an update to subscribers: what each event leads to.

    nothing ────────▶ content panel
    content ────────▶ panel nothing
    panel ──────────▶ campaign acted language country version button zone later confirm nothing
    version ────────▶ content panel
    button ─────────▶ link panel
    zone ───────────▶ later panel
    confirm ────────▶ cost later panel nothing
    cost ───────────▶ later panel nothing
    campaign ───────▶ panel
    acted ──────────▶ panel
    language ───────▶ panel
    country ────────▶ panel
    link ───────────▶ panel
    later ──────────▶ panel

These are all ways there are; the tests read them here. Nothing becomes content, or the panel of
what was begun, by /broadcast; it is nothing again once the update is given up, sent, or waits for
its time: then `waiting` answers for it. The parts of an album come one by one; the panel follows
when nothing more came for 2 s. /cancel gives up from wherever something is to be typed.

The panel says who gets it, and stands under the preview. Buttons say what they mean, so a press
twice, or from another device, changes nothing more; that which sends carries a token that is good
once. Which conversation has the floor: on a page that waits for something to be typed (`WAITS`),
what is said and sent comes here; on the others, and as soon as a letter's question is answered or
/start comes, to the supporter's journey, which stays as it stood.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations.broadcasts import (
    approval,
    audience_filter,
    confirm,
    draft_view,
    scheduled,
)
from conversations.broadcasts.broadcast_view import PREFIX
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.context import Turn
from conversations.core.effects import Effect
from conversations.core.effects.broadcasts import DiscardDraft, SaveDraft, SaveTimezone
from conversations.core.events import (
    AlbumEnded,
    CommandSent,
    Event,
    MediaSent,
    PersistentButtonPressed,
    TextSent,
)
from conversations.core.replies import (
    Ask,
    EditMessage,
    EditPrompt,
    Reply,
    Say,
)
from conversations.core.turns import toast
from conversations.model.broadcast import (
    UNSENT,
    Audience,
    Broadcast,
    BroadcastStatus,
    ButtonKind,
    Media,
    Part,
    UpdateButton,
)
from conversations.model.journey import DraftPage
from conversations.text import typed_times
from conversations.text.html import units

WAITS = frozenset({DraftPage.CONTENT, DraftPage.LINK, DraftPage.ZONE, DraftPage.LATER})
"""The pages that wait for something typed or sent."""

ALBUM = timedelta(seconds=2)
"""How long after a part of an album another may come: Telegram brings each by itself."""

MOST_IN_ALBUM = 10
"""sendMediaGroup, media: "must include 2-10 items"."""

TEXT, CAPTION = 4096, 1024
"""sendMessage, text; sendPhoto, caption: characters "after entities parsing"."""

LABEL = 64
"""How long the label of a button may be."""

_OPEN = frozenset(page.value for page in DraftPage) - {DraftPage.CONTENT.value}


def advance(desk: DraftContext, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers."""
    journey, draft = desk.context.journey, desk.draft
    composing = journey.composing
    waits = draft is not None and composing is not None and composing.page in WAITS
    match event:
        case CommandSent("broadcast"):
            return _begun(desk)
        case CommandSent("cancel") if draft and (waits or not (journey.asked or journey.awaits)):
            return scheduled.stands(desk) if desk.state in UNSENT else _cancelled(desk)
        case PersistentButtonPressed(str() as action) if action.startswith("b:"):
            return _pressed(desk, action)
        case PersistentButtonPressed(str() as action) if action.startswith("eyes:"):
            return approval.approved(desk)
        case AlbumEnded():
            return _shown(desk) if draft else Turn(desk.context.journey)
        case TextSent(text, entities) if waits:
            return _typed(desk, Part(Media.TEXT, text, entities))
        case MediaSent(_, part) if waits:
            return _sent(desk, part)
        case _:
            return None


def yields(turn: Turn) -> bool:
    """Whether an answer of the supporter's journey takes the floor: it asks its question."""
    return any(isinstance(reply, Ask | EditPrompt) for reply in turn.replies)


def asked_again(desk: DraftContext) -> tuple[Reply, ...]:
    """Return what a crash may have swallowed: the open page, under the update where it is done."""
    if desk.page is DraftPage.PANEL and desk.kept.versions:
        return (*draft_view.previews(desk), draft_view.page(desk))
    return (draft_view.page(desk),)


# --- what is typed or sent ------------------------------------------------------------------------


def _begun(desk: DraftContext) -> Turn:
    """Begin an update, or show the one that was begun."""
    if desk.draft is not None and desk.draft.versions:
        return _shown(desk)
    if not desk.context.deployment.campaigns:
        return _note(desk, "home.closed")
    scope = next(iter(desk.context.open_campaigns), None)
    slug = scope.slug if scope else next(iter(desk.context.deployment.campaigns))
    draft = desk.draft or Broadcast(desk.context.token(), Audience(slug))
    language = desk.context.journey.language
    at = desk.keeping(draft).at(DraftPage.CONTENT, language=language)
    return _turn(at, (draft_view.page(at),), SaveDraft(draft))


def _typed(desk: DraftContext, part: Part) -> Turn:
    match desk.page:
        case DraftPage.LINK:
            return _link(desk, part.text)
        case DraftPage.ZONE:
            return _zone(desk, part.text)
        case DraftPage.LATER:
            return _later(desk, part.text)
        case _:
            return _sent(desk, part)


def _sent(desk: DraftContext, part: Part | None) -> Turn:
    """Take content for the version that is awaited."""
    draft, composing = desk.kept, desk.context.journey.composing
    if composing is None or composing.page is not DraftPage.CONTENT or part is None:
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
    at = desk.keeping(draft).at(DraftPage.CONTENT, language=composing.language, album=part.album)
    until = desk.context.now + ALBUM
    return Turn(at.context.journey, (), (SaveDraft(draft, album_until=until),))


def _link(desk: DraftContext, text: str) -> Turn:
    """Take a button that was typed as “label https://…”."""
    label, _, url = text.strip().rpartition(" ")
    label = label.strip(" -–—:\n")
    if not url.startswith("https://") or not 1 <= len(label) <= LABEL or len(url) > 2048:
        return _note(desk, "compose.link_wrong")
    return _with_button(desk, UpdateButton(ButtonKind.LINK, label, url))


def _zone(desk: DraftContext, text: str) -> Turn:
    found = typed_times.read_zone(text)
    if not found:
        return _note(desk, "compose.zone_wrong")
    at = replace(desk, zone=found).at(DraftPage.LATER)
    return _turn(at, (draft_view.page(at),), SaveTimezone(found))


def _later(desk: DraftContext, text: str) -> Turn:
    moment = typed_times.read_moment(text, desk.context.now, desk.zone)
    if moment is None or moment <= desk.context.now:
        return _note(desk, "compose.later_wrong" if moment is None else "compose.later_past")
    if desk.state in UNSENT:
        return scheduled.moved(desk, moment)
    at = desk.changed(at=moment).at(DraftPage.PANEL)
    return _turn(at, (draft_view.page(at),), SaveDraft(at.kept))


# --- what is pressed ------------------------------------------------------------------------------


def _pressed(desk: DraftContext, action: str) -> Turn:
    """Answer a button of the composer, which names the draft it is about."""
    _, id_, value = (*action.split(":", 2), "", "")[:3]
    draft = desk.draft
    if draft is None or draft.id[:PREFIX] != id_:
        return toast(desk.context, "toast.answered")
    kind, _, what = value.partition(":")
    if desk.state in UNSENT:
        change = kind == "change" and desk.mine
        return _changed(desk) if change else scheduled.pressed(desk, kind, what)
    if desk.state is not BroadcastStatus.DRAFT or not desk.mine:
        return scheduled.over(desk)
    if not draft.versions and kind != "cancel":
        return toast(desk.context, "toast.answered")
    match kind:
        case "cancel":
            return _cancelled(desk, pressed=True)
        case "go" if what in _OPEN:
            return _gone(desk, DraftPage(what))
        case "write" if what in desk.writable:
            return _turned(desk.at(DraftPage.CONTENT, language=what))
        case "act" | "share" if what in desk.context.deployment.campaigns:
            kind_ = ButtonKind(kind)
            label = desk.context.wording.label(f"compose.label_{kind}")
            return _with_button(desk, UpdateButton(kind_, label, what))
        case "plain":
            return _put(desk.changed(buttons=()), DraftPage.PANEL, preview=True)
        case "test":
            language = desk.context.journey.language
            return _turn(desk, (draft_view.preview(desk, draft, language),))
        case "eyes":
            return approval.asked(desk)
        case "now":
            return _put(desk.changed(at=None), DraftPage.PANEL)
        case "again":
            return confirm.asked(desk.changed(again=not draft.again))
        case "cost":
            return confirm.cost(desk)
        case "send":
            return confirm.confirmed(desk, draft.at, what)
        case _:
            return _narrowed(desk, kind, what)


def _changed(desk: DraftContext) -> Turn:
    """Make a draft again of an update that waited."""
    turn = _shown(desk)
    told = EditMessage(desk.context.wording.say("update.change"))
    return replace(turn, replies=(told, *turn.replies))


def _gone(desk: DraftContext, page: DraftPage) -> Turn:
    """Turn to another page."""
    if page is DraftPage.CONFIRM:
        return confirm.asked(desk)
    if page is DraftPage.LATER and not desk.zone:
        page = DraftPage.ZONE
    return _turned(desk.at(page))


def _narrowed(desk: DraftContext, kind: str, what: str) -> Turn:
    """Change who gets it."""
    audience = audience_filter.narrowed(desk, kind, what)
    if audience is None:
        return toast(desk.context, "toast.answered")
    stays = {"lang": DraftPage.LANGUAGE, "country": DraftPage.COUNTRY}.get(kind, DraftPage.PANEL)
    return _put(desk.changed(audience=audience), stays)


def _with_button(desk: DraftContext, button: UpdateButton) -> Turn:
    others = tuple(each for each in desk.kept.buttons if each.label != button.label)
    return _put(desk.changed(buttons=(*others, button)), DraftPage.PANEL, preview=True)


# --- how ------------------------------------------------------------------------------------------


def _shown(desk: DraftContext) -> Turn:
    """Show each version as its subscribers will see it, and the panel under them."""
    at = replace(desk, state=BroadcastStatus.DRAFT).at(DraftPage.PANEL)
    return _turn(at, (*draft_view.previews(at), draft_view.page(at)), SaveDraft(at.kept))


def _put(desk: DraftContext, page: DraftPage, *, preview: bool = False) -> Turn:
    """Keep the draft; show the page in place of the one pressed, or under a new preview."""
    if preview:
        return _shown(desk)
    return _turned(desk.at(page), SaveDraft(desk.kept))


def _turned(desk: DraftContext, *effects: Effect) -> Turn:
    return confirm.turned(desk, *effects)


def _turn(desk: DraftContext, replies: tuple[Reply, ...], *effects: Effect) -> Turn:
    return Turn(desk.context.journey, replies, effects)


def _note(desk: DraftContext, key: str, **values: Any) -> Turn:
    return Turn(desk.context.journey, (Say(desk.context.wording.say(key, **values)),))


def _cancelled(desk: DraftContext, *, pressed: bool = False) -> Turn:
    journey = replace(desk.context.journey, composing=None)
    text = desk.context.wording.say("compose.cancelled")
    reply = EditMessage(text) if pressed else Say(text)
    return Turn(journey, (reply,), (DiscardDraft(desk.kept.id),))
