"""The last questions before a broadcast is sent, and its one confirmation."""

from dataclasses import replace
from datetime import datetime

from conversations.broadcasts import draft_view
from conversations.broadcasts.draft_context import DraftContext, edit
from conversations.broadcasts.draft_turns import show_draft
from conversations.core.context import Turn
from conversations.core.effects import Effect
from conversations.core.effects.broadcasts import ConfirmBroadcast, OfferBroadcast, SaveDraft
from conversations.core.replies import EditMessage, Reply
from conversations.core.turns import toast
from conversations.model.broadcast import WAITING_STATES
from conversations.model.staff_inputs import DraftPage
from conversations.text.html import Html

TOKEN_DIGITS = 16
"""How many hex digits the token has that sends a broadcast once."""


def ask(draft: DraftContext) -> Turn:
    """Ask whether to send the broadcast; the button carries a token that is good once."""
    if draft.broadcast.replaces and draft.original is None:
        return _no_longer_edits(draft)
    if draft.needs_approval and draft.state in WAITING_STATES:
        return edit_again(draft)
    if draft.needs_approval:
        return toast(draft.context, "toast.compose_eyes", alert=True)
    token = draft.context.token()[:TOKEN_DIGITS]
    asked = replace(draft, token=token).at(DraftPage.CONFIRM)
    if asked.state in WAITING_STATES:  # the broadcast keeps its time until the button is pressed
        return edit_page(asked, OfferBroadcast(asked.broadcast.id, token))
    return edit_page(asked, SaveDraft(asked.broadcast, token))


def edit_again(draft: DraftContext) -> Turn:
    """Show a copy of a waiting broadcast whose time was changed: a colleague must approve it again.

    The broadcast keeps its time until the copy is confirmed.
    """
    return show_draft(edit(draft).changed(at=draft.broadcast.at))


def ask_about_cost(draft: DraftContext) -> Turn:
    """Ask once more if sending costs something."""
    return edit_page(draft.at(DraftPage.COST))


def send(draft: DraftContext, at: datetime | None, token: str) -> Turn:
    """Send the broadcast now, or at a time. The token is used up, so that it is sent once."""
    if not token or token != draft.token:
        return toast(draft.context, "toast.answered")
    if draft.broadcast.replaces and draft.original is None:
        return _no_longer_edits(draft)
    if at is not None and at <= draft.context.now:
        return edit_page(draft.at(DraftPage.LATER), note="compose.later_past")
    timed = draft.changed(at=at)
    if timed.needs_approval:
        return toast(draft.context, "toast.compose_eyes", alert=True)
    limits = timed.limits
    if limits.hold_until is not None:
        at = max(at or limits.hold_until, limits.hold_until)
        timed = replace(timed.changed(at=at), held=True)
    confirmed = draft_view.confirmed(timed)
    others = draft_view.notices_to_colleagues(timed)
    effect = ConfirmBroadcast(
        timed.broadcast.id,
        token,
        draft.people,
        at,
        draft.sending_now,
        timed.broadcast.replaces,
        limits,
    )
    journey = replace(draft.context.journey, composing=None)
    replies: tuple[Reply, ...] = (EditMessage(confirmed.text, confirmed.keyboard), *others)
    return Turn(journey, replies, (effect,))


def _no_longer_edits(draft: DraftContext) -> Turn:
    """Say that the broadcast that was edited was sent or cancelled: the draft is a new one now."""
    new = draft.changed(replaces="").at(DraftPage.PANEL)
    return edit_page(new, SaveDraft(new.broadcast), note="compose.original_gone")


def edit_page(draft: DraftContext, *effects: Effect, note: str = "") -> Turn:
    """Show the open page in place of the one whose button was pressed, under `note`."""
    page = draft_view.page(draft)
    text = f"{draft.context.wording.say(note)}\n\n{page.text}" if note else page.text
    return Turn(draft.context.journey, (EditMessage(Html(text), page.keyboard),), effects)
