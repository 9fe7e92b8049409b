"""What campaigners do with updates that were confirmed; the server knows who may."""

from dataclasses import replace

from conversations.broadcasts import broadcast_view
from conversations.core.context import Context, Turn
from conversations.core.effects import Deed, Steer
from conversations.core.replies import Replace, Show, Standing
from conversations.core.turns import put, show, toast
from conversations.model.broadcast import Fate, Progress, State

_FROM = {
    Deed.PAUSE: (State.SENDING,),
    Deed.RESUME: (State.PAUSED,),
    Deed.STOP: (State.SENDING, State.PAUSED),
    Deed.RETRY: (State.DONE,),
    Deed.RECALL: (State.DONE, State.STOPPED),
}
"""In which states a deed makes sense."""

_HALT, _SHOW = "halt", "show"


def pressed(context: Context, deed: str) -> Turn:
    """Answer a button of an update's progress."""
    facts = context.known.update
    if not context.known.campaigner:
        return toast(context, "toast.answered")
    if facts is None or facts.state in (State.DRAFT, State.DISCARDED):
        return toast(context, "toast.update_gone")
    if deed == _HALT:
        stops = facts.state in _FROM[Deed.STOP]
        return _asked(context, facts) if stops else _too_late(context, facts)
    if deed == _SHOW:
        told = broadcast_view.progress(context.wording, facts)
        return put(context, told.text, told.keyboard)
    if deed not in {each.value for each in Deed}:
        return toast(context, "toast.answered")
    wanted = Deed(deed)
    if facts.state not in _FROM[wanted]:
        return _too_late(context, facts)
    if not _in_time(context, facts, wanted):
        return toast(context, "toast.update_old", alert=True)
    return Turn(context.journey, (), (Steer(facts.id, wanted),))


def listed(context: Context) -> Turn:
    """Show the updates of the past, each with what can be done with it."""
    if not context.known.updates:
        return show(context, context.wording.say("update.none"))
    told = (
        broadcast_view.progress(context.wording, facts) for facts in reversed(context.known.updates)
    )
    return Turn(context.journey, tuple(Show(each.text, each.keyboard) for each in told))


def _too_late(context: Context, facts: Progress) -> Turn:
    """Say that it cannot be done, as when somebody was quicker, and show how it stands."""
    told = broadcast_view.progress(context.wording, facts)
    turn = toast(context, "toast.update_gone")
    return replace(turn, replies=(*turn.replies, Replace(told.text, told.keyboard)))


def _asked(context: Context, facts: Progress) -> Turn:
    label = context.wording.label
    yes = Standing(label("button.update_stop"), f"update:{Deed.STOP}:{facts.id}")
    no = Standing(label("button.update_show"), f"update:{_SHOW}:{facts.id}")
    text = context.wording.say("update.sure", count=facts.counts.get(Fate.PENDING, 0))
    return put(context, text, ((yes,), (no,)))


def _in_time(context: Context, facts: Progress, deed: Deed) -> bool:
    """Whether what was sent can still be deleted."""
    late = facts.began is not None and context.now - facts.began > broadcast_view.RECALL
    return deed is not Deed.RECALL or not late
