"""Remind me: a supporter who stops half-way can ask for one message later.

It is sent once. It names no campaign, so that it shows little on a phone. There are none in
discreet conversations.
"""

from conversations.core.buttons.persistent import (
    ContinueLetter,
    DropReminders,
    OfferReminder,
    RemindMe,
)
from conversations.core.context import Context, Turn
from conversations.core.effects.journey import DropReminder, ScheduleReminder
from conversations.core.replies import Keyboard, PersistentButton, Say
from conversations.core.turns import put, show, toast
from conversations.journey import start
from conversations.text.wording import Wording

HOURS = (1, 4, 20)
"""After how many hours people can be reminded. Answers are kept for 24 hours."""


def ask(context: Context) -> Turn:
    """Answer “later”: ask when, and leave the open question as it is."""
    text, keyboard = context.wording.say("remind.ask"), _choices(context, context.journey.campaign)
    return show(context, text, keyboard)


def offered(context: Context, button: OfferReminder) -> Turn:
    """Ask when, in the message that offered a reminder."""
    if not _is_allowed(context, button.campaign):
        return toast(context, "toast.gone")
    return put(context, context.wording.say("remind.ask"), _choices(context, button.campaign))


def chosen(context: Context, button: RemindMe) -> Turn:
    """Schedule the reminder."""
    if not _is_allowed(context, button.campaign) or button.hours not in HOURS:
        return toast(context, "toast.gone")
    effect = ScheduleReminder(button.campaign, button.hours, context.journey.language)
    text = context.wording.say("remind.set", count=button.hours)
    drop = PersistentButton(context.wording.label("button.remind_not"), DropReminders())
    return put(context, text, ((drop,),), effects=(effect,))


def dropped(context: Context) -> Turn:
    """Send no reminder."""
    return put(context, context.wording.say("remind.dropped"), effects=(DropReminder(),))


def message(wording: Wording, campaign: str) -> Say:
    """Return the reminder."""
    button = PersistentButton(wording.label("button.go_on"), ContinueLetter(campaign))
    return Say(wording.say("remind.now"), ((button,),))


def resumed(context: Context, button: ContinueLetter) -> Turn:
    """Go on where the supporter stopped, or begin again if the answers are gone."""
    return start.answer(context, button.campaign)


def _choices(context: Context, campaign: str) -> Keyboard:
    label = context.wording.label
    return tuple(
        (PersistentButton(label("button.remind_in", count=hours), RemindMe(campaign, hours)),)
        for hours in HOURS
    )


def _is_allowed(context: Context, campaign: str) -> bool:
    """Whether this person can be reminded of a letter in `campaign`, begun or not."""
    return not context.journey.is_discreet and context.takes_letters(campaign)
