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


def pressed(desk: DraftContext, kind: str, what: str) -> Turn:
    """Answer a button that names an update which waits; an old one shows how it stands."""
    now = replace(desk, draft=replace(desk.kept, at=None))
    match kind, what:
        case "see", _:
            return Turn(desk.context.journey, (*draft_view.previews(desk), draft_view.waits(desk)))
        case "drop", "yes":
            return _dropped(desk)
        case "drop", _:
            return _sure(desk)
        case "time", _ if desk.mine:
            return confirm.turned(desk.at(DraftPage.LATER if desk.zone else DraftPage.ZONE))
        case (("hurry" | "now"), _) if desk.mine:
            return confirm.asked(now)
        case "cost", _ if desk.mine:
            return confirm.cost(now)
        case "send", token if desk.mine and token == desk.token:
            return confirm.confirmed(desk, None, token)
        case _:
            return stands(desk, pressed=True)


def moved(desk: DraftContext, at: datetime) -> Turn:
    """Send it at another time."""
    draft = replace(desk.kept, at=at)
    told = draft_view.waits(replace(desk, draft=draft, state=BroadcastStatus.SCHEDULED))
    journey = replace(desk.context.journey, composing=None)
    return Turn(journey, (told,), (RescheduleBroadcast(draft.id, at),))


def over(desk: DraftContext) -> Turn:
    """Tell of an update that waits for nothing any more what became of it."""
    if desk.state in _SENT:
        return toast(desk.context, "toast.compose_sent" if desk.mine else "toast.compose_sent_by")
    gone = desk.state is BroadcastStatus.DISCARDED
    return toast(desk.context, "toast.compose_gone" if gone else "toast.answered")


def stands(desk: DraftContext, *, pressed: bool = False) -> Turn:
    """Tell how it waits: nothing has changed."""
    told = draft_view.waits(desk)
    journey = replace(desk.context.journey, composing=None)
    return Turn(journey, (EditMessage(told.text, told.keyboard) if pressed else told,))


def _sure(desk: DraftContext) -> Turn:
    yes = desk.button("button.update_drop_yes", "drop:yes")
    no = desk.button("button.update_keep", "keep")
    text = desk.context.wording.say("update.drop")
    return Turn(desk.context.journey, (EditMessage(text, ((yes,), (no,))),))


def _dropped(desk: DraftContext) -> Turn:
    """Give it up, and tell its author where it was a colleague who did."""
    journey = replace(desk.context.journey, composing=None)
    replies: tuple[Reply, ...] = (EditMessage(desk.context.wording.say("compose.cancelled")),)
    if not desk.mine:
        chat, language = desk.author
        name = desk.context.facts.profile_name
        told = Say(draft_view.wording_of(desk, language).say("update.dropped_by", name=name))
        replies = (*replies, OtherChat(chat, (told,)))
    return Turn(journey, replies, (DiscardDraft(desk.kept.id),))
