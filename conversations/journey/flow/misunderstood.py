"""Answers that the open question could not use: after the second in a row, a person can help."""

from dataclasses import replace

from conversations.core.context import Context, Turn
from conversations.core.events import Event, MediaSent, TextSent
from conversations.core.fact_requests import AddressInUse
from conversations.core.replies import Ask, EditPrompt, Say
from conversations.journey.small_talk import contact
from conversations.model.journey import IN_CAMPAIGN, Journey, Step
from conversations.text.html import Html
from conversations.text.typed.codes import CodeProblem, read_code

_HELP_AFTER = 2
"""After how many answers in a row the contact is named."""

_ASKING = IN_CAMPAIGN | {Step.CHOOSE}
"""The steps at which something is asked."""


def counted(context: Context, event: Event, turn: Turn) -> Turn:
    """Count `event` in the journey if its answer leads nowhere, and name who can help.

    Anything that is understood begins the count again.
    """
    before = context.journey
    count = before.misunderstood + 1 if _leads_nowhere(context, event, turn) else 0
    if count != turn.journey.misunderstood:
        turn = replace(turn, journey=replace(turn.journey, misunderstood=count))
    if count < _HELP_AFTER or not turn.replies:
        return turn
    *others, last = turn.replies
    if not isinstance(last, Ask | EditPrompt | Say):
        return turn
    help_ = context.wording.say("other.contact", contact=contact(context))
    last = replace(last, text=Html(f"{last.text}\n\n{help_}"))
    return replace(turn, replies=(*others, last))


def _leads_nowhere(context: Context, event: Event, turn: Turn) -> bool:
    """Whether something typed or sent changed nothing: the same question is still open.

    A wrong code is understood: its answer says how many tries are left. So is an address about
    which something is stored: its answer says when the next code can be mailed, or that its owner
    wants none.
    """
    before, after = context.journey, turn.journey
    return (
        isinstance(event, TextSent | MediaSent)
        and before.step in _ASKING
        and not _is_code(before, event)
        and not _is_address(context)
        and not turn.effects
        and (before.step, before.campaign) == (after.step, after.campaign)
        and before.answers == after.answers
    )


def _is_code(journey: Journey, event: Event) -> bool:
    """Return whether a code was typed at the question for the code."""
    typed = event.text if isinstance(event, TextSent) and journey.step is Step.CODE else ""
    return not isinstance(read_code(typed), CodeProblem)


def _is_address(context: Context) -> bool:
    """Whether an address was typed that takes mail: only then is it looked up."""
    return any(isinstance(each, AddressInUse) for each in context.loaded)
