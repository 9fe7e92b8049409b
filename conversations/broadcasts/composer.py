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
from conversations.broadcasts.draft_context import DraftContext, draft_context
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.broadcasts import DiscardDraft, SaveDraft, SaveTimezone
from conversations.core.events import (
    AlbumEnded,
    CommandSent,
    Event,
    MediaSent,
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


def advance(context: Context, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers.

    Raises FactMissing.
    """
    turn = _answer(context, event)
    return _taking_over(turn) if turn else None


def begun(context: Context) -> Turn:
    """Answer /broadcast: begin an update, or show the one that was begun. Raises FactMissing."""
    return _taking_over(_begun(draft_context(context)))


def pressed(context: Context, action: str) -> Turn:
    """Answer a button of the composer, which names the draft. Raises FactMissing."""
    return _taking_over(_pressed(draft_context(context, action.partition(":")[0]), action))


def reviewed(context: Context, action: str) -> Turn:
    """Answer the button of a colleague who was asked for approval. Raises FactMissing."""
    return _taking_over(approval.approved(context, action))


def _taking_over(turn: Turn) -> Turn:
    """Return the turn of the composer, in which nothing else waits to be typed any more."""
    return replace(turn, journey=turn.journey.awaiting(""))


def _answer(context: Context, event: Event) -> Turn | None:
    journey = context.journey
    waits = journey.composing is not None and journey.composing.page in WAITS
    match event:
        case CommandSent("cancel") if waits or not (journey.asked or journey.awaits):
            return _given_up(_open_draft(context))
        case AlbumEnded():
            draft = _open_draft(context)
            return _shown(draft) if draft.saved else Turn(journey)
        case TextSent() | MediaSent() if waits:
            draft = _open_draft(context)
            return _received(draft, event) if draft.saved else None
        case _:
            return None


def _open_draft(context: Context) -> DraftContext:
    """Return the draft that the open page is about. Raises FactMissing."""
    composing = context.journey.composing
    return draft_context(context, composing.about if composing else "")


def _given_up(draft: DraftContext) -> Turn | None:
    """Answer /cancel; None where there is no draft to cancel."""
    if draft.saved is None:
        return None
    return scheduled.stands(draft) if draft.state in UNSENT else _cancelled(draft)


def _received(draft: DraftContext, event: TextSent | MediaSent) -> Turn:
    match event:
        case TextSent(text, entities):
            return _typed(draft, Part(Media.TEXT, text, entities))
        case MediaSent(_, part):
            return _sent(draft, part)


def yields(turn: Turn) -> bool:
    """Whether an answer of the supporter's journey takes the floor: it asks its question."""
    return any(isinstance(reply, Ask | EditPrompt) for reply in turn.replies)


def asked_again(context: Context) -> tuple[Reply, ...]:
    """Return what a crash may have swallowed: the open page, under the update where it is done.

    Nothing where no draft is open. Raises FactMissing.
    """
    if context.journey.composing is None:
        return ()
    draft = _open_draft(context)
    if draft.saved is None:
        return ()
    if draft.page is DraftPage.PANEL and draft.broadcast.versions:
        return (*draft_view.previews(draft), draft_view.page(draft))
    return (draft_view.page(draft),)


# --- what is typed or sent ------------------------------------------------------------------------


def _begun(draft: DraftContext) -> Turn:
    if draft.saved is not None and draft.saved.versions:
        return _shown(draft)
    if not draft.context.deployment.campaigns:
        return _note(draft, "home.closed")
    scope = next(iter(draft.context.open_campaigns), None)
    slug = scope.slug if scope else next(iter(draft.context.deployment.campaigns))
    broadcast = draft.saved or Broadcast(draft.context.token(), Audience(slug))
    language = draft.context.journey.language
    at = draft.with_broadcast(broadcast).at(DraftPage.CONTENT, language=language)
    return _turn(at, (draft_view.page(at),), SaveDraft(broadcast))


def _typed(draft: DraftContext, part: Part) -> Turn:
    match draft.page:
        case DraftPage.LINK:
            return _link(draft, part.text)
        case DraftPage.ZONE:
            return _zone(draft, part.text)
        case DraftPage.LATER:
            return _later(draft, part.text)
        case _:
            return _sent(draft, part)


def _sent(draft: DraftContext, part: Part | None) -> Turn:
    """Take content for the version that is awaited."""
    broadcast, composing = draft.broadcast, draft.context.journey.composing
    if composing is None or composing.page is not DraftPage.CONTENT or part is None:
        return _note(draft, "compose.kind" if part is None else "compose.typed")
    if units(part.text) > (TEXT if part.media is Media.TEXT else CAPTION):
        return _note(draft, "compose.long", most=TEXT if part.media is Media.TEXT else CAPTION)
    former: tuple[Part, ...] = ()
    if part.album and part.album == composing.album:
        former = broadcast.versions.get(composing.language, ())
    versions = {**broadcast.versions, composing.language: (*former, part)[:MOST_IN_ALBUM]}
    default = broadcast.default or composing.language
    broadcast = replace(broadcast, versions=versions, default=default)
    if not part.album:
        return _shown(draft.with_broadcast(broadcast))
    at = draft.with_broadcast(broadcast).at(
        DraftPage.CONTENT, language=composing.language, album=part.album
    )
    until = draft.context.now + ALBUM
    return Turn(at.context.journey, (), (SaveDraft(broadcast, album_until=until),))


def _link(draft: DraftContext, text: str) -> Turn:
    """Take a button that was typed as “label https://…”."""
    label, _, url = text.strip().rpartition(" ")
    label = label.strip(" -–—:\n")
    if not url.startswith("https://") or not 1 <= len(label) <= LABEL or len(url) > 2048:
        return _note(draft, "compose.link_wrong")
    return _with_button(draft, UpdateButton(ButtonKind.LINK, label, url))


def _zone(draft: DraftContext, text: str) -> Turn:
    found = typed_times.read_zone(text)
    if not found:
        return _note(draft, "compose.zone_wrong")
    at = replace(draft, chosen_zone=found).at(DraftPage.LATER)
    return _turn(at, (draft_view.page(at),), SaveTimezone(found))


def _later(draft: DraftContext, text: str) -> Turn:
    moment = typed_times.read_moment(text, draft.context.now, draft.zone)
    if moment is None or moment <= draft.context.now:
        return _note(draft, "compose.later_wrong" if moment is None else "compose.later_past")
    if draft.state in UNSENT:
        return scheduled.moved(draft, moment)
    at = draft.changed(at=moment).at(DraftPage.PANEL)
    return _turn(at, (draft_view.page(at),), SaveDraft(at.broadcast))


# --- what is pressed ------------------------------------------------------------------------------


def _pressed(draft: DraftContext, action: str) -> Turn:
    id_, _, value = action.partition(":")
    broadcast = draft.saved
    if broadcast is None or broadcast.id[:PREFIX] != id_:
        return toast(draft.context, "toast.answered")
    kind, _, what = value.partition(":")
    if draft.state in UNSENT:
        change = kind == "change" and draft.mine
        return _changed(draft) if change else scheduled.pressed(draft, kind, what)
    if draft.state is not BroadcastStatus.DRAFT or not draft.mine:
        return scheduled.over(draft)
    if not broadcast.versions and kind != "cancel":
        return toast(draft.context, "toast.answered")
    match kind:
        case "cancel":
            return _cancelled(draft, pressed=True)
        case "go" if what in _OPEN:
            return _gone(draft, DraftPage(what))
        case "write" if what in draft.writable:
            return _turned(draft.at(DraftPage.CONTENT, language=what))
        case "act" | "share" if what in draft.context.deployment.campaigns:
            kind_ = ButtonKind(kind)
            label = draft.context.wording.label(f"compose.label_{kind}")
            return _with_button(draft, UpdateButton(kind_, label, what))
        case "plain":
            return _put(draft.changed(buttons=()), DraftPage.PANEL, preview=True)
        case "test":
            language = draft.context.journey.language
            return _turn(draft, (draft_view.preview(draft, broadcast, language),))
        case "eyes":
            return approval.asked(draft)
        case "now":
            return _put(draft.changed(at=None), DraftPage.PANEL)
        case "again":
            return confirm.asked(draft.changed(again=not broadcast.again))
        case "cost":
            return confirm.cost(draft)
        case "send":
            return confirm.confirmed(draft, broadcast.at, what)
        case _:
            return _narrowed(draft, kind, what)


def _changed(draft: DraftContext) -> Turn:
    """Make a draft again of an update that waited."""
    turn = _shown(draft)
    told = EditMessage(draft.context.wording.say("update.change"))
    return replace(turn, replies=(told, *turn.replies))


def _gone(draft: DraftContext, page: DraftPage) -> Turn:
    """Turn to another page."""
    if page is DraftPage.CONFIRM:
        return confirm.asked(draft)
    if page is DraftPage.LATER and not draft.zone:
        page = DraftPage.ZONE
    return _turned(draft.at(page))


def _narrowed(draft: DraftContext, kind: str, what: str) -> Turn:
    """Change who gets it."""
    audience = audience_filter.narrowed(draft, kind, what)
    if audience is None:
        return toast(draft.context, "toast.answered")
    stays = {"lang": DraftPage.LANGUAGE, "country": DraftPage.COUNTRY}.get(kind, DraftPage.PANEL)
    return _put(draft.changed(audience=audience), stays)


def _with_button(draft: DraftContext, button: UpdateButton) -> Turn:
    others = tuple(each for each in draft.broadcast.buttons if each.label != button.label)
    return _put(draft.changed(buttons=(*others, button)), DraftPage.PANEL, preview=True)


# --- how ------------------------------------------------------------------------------------------


def _shown(draft: DraftContext) -> Turn:
    """Show each version as its subscribers will see it, and the panel under them."""
    at = replace(draft, state=BroadcastStatus.DRAFT).at(DraftPage.PANEL)
    return _turn(at, (*draft_view.previews(at), draft_view.page(at)), SaveDraft(at.broadcast))


def _put(draft: DraftContext, page: DraftPage, *, preview: bool = False) -> Turn:
    """Keep the draft; show the page in place of the one pressed, or under a new preview."""
    if preview:
        return _shown(draft)
    return _turned(draft.at(page), SaveDraft(draft.broadcast))


def _turned(draft: DraftContext, *effects: Effect) -> Turn:
    return confirm.turned(draft, *effects)


def _turn(draft: DraftContext, replies: tuple[Reply, ...], *effects: Effect) -> Turn:
    return Turn(draft.context.journey, replies, effects)


def _note(draft: DraftContext, key: str, **values: Any) -> Turn:
    return Turn(draft.context.journey, (Say(draft.context.wording.say(key, **values)),))


def _cancelled(draft: DraftContext, *, pressed: bool = False) -> Turn:
    journey = replace(draft.context.journey, composing=None)
    text = draft.context.wording.say("compose.cancelled")
    reply = EditMessage(text) if pressed else Say(text)
    return Turn(journey, (reply,), (DiscardDraft(draft.broadcast.id),))
