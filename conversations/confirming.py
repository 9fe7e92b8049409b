"""The last questions before an update goes, and its one confirmation."""

from dataclasses import replace
from datetime import datetime

from conversations import panel
from conversations.broadcast import UNSENT
from conversations.desk import Desk
from conversations.effects import ConfirmBroadcast, Effect, KeepDraft, OfferBroadcast
from conversations.journey import Page
from conversations.moves import toast
from conversations.replies import Replace
from conversations.rich import Html
from conversations.scene import Turn


def asked(desk: Desk) -> Turn:
    """Ask whether the update is to go; the button bears a token that is good once."""
    if desk.wants_eyes:
        return toast(desk.scene, "toast.compose_eyes", alert=True)
    token = desk.scene.token()[:16]
    at = replace(desk, token=token).at(Page.CONFIRM)
    if at.state in UNSENT:  # it keeps its time until somebody presses
        return turned(at, OfferBroadcast(at.kept.id, token))
    return turned(at, KeepDraft(at.kept, token))


def cost(desk: Desk) -> Turn:
    """Ask once more where sending costs something."""
    return turned(desk.at(Page.COST))


def confirmed(desk: Desk, at: datetime | None, token: str) -> Turn:
    """Send it: once, since the token is the update's own and is used up."""
    if not token or token != desk.token:
        return toast(desk.scene, "toast.answered")
    if desk.wants_eyes:
        return toast(desk.scene, "toast.compose_eyes", alert=True)
    if at is not None and at <= desk.scene.now:
        return turned(desk.at(Page.LATER), note="compose.later_past")
    draft = replace(desk.kept, at=at)
    told = panel.confirmed(desk, draft)
    others = panel.others(desk, draft)
    effect = ConfirmBroadcast(draft.id, token, desk.people, at, desk.going)
    journey = replace(desk.scene.journey, composing=None)
    return Turn(journey, (Replace(told.text, told.keyboard), *others), (effect,))


def turned(desk: Desk, *effects: Effect, note: str = "") -> Turn:
    """Show the open page in place of the one that was pressed, under `note`."""
    shown = panel.page(desk)
    text = f"{desk.scene.wording.say(note)}\n\n{shown.text}" if note else shown.text
    return Turn(desk.scene.journey, (Replace(Html(text), shown.keyboard),), effects)
