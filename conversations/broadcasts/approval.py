"""A colleague's approval of a broadcast before it is sent."""

from conversations.broadcasts import draft_view, scheduled
from conversations.broadcasts.draft_context import DraftContext
from conversations.broadcasts.draft_facts import DraftById
from conversations.core.buttons.broadcasts import ApproveButton
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import ApproveBroadcast, RequestApproval
from conversations.core.fact_requests import TeamMembers
from conversations.core.replies import (
    EditMessage,
    OtherChat,
    Reply,
    Say,
    Toast,
)
from conversations.core.turns import toast
from conversations.model.broadcast import BroadcastKind, BroadcastStatus


def is_new(context: Context) -> bool:
    """Whether the person joined too lately to approve what others send. Raises FactMissing."""
    me = context.facts.member_id
    return any(each.id == me and each.is_new for each in context.fact(TeamMembers()))


def request_approval(draft: DraftContext) -> Turn:
    """Show the broadcast to all colleagues: one of them can approve it."""
    previews = draft_view.previews(draft)
    content = draft.broadcast.digest
    others = tuple(
        OtherChat(chat, (*previews, draft_view.approval_request(draft, content, language)))
        for chat, language in draft.colleagues
    )
    key = "toast.compose_asked" if others else "toast.compose_alone"
    asked = Toast(draft.context.wording.label(key), alert=not others)
    effects = (RequestApproval(draft.broadcast.id),) if others else ()
    return Turn(draft.context.journey, (asked, *others), effects)


def approve(context: Context, button: ApproveButton) -> Turn:
    """Approve a colleague's draft, unless it changed since the person saw it."""
    draft = context.fact(DraftById(button.draft))
    if draft is None or draft.mine or draft.broadcast.kind is BroadcastKind.NOTICE:
        return toast(context, "toast.answered")
    if is_new(context):
        return toast(context, "toast.compose_new", alert=True)
    if draft.state is not BroadcastStatus.DRAFT:
        return scheduled.no_longer_waits(
            DraftContext(context, draft.broadcast, draft.state, mine=False)
        )
    if button.content != draft.broadcast.digest:
        return toast(context, "toast.compose_changed", alert=True)
    if draft.approved == button.content:
        return toast(context, "toast.compose_approved")
    wording = context.deployment.staff_wording(draft.language)
    replies: tuple[Reply, ...] = (
        EditMessage(context.wording.say("compose.thanks")),
        OtherChat(draft.chat, (Say(wording.say("compose.looks_good")),)),
    )
    effect = ApproveBroadcast(draft.broadcast.id, button.content)
    return Turn(context.journey, replies, (effect,))
