"""The number of a question, as “1/4”: it counts what this part of the journey really asks."""

from conversations.core.context import Context
from conversations.journey.question import QUESTIONS
from conversations.model.journey import UNDER_WAY, Step
from conversations.text.html import Html

NUMBERED = (Step.NAME, Step.COUNTRY, Step.ADDRESS, Step.CODE)
"""The questions that have a number, in the order in which they are asked."""

_ALL_ANSWERED = frozenset({Step.REVIEW, Step.CHANGE})
"""The steps after which questions are counted again: what is changed there is no first journey."""

_KEEP_NUMBERS = (UNDER_WAY | {Step.WARNING}) - _ALL_ANSWERED
"""The steps after which the count goes on. A warning can come in the middle of a letter."""


def asked_from(context: Context, step: Step) -> tuple[Step, ...]:
    """Return the numbered questions of this part of the journey, now that `step` is asked."""
    asks = context.journey.asks
    if step not in NUMBERED:
        return asks if step in _KEEP_NUMBERS else ()
    if step in asks:
        return asks
    at = NUMBERED.index(step)
    counted = asks if len(asks) > 1 else ()  # a question that was asked alone had no number
    before = (each for each in NUMBERED[:at] if each in counted)
    after = (each for each in NUMBERED[at + 1 :] if QUESTIONS[each].is_missing(context))
    return (*before, step, *after)


def number(context: Context, step: Step) -> Html:
    """Return the number of `step`, to stand before its question; nothing where it is alone."""
    asks = context.journey.asks
    if step not in asks or len(asks) == 1 or context.journey.corrects:
        return Html("")
    return context.wording.say("step.number", step=asks.index(step) + 1, steps=len(asks))
