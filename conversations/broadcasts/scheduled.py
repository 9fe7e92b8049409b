"""A broadcast that was confirmed and waits: for its time, or for a decision if it was missed.

    scheduled, missed ─┬─ shown ───────────▶ unchanged
                       ├─ rescheduled ─────▶ scheduled
                       ├─ edited ──────────▶ unchanged, until the edited copy is confirmed
                       ├─ edit confirmed ──▶ discarded, in favour of the copy
                       ├─ sent now ────────▶ sending, after the last question
                       └─ discarded ───────▶ discarded, after a question

Until one of these happens, the broadcast stays as it is and keeps its time. A colleague may look at
it and discard it; everything else is for its author.
"""

from dataclasses import replace
from datetime import datetime

from conversations.broadcasts import confirm, draft_view
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.buttons.broadcasts import DraftAction
from conversations.core.context import Turn
from conversations.core.effects.broadcasts import DiscardDraft, RescheduleBroadcast
from conversations.core.replies import (
    EditMessage,
    OtherChat,
    Reply,
    Say,
)
from conversations.core.turns import toast
from conversations.model.broadcast import BroadcastStatus
from conversations.model.staff_inputs import DraftPage

DISCARD_CONFIRMED = "yes"
"""The value of the button that discards without another question."""

_SENT = frozenset(BroadcastStatus) - {
    BroadcastStatus.DRAFT,
    BroadcastStatus.SCHEDULED,
    BroadcastStatus.MISSED,
    BroadcastStatus.DISCARDED,
}


def pressed(draft: DraftContext, action: DraftAction, value: str) -> Turn:
    """Answer a button of a waiting broadcast; a button of an older page shows how it waits."""
    now = replace(draft, saved=replace(draft.broadcast, at=None))
    match action:
        case DraftAction.SEE:
            replies: tuple[Reply, ...] = (*draft_view.previews(draft), draft_view.waiting(draft))
            return Turn(draft.context.journey, replies)
        case DraftAction.DISCARD if value == DISCARD_CONFIRMED:
            return _discard(draft)
        case DraftAction.STOP_HELD if draft.held:
            return _discard(draft)
        case DraftAction.DISCARD:
            return _ask_discard(draft)
        case DraftAction.RESCHEDULE if draft.mine and not draft.held:
            return confirm.edit_page(draft.at(DraftPage.LATER))
        case DraftAction.SEND_NOW | DraftAction.AT_ONCE if draft.mine and not draft.held:
            return confirm.ask(now)
        case DraftAction.COST if draft.mine:
            return confirm.ask_about_cost(now)
        case DraftAction.SEND if draft.mine and value == draft.token:
            return confirm.send(draft, None, value)
        case _:
            return show_waiting(draft, pressed=True)


def reschedule(draft: DraftContext, at: datetime) -> Turn:
    """Send the broadcast at another time. The time was approved, too, so it may need approval."""
    moved = replace(draft, saved=replace(draft.broadcast, at=at))
    if moved.needs_approval:
        return confirm.edit_again(moved)
    limits = moved.limits
    if limits.hold_until is not None:
        at = max(at, limits.hold_until)
    moved = replace(
        moved.changed(at=at), state=BroadcastStatus.SCHEDULED, held=bool(limits.hold_until)
    )
    journey = replace(draft.context.journey, composing=None)
    effect = RescheduleBroadcast(moved.broadcast.id, at, limits)
    return Turn(journey, (draft_view.waiting(moved),), (effect,))


def no_longer_waits(draft: DraftContext) -> Turn:
    """Say what became of a broadcast that waits for nothing any more."""
    if draft.state in _SENT:
        return toast(draft.context, "toast.compose_sent" if draft.mine else "toast.compose_sent_by")
    discarded = draft.state is BroadcastStatus.DISCARDED
    return toast(draft.context, "toast.compose_gone" if discarded else "toast.answered")


def show_waiting(draft: DraftContext, *, pressed: bool = False) -> Turn:
    """Show how the broadcast waits: nothing has changed."""
    waiting = draft_view.waiting(draft)
    journey = replace(draft.context.journey, composing=None)
    return Turn(journey, (EditMessage(waiting.text, waiting.keyboard) if pressed else waiting,))


def _ask_discard(draft: DraftContext) -> Turn:
    yes = draft.button("button.update_drop_yes", DraftAction.DISCARD, DISCARD_CONFIRMED)
    no = draft.button("button.update_keep", DraftAction.KEEP)
    text = draft.context.wording.say("update.drop")
    return Turn(draft.context.journey, (EditMessage(text, ((yes,), (no,))),))


def _discard(draft: DraftContext) -> Turn:
    """Discard the broadcast, and tell its author if a colleague did."""
    journey = replace(draft.context.journey, composing=None)
    replies: tuple[Reply, ...] = (EditMessage(draft.context.wording.say("compose.cancelled")),)
    if not draft.mine:
        chat, language = draft.author
        wording, name = (
            draft.context.deployment.staff_wording(language),
            draft.context.facts.profile_name,
        )
        replies = (*replies, OtherChat(chat, (Say(wording.say("update.dropped_by", name=name)),)))
    return Turn(journey, replies, (DiscardDraft(draft.broadcast.id),))
