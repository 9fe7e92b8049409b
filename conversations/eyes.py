"""The second pair of eyes: a colleague looks at an update before it goes."""

import hashlib
from dataclasses import replace

from conversations import panel, waiting
from conversations.broadcast import Broadcast, State
from conversations.desk import Desk
from conversations.effects import ApproveBroadcast, HandRound
from conversations.moves import toast
from conversations.replies import Elsewhere, Replace, Reply, Show, Toast
from conversations.scene import Turn


def digest(broadcast: Broadcast) -> str:
    """Return what two updates that say the same to the same people have in common."""
    words = (sorted(broadcast.versions.items()), broadcast.default, broadcast.buttons)
    said = repr((words, broadcast.audience))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def asked(desk: Desk) -> Turn:
    """Show it to the others who may send updates: one of them says whether it is good."""
    shown = panel.previews(desk)
    content = digest(desk.kept)
    others = tuple(
        Elsewhere(chat, (*shown, panel.question(desk, desk.kept, content, language)))
        for chat, language in desk.colleagues
    )
    key = "toast.compose_asked" if others else "toast.compose_alone"
    told = Toast(desk.scene.wording.label(key), alert=not others)
    effects = (HandRound(desk.kept.id),) if others else ()
    return Turn(desk.scene.journey, (told, *others), effects)


def approved(desk: Desk) -> Turn:
    """Take a colleague's word for it, while the update is as they saw it."""
    review = desk.review
    if review is None:
        return toast(desk.scene, "toast.answered")
    if review.state is not State.DRAFT:
        return waiting.over(replace(desk, state=review.state, mine=False))
    if review.content != digest(review.broadcast):
        return toast(desk.scene, "toast.compose_changed", alert=True)
    if review.approved:
        return toast(desk.scene, "toast.compose_approved")
    wording = desk.scene.wording
    good = Show(panel.wording_of(desk, review.language).say("compose.looks_good"))
    replies: tuple[Reply, ...] = (
        Replace(wording.say("compose.thanks")),
        Elsewhere(review.chat, (good,)),
    )
    effect = ApproveBroadcast(review.broadcast.id, review.content)
    return Turn(desk.scene.journey, replies, (effect,))
