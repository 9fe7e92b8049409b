"""The second pair of eyes: a colleague looks at an update before it goes."""

import hashlib
from dataclasses import replace

from conversations.broadcasts import draft_view, scheduled
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.context import Turn
from conversations.core.effects.broadcasts import ApproveBroadcast, RequestApproval
from conversations.core.replies import (
    EditMessage,
    OtherChat,
    Reply,
    Say,
    Toast,
)
from conversations.core.turns import toast
from conversations.model.broadcast import Broadcast, BroadcastStatus


def digest(broadcast: Broadcast) -> str:
    """Return what two updates that say the same to the same people have in common."""
    words = (sorted(broadcast.versions.items()), broadcast.default, broadcast.buttons)
    said = repr((words, broadcast.audience))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def asked(desk: DraftContext) -> Turn:
    """Show it to the others who may send updates: one of them says whether it is good."""
    shown = draft_view.previews(desk)
    content = digest(desk.kept)
    others = tuple(
        OtherChat(chat, (*shown, draft_view.question(desk, desk.kept, content, language)))
        for chat, language in desk.colleagues
    )
    key = "toast.compose_asked" if others else "toast.compose_alone"
    told = Toast(desk.context.wording.label(key), alert=not others)
    effects = (RequestApproval(desk.kept.id),) if others else ()
    return Turn(desk.context.journey, (told, *others), effects)


def approved(desk: DraftContext) -> Turn:
    """Take a colleague's word for it, while the update is as they saw it."""
    review = desk.review
    if review is None:
        return toast(desk.context, "toast.answered")
    if review.state is not BroadcastStatus.DRAFT:
        return scheduled.over(replace(desk, state=review.state, mine=False))
    if review.content != digest(review.broadcast):
        return toast(desk.context, "toast.compose_changed", alert=True)
    if review.approved:
        return toast(desk.context, "toast.compose_approved")
    wording = desk.context.wording
    good = Say(draft_view.wording_of(desk, review.language).say("compose.looks_good"))
    replies: tuple[Reply, ...] = (
        EditMessage(wording.say("compose.thanks")),
        OtherChat(review.chat, (good,)),
    )
    effect = ApproveBroadcast(review.broadcast.id, review.content)
    return Turn(desk.context.journey, replies, (effect,))
