"""A campaigner composes a broadcast to subscribers: which page leads to which.

    nothing ────────▶ content panel
    content ────────▶ panel nothing
    panel ──────────▶ audience extras later confirm nothing
    audience ───────▶ campaign acted language country panel
    extras ─────────▶ version button panel
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
    later ──────────▶ zone panel

The diagram lists all transitions; the tests read it here. /broadcast leads from nothing to content,
or to the panel of a draft that was begun. The page is nothing again after the draft is discarded,
sent or scheduled: then `scheduled` answers for it. The parts of an album arrive one by one; the
panel follows when nothing more arrived for 2 s. /cancel discards the draft on a page that waits for
input.

The panel says who gets the broadcast, and stands under the preview. A button says what it means, so
a second press, or one on another device, changes nothing more; the button that sends carries a
token that is good once. On a page that waits for input (`INPUT_PAGES`), what is typed or sent comes
here. On other pages it goes to the supporter's journey if a question there waits for text; else
the page says what it waits for. The composer closes as soon as a letter's question is asked.
"""

from dataclasses import replace

from conversations.broadcasts import (
    approval,
    audience_filter,
    confirm,
    draft_input,
    draft_view,
    scheduled,
)
from conversations.broadcasts.draft_context import DraftContext, edit, load_draft
from conversations.broadcasts.draft_turns import show_draft, with_button
from conversations.core.buttons.broadcasts import (
    DRAFT_ID_DIGITS,
    ApproveButton,
    DraftAction,
    DraftButton,
)
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import DiscardDraft, SaveDraft
from conversations.core.events import (
    AlbumEnded,
    CommandSent,
    Event,
    MediaSent,
    TextSent,
)
from conversations.core.replies import (
    Ask,
    EditButtons,
    EditMessage,
    EditPrompt,
    Reply,
    Say,
)
from conversations.core.turns import show, toast
from conversations.model.broadcast import (
    WAITING_STATES,
    Audience,
    Broadcast,
    BroadcastButton,
    BroadcastStatus,
    ButtonKind,
)
from conversations.model.staff_inputs import DraftPage

INPUT_PAGES = frozenset({DraftPage.CONTENT, DraftPage.LINK, DraftPage.ZONE, DraftPage.LATER})
"""The pages that wait for something typed or sent."""

_PAGES_OF_BUTTONS = frozenset(page.value for page in DraftPage) - {DraftPage.CONTENT.value}
"""The pages that a GO button can open."""

_KINDS = {DraftAction.ACT: ButtonKind.ACT, DraftAction.SHARE: ButtonKind.SHARE}
"""Which button of a broadcast is added by which button of the composer."""


# --- what staff_router calls ----------------------------------------------------------------------


def begin(context: Context) -> Turn:
    """Answer /broadcast: begin a draft, or show the one that was begun. Raises FactMissing."""
    return _taking_over(_begin(load_draft(context)))


def pressed(context: Context, button: DraftButton) -> Turn:
    """Answer a button of the composer, which names the draft. Raises FactMissing."""
    return _taking_over(_pressed(load_draft(context, button.draft), button))


def approve(context: Context, button: ApproveButton) -> Turn:
    """Answer the button of a colleague who was asked for approval. Raises FactMissing."""
    return _taking_over(approval.approve(context, button))


def advance(context: Context, event: Event, *, in_front: bool) -> Turn | None:
    """Return the answer to other events; None if the composer doesn't wait for this one. It is
    `in_front` if its panel was shown last and no letter's question waits for text.

    Raises FactMissing.
    """
    turn = _answer(context, event, in_front=in_front)
    return _taking_over(turn) if turn else None


def open_page(context: Context) -> tuple[Reply, ...]:
    """Return the open page, to show it again after a crash; nothing if no draft is open.

    Raises FactMissing.
    """
    if context.journey.composing is None:
        return ()
    draft = _open_draft(context)
    if draft.saved is None:
        return ()
    if draft.page is DraftPage.PANEL and draft.broadcast.versions:
        return (*draft_view.previews(draft), draft_view.page(draft))
    return (draft_view.page(draft),)


def asks_a_question(turn: Turn) -> bool:
    """Whether a turn of the supporter's journey asks its question, which closes the composer."""
    asked = (reply for reply in turn.replies if isinstance(reply, Ask | EditPrompt))
    return any(not (isinstance(reply, Ask) and reply.is_for_staff) for reply in asked)


def _taking_over(turn: Turn) -> Turn:
    """Return the turn of the composer: an admin is asked to type nothing else any more."""
    return replace(turn, journey=turn.journey.awaiting(None))


# --- commands and input ---------------------------------------------------------------------------


def _answer(context: Context, event: Event, *, in_front: bool) -> Turn | None:
    journey = context.journey
    waits = journey.composing is not None and journey.composing.page in INPUT_PAGES
    match event:
        case CommandSent("cancel") if waits or in_front or not (journey.asked or journey.awaits):
            return _cancelled(_open_draft(context))
        case AlbumEnded():
            draft = _open_draft(context)
            return show_draft(draft) if draft.saved else Turn(journey)
        case TextSent() | MediaSent() if waits:
            draft = _open_draft(context)
            return draft_input.received(draft, event) if draft.saved else None
        case TextSent() | MediaSent() if in_front and journey.composing:
            draft = _open_draft(context)
            return draft_input.without_button(draft, event) if draft.saved else None
        case _:
            return None


def _open_draft(context: Context) -> DraftContext:
    """Return the draft that the open page is about. Raises FactMissing."""
    composing = context.journey.composing
    return load_draft(context, composing.about if composing else "")


def _begin(draft: DraftContext) -> Turn:
    if draft.saved is not None and draft.saved.versions:
        return show_draft(draft)
    context = draft.context
    if not context.deployment.campaigns:
        return show(context, context.wording.say("home.closed"))
    first_open = next(iter(context.open_campaigns), None)
    slug = first_open.slug if first_open else next(iter(context.deployment.campaigns))
    broadcast = draft.saved or Broadcast(context.token(), Audience(slug))
    begun = draft.with_broadcast(broadcast)
    begun = begun.at(DraftPage.CONTENT, language=context.journey.language)
    return Turn(begun.context.journey, (draft_view.page(begun),), (SaveDraft(broadcast),))


def _cancelled(draft: DraftContext) -> Turn | None:
    """Answer /cancel; None if there is no draft to discard."""
    if draft.saved is None:
        return None
    return scheduled.show_waiting(draft) if draft.state in WAITING_STATES else _discard(draft)


# --- buttons --------------------------------------------------------------------------------------


def _pressed(draft: DraftContext, button: DraftButton) -> Turn:
    """Answer a button, as the state of its broadcast allows."""
    if draft.saved is None or draft.saved.id[:DRAFT_ID_DIGITS] != button.draft:
        return toast(draft.context, "toast.answered")
    draft = replace(draft, choices_page=button.page)
    action, value = button.action, button.value
    if draft.state in WAITING_STATES:
        changes = action is DraftAction.CHANGE and draft.mine
        return show_draft(edit(draft)) if changes else scheduled.pressed(draft, action, value)
    if draft.state is not BroadcastStatus.DRAFT or not draft.mine:
        return scheduled.no_longer_waits(draft)
    if not draft.broadcast.versions and action is not DraftAction.CANCEL:
        return toast(draft.context, "toast.answered")
    return _pressed_in_draft(draft, action, value)


def _pressed_in_draft(draft: DraftContext, action: DraftAction, value: str) -> Turn:
    match action:
        case DraftAction.CANCEL:
            return _discard(draft, pressed=True)
        case DraftAction.GO if value in _PAGES_OF_BUTTONS:
            return _go(draft, DraftPage(value))
        case DraftAction.WRITE if value in draft.languages:
            return confirm.edit_page(draft.at(DraftPage.CONTENT, language=value))
        case DraftAction.ACT | DraftAction.SHARE if value in draft.context.deployment.campaigns:
            label = draft.context.wording.label(f"compose.label_{action}")
            return with_button(draft, BroadcastButton(_KINDS[action], label, value))
        case DraftAction.NO_BUTTONS:
            return show_draft(draft.changed(buttons=()))
        case DraftAction.TEST:
            preview = draft_view.preview(draft, draft.context.journey.language)
            panel = draft.at(DraftPage.PANEL)
            replies = (EditButtons(()), preview, draft_view.page(panel))
            return Turn(panel.context.journey, replies)
        case DraftAction.ASK_APPROVAL:
            return approval.request_approval(draft)
        case DraftAction.AT_ONCE:
            return _save_and_open(draft.changed(at=None), DraftPage.PANEL)
        case DraftAction.RETRY_UNCERTAIN:
            return confirm.ask(draft.changed(again=not draft.broadcast.again))
        case DraftAction.COST:
            return confirm.ask_about_cost(draft)
        case DraftAction.SEND:
            return confirm.send(draft, draft.broadcast.at, value)
        case _:
            return _change_audience(draft, action, value)


def _go(draft: DraftContext, page: DraftPage) -> Turn:
    """Turn to another page."""
    if page is DraftPage.CONFIRM:
        return confirm.ask(draft)
    return confirm.edit_page(draft.at(page))


def _change_audience(draft: DraftContext, action: DraftAction, value: str) -> Turn:
    audience = audience_filter.changed_audience(draft, action, value)
    if audience is None:
        return toast(draft.context, "toast.answered")
    stays = {DraftAction.LANGUAGE: DraftPage.LANGUAGE, DraftAction.COUNTRY: DraftPage.COUNTRY}
    return _save_and_open(draft.changed(audience=audience), stays.get(action, DraftPage.PANEL))


def _save_and_open(draft: DraftContext, page: DraftPage) -> Turn:
    """Save the draft, and show `page` in place of the one whose button was pressed."""
    return confirm.edit_page(draft.at(page), SaveDraft(draft.broadcast))


def _discard(draft: DraftContext, *, pressed: bool = False) -> Turn:
    journey = replace(draft.context.journey, composing=None)
    text = draft_view.discarded(draft)
    reply = EditMessage(text) if pressed else Say(text)
    return Turn(journey, (reply,), (DiscardDraft(draft.broadcast.id),))
