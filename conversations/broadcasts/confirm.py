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


def asked(draft: DraftContext) -> Turn:
    """Ask whether the update is to go; the button bears a token that is good once."""
    if draft.needs_approval:
        return toast(draft.context, "toast.compose_eyes", alert=True)
    token = draft.context.token()[:16]
    at = replace(draft, token=token).at(DraftPage.CONFIRM)
    if at.state in UNSENT:  # it keeps its time until somebody presses
        return turned(at, OfferBroadcast(at.broadcast.id, token))
    return turned(at, SaveDraft(at.broadcast, token))


def cost(draft: DraftContext) -> Turn:
    """Ask once more where sending costs something."""
    return turned(draft.at(DraftPage.COST))


def confirmed(draft: DraftContext, at: datetime | None, token: str) -> Turn:
    """Send it: once, since the token is the update's own and is used up."""
    if not token or token != draft.token:
        return toast(draft.context, "toast.answered")
    if draft.needs_approval:
        return toast(draft.context, "toast.compose_eyes", alert=True)
    if at is not None and at <= draft.context.now:
        return turned(draft.at(DraftPage.LATER), note="compose.later_past")
    broadcast = replace(draft.broadcast, at=at)
    told = draft_view.confirmed(draft, broadcast)
    others = draft_view.others(draft, broadcast)
    effect = ConfirmBroadcast(broadcast.id, token, draft.people, at, draft.others_sending)
    journey = replace(draft.context.journey, composing=None)
    return Turn(journey, (EditMessage(told.text, told.keyboard), *others), (effect,))


def turned(draft: DraftContext, *effects: Effect, note: str = "") -> Turn:
    """Show the open page in place of the one that was pressed, under `note`."""
    shown = draft_view.page(draft)
    text = f"{draft.context.wording.say(note)}\n\n{shown.text}" if note else shown.text
    return Turn(draft.context.journey, (EditMessage(Html(text), shown.keyboard),), effects)
