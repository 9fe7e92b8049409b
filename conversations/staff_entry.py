"""The way from the router to what answers people with a role, which is loaded when first needed.

Supporters never need it, and it is a third of `conversations`. `StaffHandlers` is a fact like any
other that takes long: it is loaded while no transaction waits. So imports of it are in functions
here, after that fact.
"""

from dataclasses import replace

from conversations.core.buttons.packing import StaffButtonData
from conversations.core.context import Context, Turn
from conversations.core.events import Event, PersistentButtonPressed, StartPressed
from conversations.core.fact_requests import StaffHandlers
from conversations.core.replies import Reply
from conversations.model.roles import token_in


def may_answer(context: Context, event: Event) -> bool:
    """Whether `staff_router` may have an answer to `event`, or the chat waits for staff's input."""
    facts, journey = context.facts, context.journey
    if facts.role or facts.lapsed_role or journey.composing or journey.awaits:
        return True
    match event:
        case StartPressed(payload):
            return bool(token_in(payload))
        case PersistentButtonPressed(StaffButtonData()):
            return True
        case _:
            return False


def answer(context: Context, event: Event) -> Turn | None:
    """Return the answer to a person with a role; None where the supporter's journey answers.

    Raises FactMissing.
    """
    context.fact(StaffHandlers())
    from conversations import staff_router

    return staff_router.advance(context, event)


def without_old_input(turn: Turn) -> Turn:
    """End what staff were asked to type, if the turn, which `answer` saw, asks another question."""
    from conversations.broadcasts import composer

    if (turn.journey.composing or turn.journey.awaits) and composer.asks_a_question(turn):
        return replace(turn, journey=replace(turn.journey, composing=None, awaits=None))
    return turn


def open_page(context: Context) -> tuple[Reply, ...]:
    """Return the page of the composer or of a new campaign, if one is open. Raises FactMissing."""
    context.fact(StaffHandlers())
    from conversations.broadcasts import composer
    from conversations.editing.new import dialogue

    return composer.open_page(context) or dialogue.open_page(context)
