"""What admins do from the chat. Whether the presser is one is known from the server, each time."""

from dataclasses import replace

from conversations import alerts
from conversations.effects import (
    Effect,
    LeaveDoubtful,
    Resume,
    SeenBounced,
    SendDoubtful,
    TakeAlert,
    TryServer,
)
from conversations.known import AlertFacts, AlertKind, Holder
from conversations.moves import put, toast
from conversations.replies import Replace, Show, Toast
from conversations.scene import Scene, Turn


def pressed(scene: Scene, kind: str, slug: str) -> Turn:
    """Answer an admin's standing button about the campaign `slug`, once: it is decided then."""
    facts = scene.known.alert
    if not scene.known.admin:
        return toast(scene, "toast.answered")
    if kind == alerts.TAKE:
        return _taken(scene, facts)
    if facts is None or facts.about != slug:
        over = alerts.BUTTONS.get(kind) is AlertKind.REFUSED
        return toast(scene, "toast.running" if over else "toast.answered")
    match kind:
        case "show":
            return _shown(scene, facts)
        case "try":
            trying = Toast(scene.wording.label("toast.trying"))
            return Turn(scene.journey, (trying,), (TryServer(),))
        case "resume":
            return _done(scene, slug, "running.resumed", Resume(slug))
        case "again":
            return _done(scene, slug, "running.sent_again", SendDoubtful(slug))
        case "seen":
            return _done(scene, slug, "running.seen", SeenBounced(slug))
        case _:
            return _done(scene, slug, "running.left", LeaveDoubtful(slug))


def _taken(scene: Scene, facts: AlertFacts | None) -> Turn:
    """Let the presser have an alert, if nobody has got it yet."""
    if facts is None or facts.kind not in alerts.NEED_A_HAND:
        return toast(scene, "toast.answered")
    if facts.holder is not None:
        key = "toast.held_mine" if facts.holder.mine else "toast.held"
        return toast(scene, key, name=facts.holder.name or "…")
    name = scene.known.profile_name
    mine = replace(facts, holder=Holder(name, scene.now, mine=True))
    shown = alerts.alert(scene.house, scene.journey.language, mine)
    effects = (TakeAlert(facts.id, facts.kind, name),)
    return Turn(scene.journey, (Replace(shown.text, shown.keyboard),), effects)


def _done(scene: Scene, slug: str, key: str, effect: Effect) -> Turn:
    title = alerts.title(scene.house, scene.journey.language, slug)
    return put(scene, scene.wording.say(key, title=title), effects=(effect,))


def _shown(scene: Scene, facts: AlertFacts) -> Turn:
    """Tell how a paused campaign stands, in a message of its own."""
    text = scene.wording.say(
        "running.paused",
        title=alerts.title(scene.house, scene.journey.language, facts.about),
        waiting=facts.waiting,
        said=alerts.said(scene.wording, facts.smtp_code, facts.smtp_text),
    )
    return Turn(scene.journey, (Show(text, alerts.refused_buttons(scene.wording, facts)),))
