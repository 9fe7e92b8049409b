"""The first page for staff: what they can do, and the way to the supporters' conversation."""

from conversations.core.buttons.admin import CommandButton, StaffCommand
from conversations.core.context import Context, Turn
from conversations.core.effects.admin import SaveStaffName
from conversations.core.replies import Keyboard, PersistentButton
from conversations.core.turns import show
from conversations.model.journey import UNDER_WAY

_FOR_CAMPAIGNERS = (
    (StaffCommand.BROADCAST, StaffCommand.BROADCASTS),
    (StaffCommand.STATS, StaffCommand.SCREENS),
)

_FOR_ADMINS = (
    (StaffCommand.BROADCAST, StaffCommand.BROADCASTS),
    (StaffCommand.STATS, StaffCommand.CAMPAIGNS),
    (StaffCommand.STATUS, StaffCommand.TEAM),
)
"""The same number of rows fits a phone: /help lists the commands that have no button here."""


def home(context: Context) -> Turn:
    """Answer /start of a person with a role."""
    facts = context.facts
    text = context.wording.say(f"home.{facts.role}", name=facts.profile_name)
    name = SaveStaffName(facts.profile_name, context.journey.language)
    return show(context, text, _keyboard(context), effects=(name,))


def _keyboard(context: Context) -> Keyboard:
    rows = _FOR_ADMINS if context.facts.admin else _FOR_CAMPAIGNERS
    commands = tuple(tuple(_button(context, each, f"home_{each}") for each in row) for row in rows)
    journey = context.journey
    has_letter = journey.step in UNDER_WAY and context.takes_letters(journey.campaign)
    key = "home_letter" if has_letter else "home_story"
    return (*commands, (_button(context, StaffCommand.START, key),))


def _button(context: Context, command: StaffCommand, key: str) -> PersistentButton:
    return PersistentButton(context.wording.label(f"button.{key}"), CommandButton(command))
