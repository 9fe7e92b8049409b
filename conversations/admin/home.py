"""The first two pages for staff: what they can do, and the way to the supporters' conversation."""

from conversations.core.buttons.admin import CommandButton, StaffCommand
from conversations.core.context import Context, Turn
from conversations.core.effects.admin import SaveStaffName
from conversations.core.replies import Keyboard, PersistentButton
from conversations.core.turns import put, show
from conversations.model.journey import UNDER_WAY
from conversations.text.html import Html

_FOR_CAMPAIGNERS = (
    (StaffCommand.BROADCAST, StaffCommand.BROADCASTS),
    (StaffCommand.STATS, StaffCommand.CAMPAIGNS),
    (StaffCommand.SCREENS, StaffCommand.MORE),
)

_MORE_FOR_CAMPAIGNERS = ((StaffCommand.PAUSE, StaffCommand.PANIC),)

_FOR_ADMINS = (
    (StaffCommand.BROADCAST, StaffCommand.BROADCASTS),
    (StaffCommand.STATS, StaffCommand.CAMPAIGNS),
    (StaffCommand.STATUS, StaffCommand.MORE),
)
"""With the way to the supporters' conversation, as many buttons as a panel has. /export is a button
under the figures.
"""

_MORE_FOR_ADMINS = (
    (StaffCommand.TEAM, StaffCommand.AUDIT),
    (StaffCommand.SCREENS, StaffCommand.NOTICE),
    *_MORE_FOR_CAMPAIGNERS,
)
"""/invite is a button under the team."""


def home(context: Context) -> Turn:
    """Answer /start of a person with a role."""
    facts = context.facts
    name = SaveStaffName(facts.profile_name, context.journey.language)
    return show(context, _text(context), _keyboard(context), effects=(name,))


def back(context: Context) -> Turn:
    """Turn back to the first page."""
    return put(context, _text(context), _keyboard(context))


def more(context: Context) -> Turn:
    """Turn to the second page."""
    rows = _MORE_FOR_ADMINS if context.facts.admin else _MORE_FOR_CAMPAIGNERS
    to_home = PersistentButton(
        context.wording.label("button.back"), CommandButton(StaffCommand.HOME)
    )
    return put(context, context.wording.say("home.more"), (*_commands(context, rows), (to_home,)))


def _text(context: Context) -> Html:
    return context.wording.say(f"home.{context.facts.role}", name=context.facts.profile_name)


def _keyboard(context: Context) -> Keyboard:
    rows = _FOR_ADMINS if context.facts.admin else _FOR_CAMPAIGNERS
    journey = context.journey
    has_letter = journey.step in UNDER_WAY and context.takes_letters(journey.campaign)
    key = "home_letter" if has_letter else "home_story"
    return (*_commands(context, rows), (_button(context, StaffCommand.START, key),))


def _commands(context: Context, rows: tuple[tuple[StaffCommand, ...], ...]) -> Keyboard:
    return tuple(tuple(_button(context, each, f"home_{each}") for each in row) for row in rows)


def _button(context: Context, command: StaffCommand, key: str) -> PersistentButton:
    return PersistentButton(context.wording.label(f"button.{key}"), CommandButton(command))
