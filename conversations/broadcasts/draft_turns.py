"""Turns that show a draft: all of it, or a button that was added."""

from dataclasses import replace

from conversations.broadcasts import draft_view
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.context import Turn
from conversations.core.effects.broadcasts import SaveDraft
from conversations.core.replies import Reply
from conversations.model.broadcast import BroadcastButton, BroadcastStatus
from conversations.model.staff_inputs import DraftPage


def show_draft(draft: DraftContext) -> Turn:
    """Save the draft; show each version as its subscribers see it, and the panel under them."""
    shown = replace(draft, state=BroadcastStatus.DRAFT).at(DraftPage.PANEL)
    replies: tuple[Reply, ...] = (*draft_view.previews(shown), draft_view.page(shown))
    return Turn(shown.context.journey, replies, (SaveDraft(shown.broadcast),))


def with_button(draft: DraftContext, button: BroadcastButton) -> Turn:
    """Add a button to the broadcast, in place of one with the same label."""
    others = tuple(each for each in draft.broadcast.buttons if each.label != button.label)
    return show_draft(draft.changed(buttons=(*others, button)))
