"""The last questions before an update goes, and its one confirmation."""

from dataclasses import replace
from datetime import datetime

from conversations.broadcasts import draft_view
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.context import Turn
from conversations.core.effects import Effect
from conversations.core.effects.broadcasts import ConfirmBroadcast, OfferBroadcast, SaveDraft
from conversations.core.replies import EditMessage
from conversations.core.turns import toast
from conversations.model.broadcast import UNSENT
from conversations.model.journey import DraftPage
from conversations.text.html import Html


def asked(desk: DraftContext) -> Turn:
    """Ask whether the update is to go; the button bears a token that is good once."""
    if desk.wants_eyes:
        return toast(desk.context, "toast.compose_eyes", alert=True)
    token = desk.context.token()[:16]
    at = replace(desk, token=token).at(DraftPage.CONFIRM)
    if at.state in UNSENT:  # it keeps its time until somebody presses
        return turned(at, OfferBroadcast(at.kept.id, token))
    return turned(at, SaveDraft(at.kept, token))


def cost(desk: DraftContext) -> Turn:
    """Ask once more where sending costs something."""
    return turned(desk.at(DraftPage.COST))


def confirmed(desk: DraftContext, at: datetime | None, token: str) -> Turn:
    """Send it: once, since the token is the update's own and is used up."""
    if not token or token != desk.token:
        return toast(desk.context, "toast.answered")
    if desk.wants_eyes:
        return toast(desk.context, "toast.compose_eyes", alert=True)
    if at is not None and at <= desk.context.now:
        return turned(desk.at(DraftPage.LATER), note="compose.later_past")
    draft = replace(desk.kept, at=at)
    told = draft_view.confirmed(desk, draft)
    others = draft_view.others(desk, draft)
    effect = ConfirmBroadcast(draft.id, token, desk.people, at, desk.going)
    journey = replace(desk.context.journey, composing=None)
    return Turn(journey, (EditMessage(told.text, told.keyboard), *others), (effect,))


def turned(desk: DraftContext, *effects: Effect, note: str = "") -> Turn:
    """Show the open page in place of the one that was pressed, under `note`."""
    shown = draft_view.page(desk)
    text = f"{desk.context.wording.say(note)}\n\n{shown.text}" if note else shown.text
    return Turn(desk.context.journey, (EditMessage(Html(text), shown.keyboard),), effects)
