"""The number of a question, as “1/4”: it counts what this journey asks until its review."""

from conversations.core.context import Context
from conversations.journey.question import QUESTIONS
from conversations.model.journey import Step
from conversations.text.html import Html

NUMBERED = (Step.NAME, Step.COUNTRY, Step.ADDRESS, Step.CODE)
"""The questions that have a number, in the order in which they are asked."""


def asked(context: Context, step: Step) -> tuple[Step, ...]:
    """Return the numbered questions that this journey has asked, now that `step` is asked too.

    A question that is asked alone has no number, and counts for none that is asked after it.
    """
    asks = context.journey.asks
    if step not in NUMBERED or step in asks or _counted(context, step) == (step,):
        return asks
    return (*asks, step)


def number(context: Context, step: Step) -> Html:
    """Return the number of `step`, to stand before its question; nothing where it has none.

    None has one after the first review: what is changed there is not on the way to it.
    """
    journey = context.journey
    if step not in journey.asks or journey.reviewed or journey.corrects:
        return Html("")
    counted = _counted(context, step)
    return context.wording.say("step.number", step=counted.index(step) + 1, steps=len(counted))


def _counted(context: Context, step: Step) -> tuple[Step, ...]:
    """Return the numbered questions that were asked and those to come, and `step` among them."""
    missing = {each for each in NUMBERED if QUESTIONS[each].is_missing(context)}
    if Step.CODE in missing:
        missing.add(Step.ADDRESS)  # no code is mailed before the address was asked
    return tuple(each for each in NUMBERED if each in {step, *context.journey.asks, *missing})
