"""What campaigners do with broadcasts that were confirmed: /broadcasts and its buttons."""

from dataclasses import dataclass, replace

from conversations.broadcasts import approval, broadcast_view
from conversations.core.buttons.broadcasts import ControlAction, ControlButton
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import BroadcastAction, ControlBroadcast
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditMessage, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.model.broadcast import BroadcastState, BroadcastStatus, RecipientState

_ALLOWED_IN = {
    BroadcastAction.PAUSE: (BroadcastStatus.SENDING,),
    BroadcastAction.RESUME: (BroadcastStatus.PAUSED,),
    BroadcastAction.STOP: (BroadcastStatus.SENDING, BroadcastStatus.PAUSED),
    BroadcastAction.RETRY: (BroadcastStatus.DONE,),
    BroadcastAction.RECALL: (BroadcastStatus.DONE, BroadcastStatus.STOPPED),
}
"""The states in which each action is possible."""


@dataclass(frozen=True)
class BroadcastById(Fact[BroadcastState | None]):
    """How far a broadcast came; None if there is none with this id."""

    id: str


@dataclass(frozen=True)
class RecentBroadcasts(Fact[tuple[BroadcastState, ...]]):
    """The latest broadcasts that were sent or wait to be sent, newest first."""


def listed(context: Context) -> Turn:
    """Answer /broadcasts: show the latest broadcasts, each with its buttons."""
    broadcasts = context.fact(RecentBroadcasts())
    if not broadcasts:
        return show(context, context.wording.say("update.none"))
    messages = (broadcast_view.progress(context.wording, each) for each in reversed(broadcasts))
    return Turn(context.journey, tuple(Say(each.text, each.keyboard) for each in messages))


def pressed(context: Context, button: ControlButton) -> Turn:
    """Answer a button under the progress of a broadcast, if the broadcast's state allows it."""
    progress = context.fact(BroadcastById(button.broadcast))
    if progress is None or progress.state in (BroadcastStatus.DRAFT, BroadcastStatus.DISCARDED):
        return toast(context, "toast.update_gone")
    match button.action:
        case ControlAction.ASK_STOP:
            if progress.state in _ALLOWED_IN[BroadcastAction.STOP]:
                return _ask_stop(context, progress)
            return _too_late(context, progress)
        case ControlAction.SHOW:
            message = broadcast_view.progress(context.wording, progress)
            return put(context, message.text, message.keyboard)
        case other:
            return _control(context, progress, BroadcastAction(other.value))


def _control(context: Context, progress: BroadcastState, action: BroadcastAction) -> Turn:
    if progress.state not in _ALLOWED_IN[action]:
        return _too_late(context, progress)
    if action is BroadcastAction.RESUME and progress.why == broadcast_view.UNRELEASED:
        return _too_late(context, progress)
    if action is BroadcastAction.RECALL and not _can_be_recalled(context, progress):
        return toast(context, "toast.update_old", alert=True)
    approves = action is BroadcastAction.RESUME and progress.why == broadcast_view.UNAPPROVED
    if approves and progress.mine:
        return toast(context, "toast.update_unapproved", alert=True)
    if approves and approval.is_new(context):
        return toast(context, "toast.compose_new", alert=True)
    return Turn(context.journey, (), (ControlBroadcast(progress.id, action, approves),))


def _too_late(context: Context, progress: BroadcastState) -> Turn:
    """Say that the action isn't possible any more, and show the progress as it is now."""
    message = broadcast_view.progress(context.wording, progress)
    turn = toast(context, "toast.update_gone")
    return replace(turn, replies=(*turn.replies, EditMessage(message.text, message.keyboard)))


def _ask_stop(context: Context, progress: BroadcastState) -> Turn:
    label = context.wording.label
    yes = ControlButton(ControlAction.STOP, progress.id)
    no = ControlButton(ControlAction.SHOW, progress.id)
    keyboard = (
        (PersistentButton(label("button.update_stop"), yes),),
        (PersistentButton(label("button.update_show"), no),),
    )
    pending = progress.counts.get(RecipientState.PENDING, 0)
    return put(context, context.wording.say("update.sure", count=pending), keyboard)


def _can_be_recalled(context: Context, progress: BroadcastState) -> bool:
    """Whether Telegram still lets the bot delete the messages."""
    began = progress.began
    return began is None or context.now - began <= broadcast_view.RECALL_PERIOD
