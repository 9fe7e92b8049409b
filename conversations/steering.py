"""What campaigners do with updates that were confirmed; the server knows who may."""

from dataclasses import replace

from conversations import updating
from conversations.broadcast import Fate, Progress, State
from conversations.effects import Deed, Steer
from conversations.moves import put, show, toast
from conversations.replies import Replace, Show, Standing
from conversations.scene import Scene, Turn

_FROM = {
    Deed.PAUSE: (State.SENDING,),
    Deed.RESUME: (State.PAUSED,),
    Deed.STOP: (State.SENDING, State.PAUSED),
    Deed.RETRY: (State.DONE,),
    Deed.RECALL: (State.DONE, State.STOPPED),
}
"""In which states a deed makes sense."""

_HALT, _SHOW = "halt", "show"


def pressed(scene: Scene, deed: str) -> Turn:
    """Answer a button of an update's progress."""
    facts = scene.known.update
    if not scene.known.campaigner:
        return toast(scene, "toast.answered")
    if facts is None or facts.state in (State.DRAFT, State.DISCARDED):
        return toast(scene, "toast.update_gone")
    if deed == _HALT:
        stops = facts.state in _FROM[Deed.STOP]
        return _asked(scene, facts) if stops else _too_late(scene, facts)
    if deed == _SHOW:
        told = updating.progress(scene.wording, facts)
        return put(scene, told.text, told.keyboard)
    if deed not in {each.value for each in Deed}:
        return toast(scene, "toast.answered")
    wanted = Deed(deed)
    if facts.state not in _FROM[wanted]:
        return _too_late(scene, facts)
    if not _in_time(scene, facts, wanted):
        return toast(scene, "toast.update_old", alert=True)
    return Turn(scene.journey, (), (Steer(facts.id, wanted),))


def listed(scene: Scene) -> Turn:
    """Show the updates of the past, each with what can be done with it."""
    if not scene.known.updates:
        return show(scene, scene.wording.say("update.none"))
    told = (updating.progress(scene.wording, facts) for facts in reversed(scene.known.updates))
    return Turn(scene.journey, tuple(Show(each.text, each.keyboard) for each in told))


def _too_late(scene: Scene, facts: Progress) -> Turn:
    """Say that it cannot be done, as when somebody was quicker, and show how it stands."""
    told = updating.progress(scene.wording, facts)
    turn = toast(scene, "toast.update_gone")
    return replace(turn, replies=(*turn.replies, Replace(told.text, told.keyboard)))


def _asked(scene: Scene, facts: Progress) -> Turn:
    label = scene.wording.label
    yes = Standing(label("button.update_stop"), f"update:{Deed.STOP}:{facts.id}")
    no = Standing(label("button.update_show"), f"update:{_SHOW}:{facts.id}")
    text = scene.wording.say("update.sure", count=facts.counts.get(Fate.PENDING, 0))
    return put(scene, text, ((yes,), (no,)))


def _in_time(scene: Scene, facts: Progress, deed: Deed) -> bool:
    """Whether what was sent can still be deleted."""
    late = facts.began is not None and scene.now - facts.began > updating.RECALL
    return deed is not Deed.RECALL or not late
