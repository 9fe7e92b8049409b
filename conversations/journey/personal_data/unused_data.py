"""The question whether saved details and subscriptions that were not used for a year may stay.

Time alone triggers the question. It names no campaign, so that it shows little on a phone.
"""

from datetime import date

from conversations.core.buttons.persistent import KeepStored, Stored
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.journey import ForgetDetails, KeepSubscriptions, UnsubscribeAll
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.core.turns import put
from conversations.text.wording import Wording


def question(wording: Wording, what: Stored, until: date) -> Say:
    """Return the question. `until` is the last day on which an answer counts."""
    keyboard: Keyboard = (
        (
            PersistentButton(wording.label("button.stored_keep"), KeepStored(what, keep=True)),
            PersistentButton(wording.label("button.stored_delete"), KeepStored(what, keep=False)),
        ),
    )
    return Say(wording.say(f"stored.ask_{what}", day=wording.day(until)), keyboard)


def answered(context: Context, button: KeepStored) -> Turn:
    """Keep what the question was about for another year, or delete it."""
    facts, language = context.facts, context.journey.language
    details = button.what is not Stored.UPDATES and facts.details is not None
    updates = button.what is not Stored.DETAILS and bool(facts.subscriptions)
    if not details and not updates:
        return put(context, context.wording.say("stored.gone"))
    effects: list[Effect] = []
    if not button.keep:
        if details:
            effects.append(ForgetDetails(language))
        if updates:
            effects.append(UnsubscribeAll(language))
        return put(context, context.wording.say("stored.deleted"), effects=tuple(effects))
    if updates:
        effects.append(KeepSubscriptions())
    # The turn is a use of the saved details: they stay for another year from now.
    return put(context, context.wording.say("stored.kept"), effects=tuple(effects))
