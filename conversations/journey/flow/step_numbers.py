"""The number of a question, as “1/4”: it counts what this journey asks until its review."""

from conversations.core.context import Context
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import QUESTIONS
from conversations.model.journey import OwnStep, Place, Step
from conversations.text.html import Html


def asked(context: Context, place: Place) -> tuple[str, ...]:
    """Return the keys of the numbered questions that this journey has asked, `place` included.

    A question that is asked alone has no number, and counts for none that is asked after it.
    """
    asks, key = context.journey.asks, _key(place)
    is_numbered = place in _numbered(context)
    if not is_numbered or key in asks or _counted(context, place) == (place,):
        return asks
    return (*asks, key)


def number(context: Context, place: Place) -> Html:
    """Return the number of `place`, to stand before its question; nothing where it has none.

    None has one after the first review: what is changed there is not on the way to it.
    """
    journey = context.journey
    if _key(place) not in journey.asks or journey.reviewed or journey.corrects:
        return Html("")
    counted = _counted(context, place)
    return context.wording.say("step.number", step=counted.index(place) + 1, steps=len(counted))


def _numbered(context: Context) -> tuple[Place, ...]:
    """Return the questions that have a number, in the order in which they are asked."""
    return (
        Step.NAME,
        Step.COUNTRY,
        *own_questions.places(context, Step.OWN_BEFORE),
        Step.ADDRESS,
        Step.CODE,
        *own_questions.places(context, Step.OWN_AFTER),
    )


def _counted(context: Context, place: Place) -> tuple[Place, ...]:
    """Return the numbered questions that were asked and those to come, and `place` among them."""
    numbered = _numbered(context)
    missing = {each for each in numbered if _is_missing(context, each)}
    if Step.CODE in missing:
        missing.add(Step.ADDRESS)  # no code is mailed before the address was asked
    asks = context.journey.asks
    return tuple(
        each for each in numbered if each == place or each in missing or _key(each) in asks
    )


def _is_missing(context: Context, place: Place) -> bool:
    if isinstance(place, OwnStep):
        return own_questions.is_missing(context, place.question)
    return QUESTIONS[place].is_missing(context)


def _key(place: Place) -> str:
    return f"{place.step}:{place.question}" if isinstance(place, OwnStep) else place.value
