"""What campaigners do with updates that were confirmed; the server knows who may."""

from dataclasses import dataclass, replace

from conversations.broadcasts import broadcast_view
from conversations.core.context import Context, Turn
from conversations.core.effects.broadcasts import BroadcastAction, ControlBroadcast
from conversations.core.fact_requests import Fact
from conversations.core.replies import EditMessage, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.model.broadcast import BroadcastState, BroadcastStatus, RecipientState

_FROM = {
    BroadcastAction.PAUSE: (BroadcastStatus.SENDING,),
    BroadcastAction.RESUME: (BroadcastStatus.PAUSED,),
    BroadcastAction.STOP: (BroadcastStatus.SENDING, BroadcastStatus.PAUSED),
    BroadcastAction.RETRY: (BroadcastStatus.DONE,),
    BroadcastAction.RECALL: (BroadcastStatus.DONE, BroadcastStatus.STOPPED),
}
"""In which states a deed makes sense."""

_HALT, _SHOW = "halt", "show"


@dataclass(frozen=True)
class BroadcastProgress(Fact[BroadcastState | None]):
    """How far a broadcast came; None if there is none with this id."""

    id: str


@dataclass(frozen=True)
class PastBroadcasts(Fact[tuple[BroadcastState, ...]]):
    """The latest broadcasts that were sent or wait to be sent, newest first."""


def pressed(context: Context, deed: str, id_: str) -> Turn:
    """Answer a button of an update's progress."""
    facts = context.fact(BroadcastProgress(id_))
    if facts is None or facts.state in (BroadcastStatus.DRAFT, BroadcastStatus.DISCARDED):
        return toast(context, "toast.update_gone")
    if deed == _HALT:
        stops = facts.state in _FROM[BroadcastAction.STOP]
        return _asked(context, facts) if stops else _too_late(context, facts)
    if deed == _SHOW:
        told = broadcast_view.progress(context.wording, facts)
        return put(context, told.text, told.keyboard)
    if deed not in {each.value for each in BroadcastAction}:
        return toast(context, "toast.answered")
    wanted = BroadcastAction(deed)
    if facts.state not in _FROM[wanted]:
        return _too_late(context, facts)
    if not _in_time(context, facts, wanted):
        return toast(context, "toast.update_old", alert=True)
    return Turn(context.journey, (), (ControlBroadcast(facts.id, wanted),))


def listed(context: Context) -> Turn:
    """Show the updates of the past, each with what can be done with it."""
    broadcasts = context.fact(PastBroadcasts())
    if not broadcasts:
        return show(context, context.wording.say("update.none"))
    told = (broadcast_view.progress(context.wording, facts) for facts in reversed(broadcasts))
    return Turn(context.journey, tuple(Say(each.text, each.keyboard) for each in told))


def _too_late(context: Context, facts: BroadcastState) -> Turn:
    """Say that it cannot be done, as when somebody was quicker, and show how it stands."""
    told = broadcast_view.progress(context.wording, facts)
    turn = toast(context, "toast.update_gone")
    return replace(turn, replies=(*turn.replies, EditMessage(told.text, told.keyboard)))


def _asked(context: Context, facts: BroadcastState) -> Turn:
    label = context.wording.label
    yes = PersistentButton(label("button.update_stop"), f"update:{BroadcastAction.STOP}:{facts.id}")
    no = PersistentButton(label("button.update_show"), f"update:{_SHOW}:{facts.id}")
    text = context.wording.say("update.sure", count=facts.counts.get(RecipientState.PENDING, 0))
    return put(context, text, ((yes,), (no,)))


def _in_time(context: Context, facts: BroadcastState, deed: BroadcastAction) -> bool:
    """Whether what was sent can still be deleted."""
    late = facts.began is not None and context.now - facts.began > broadcast_view.RECALL
    return deed is not BroadcastAction.RECALL or not late
