"""A reminder letter: after “no answer”, a shorter letter to the same target, once.

It is reviewed and sent like the first one, with a consent of its own. What the supporter gave for
the first letter is used again until it is deleted, and asked again afterwards.
"""

from dataclasses import replace

from conversations.core.buttons.persistent import WriteReminder
from conversations.core.context import Context, Turn
from conversations.core.replies import EditButtons
from conversations.core.turns import toast
from conversations.journey.flow.transitions import effects_of_leaving, end, forward, interrupt
from conversations.journey.letters import reminder_target
from conversations.journey.start import new_journey
from conversations.model.campaigns.targets import Target
from conversations.model.journey import UNDER_WAY, Answers, Aside
from conversations.text.html import Html


def begin(context: Context, button: WriteReminder) -> Turn:
    """Begin the journey of a reminder, unless another letter is under way. Raises FactMissing."""
    slug = button.campaign
    target = reminder_target.find(context, button)
    if target is None:
        gone = toast(context, "toast.gone")
        return replace(gone, replies=(*gone.replies, EditButtons(())))
    if context.journey.step in UNDER_WAY:
        return interrupt(context, Aside.RESUME)
    if context.facts.sender_blocked:
        contact = context.deployment.campaigns[slug].contact
        return end(context, context.wording.say("block.barred", contact=contact))
    given = _given(context, slug)
    journey = replace(
        new_journey(context),
        campaign=slug,
        language=context.language_in(slug),
        reminds=target.id,
    )
    begun, left = context.within(journey), effects_of_leaving(context)
    return forward(begun, given, note=_note(begun, target, given), effects=left)


def _note(context: Context, target: Target, given: Answers) -> Html:
    key = "reminder_letter.begin" if given.name else "reminder_letter.asks_again"
    return context.wording.say(key, target=target.name_in(context.wording.reads))


def _given(context: Context, slug: str) -> Answers:
    """Return what the supporter gave for the first letter; nothing once it is deleted."""
    acted = context.facts.acted.get(slug)
    letters = acted.letters if acted else ()
    details = next((each.details for each in letters if each.details), None)
    if details is None:
        return Answers()
    return Answers(
        name=details.name, country=details.country, address=details.address, proved=details.proved
    )
