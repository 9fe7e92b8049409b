"""An update that was confirmed and waits: for its time, or for a word, since its time was missed.

    scheduled, missed ─┬─ seen ──────────▶ as it was
                       ├─ another time ──▶ scheduled
                       ├─ changed ───────▶ draft
                       ├─ sent now ──────▶ sending, after the last question
                       └─ cancelled ─────▶ discarded, after a question

Until one of these is done it stays as it is, and keeps its time. A colleague may look at it, and
cancel it; the rest is its author's.
"""

from dataclasses import replace
from datetime import datetime

from conversations.broadcasts import confirm, draft_view
from conversations.broadcasts.draft_context import DraftContext
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
from conversations.model.journey import DraftPage

_SENT = frozenset(BroadcastStatus) - {
    BroadcastStatus.DRAFT,
    BroadcastStatus.SCHEDULED,
    BroadcastStatus.MISSED,
    BroadcastStatus.DISCARDED,
}


def pressed(draft: DraftContext, kind: str, what: str) -> Turn:
    """Answer a button that names an update which waits; an old one shows how it stands."""
    now = replace(draft, saved=replace(draft.broadcast, at=None))
    match kind, what:
        case "see", _:
            return Turn(
                draft.context.journey, (*draft_view.previews(draft), draft_view.waits(draft))
            )
        case "drop", "yes":
            return _dropped(draft)
        case "drop", _:
            return _sure(draft)
        case "time", _ if draft.mine:
            return confirm.turned(draft.at(DraftPage.LATER if draft.zone else DraftPage.ZONE))
        case (("hurry" | "now"), _) if draft.mine:
            return confirm.asked(now)
        case "cost", _ if draft.mine:
            return confirm.cost(now)
        case "send", token if draft.mine and token == draft.token:
            return confirm.confirmed(draft, None, token)
        case _:
            return stands(draft, pressed=True)


def moved(draft: DraftContext, at: datetime) -> Turn:
    """Send it at another time."""
    broadcast = replace(draft.broadcast, at=at)
    told = draft_view.waits(replace(draft, saved=broadcast, state=BroadcastStatus.SCHEDULED))
    journey = replace(draft.context.journey, composing=None)
    return Turn(journey, (told,), (RescheduleBroadcast(broadcast.id, at),))


def over(draft: DraftContext) -> Turn:
    """Tell of an update that waits for nothing any more what became of it."""
    if draft.state in _SENT:
        return toast(draft.context, "toast.compose_sent" if draft.mine else "toast.compose_sent_by")
    gone = draft.state is BroadcastStatus.DISCARDED
    return toast(draft.context, "toast.compose_gone" if gone else "toast.answered")


def stands(draft: DraftContext, *, pressed: bool = False) -> Turn:
    """Tell how it waits: nothing has changed."""
    told = draft_view.waits(draft)
    journey = replace(draft.context.journey, composing=None)
    return Turn(journey, (EditMessage(told.text, told.keyboard) if pressed else told,))


def _sure(draft: DraftContext) -> Turn:
    yes = draft.button("button.update_drop_yes", "drop:yes")
    no = draft.button("button.update_keep", "keep")
    text = draft.context.wording.say("update.drop")
    return Turn(draft.context.journey, (EditMessage(text, ((yes,), (no,))),))


def _dropped(draft: DraftContext) -> Turn:
    """Give it up, and tell its author where it was a colleague who did."""
    journey = replace(draft.context.journey, composing=None)
    replies: tuple[Reply, ...] = (EditMessage(draft.context.wording.say("compose.cancelled")),)
    if not draft.mine:
        chat, language = draft.author
        name = draft.context.facts.profile_name
        told = Say(draft_view.wording_of(draft, language).say("update.dropped_by", name=name))
        replies = (*replies, OtherChat(chat, (told,)))
    return Turn(journey, replies, (DiscardDraft(draft.broadcast.id),))
