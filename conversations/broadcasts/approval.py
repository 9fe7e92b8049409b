"""The second pair of eyes: a colleague looks at an update before it goes."""

from conversations.broadcasts import broadcast_view, draft_view, scheduled
from conversations.broadcasts.draft_context import (
    DraftById,
    DraftContext,
    content_digest,
)
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import ApproveBroadcast, RequestApproval
from conversations.core.replies import (
    EditMessage,
    OtherChat,
    Reply,
    Say,
    Toast,
)
from conversations.core.turns import toast
from conversations.model.broadcast import BroadcastStatus


def asked(draft: DraftContext) -> Turn:
    """Show it to the others who may send updates: one of them says whether it is good."""
    shown = draft_view.previews(draft)
    content = content_digest(draft.broadcast)
    others = tuple(
        OtherChat(chat, (*shown, draft_view.question(draft, draft.broadcast, content, language)))
        for chat, language in draft.colleagues
    )
    key = "toast.compose_asked" if others else "toast.compose_alone"
    told = Toast(draft.context.wording.label(key), alert=not others)
    effects = (RequestApproval(draft.broadcast.id),) if others else ()
    return Turn(draft.context.journey, (told, *others), effects)


def approved(context: Context, action: str) -> Turn:
    """Take a colleague's word for it, while the update is as they saw it."""
    id_, _, content = action.partition(":")
    draft = context.fact(DraftById(id_))
    if draft is None or draft.mine:
        return toast(context, "toast.answered")
    if draft.state is not BroadcastStatus.DRAFT:
        return scheduled.over(DraftContext(context, draft.broadcast, draft.state, mine=False))
    if content != content_digest(draft.broadcast):
        return toast(context, "toast.compose_changed", alert=True)
    if draft.approved == content:
        return toast(context, "toast.compose_approved")
    wording = broadcast_view.spoken(context.deployment, draft.language)
    replies: tuple[Reply, ...] = (
        EditMessage(context.wording.say("compose.thanks")),
        OtherChat(draft.chat, (Say(wording.say("compose.looks_good")),)),
    )
    return Turn(context.journey, replies, (ApproveBroadcast(draft.broadcast.id, content),))
