"""What somebody with a role does from the chat: which of it leads where, and who may.

Whether they may is asked here, of the role that they have at this moment, before anything else:
what stands in an old menu or under an old message opens nothing.
"""

from collections.abc import Callable

from conversations.admin import (
    audit_log,
    block_sender,
    campaigns,
    links,
    status,
    team,
)
from conversations.admin.team import StaffContext
from conversations.core.context import Turn
from conversations.core.events import (
    CommandSent,
    Event,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
)
from conversations.core.replies import Say
from conversations.core.turns import put, show, toast
from conversations.model.roles import Role, token_in


def _audit(office: StaffContext, _: str) -> Turn:
    told = audit_log.shown(office.context, office.audit(1))
    return show(office.context, told.text, told.keyboard)


def _turned(office: StaffContext, number: str) -> Turn:
    wanted = int(number) if number.isdecimal() and len(number) < 9 else 1
    told = audit_log.shown(office.context, office.audit(wanted))
    return put(office.context, told.text, told.keyboard)


def _status(office: StaffContext, _: str) -> Turn:
    return status.listed(office.context, office.condition())


def _switched(office: StaffContext, action: str) -> Turn:
    return status.pressed(office.context, action, office.condition())


def _campaigns(office: StaffContext, _: str) -> Turn:
    return campaigns.listed(office.here(), office.campaigns)


def _managed(office: StaffContext, action: str) -> Turn | None:
    if action.startswith("walk:"):
        return None
    return campaigns.pressed(office.here(), office.campaigns, action)


def _links(office: StaffContext, action: str) -> Turn:
    slug = action.partition(":")[0]
    if slug not in office.context.deployment.campaigns:
        return toast(office.context, "toast.gone")
    return links.pressed(office.context, action, office.sources(slug))


def _block(office: StaffContext, action: str) -> Turn:
    if action == "ask":
        return block_sender.asked(office.context)
    code = block_sender.code_in(action)
    return block_sender.pressed(office.context, action, office.sender(code) if code else None)


def _typed(office: StaffContext, text: str) -> Turn | None:
    """Take what an admin was to type; None where they were not."""
    awaits = office.context.journey.awaits
    slug = awaits.removeprefix(links.AWAITS)
    if awaits == block_sender.AWAITS:
        code = block_sender.code_in(text)
        return block_sender.typed(office.context, text, office.sender(code) if code else None)
    if awaits.startswith(links.AWAITS) and slug in office.context.deployment.campaigns:
        return links.typed(office.context, slug, text, office.sources(slug))
    return None


_COMMANDS: dict[str, Callable[[StaffContext, str], Turn]] = {
    "invite": team.invite,
    "team": lambda office, _: team.listed(office),
    "audit": _audit,
    "status": _status,
    "campaigns": _campaigns,
}
"""What admins alone may command."""

_BUTTONS: dict[str, Callable[[StaffContext, str], Turn | None]] = {
    "invite": team.invite,
    "team": team.pressed,
    "audit": _turned,
    "status": _switched,
    "campaigns": _managed,
    "links": _links,
    "block": _block,
}
"""What the buttons of admins begin with."""


def concerns(event: Event) -> bool:
    """Whether `event` is answered here even where the person has no role."""
    match event:
        case StartPressed(payload):
            return bool(token_in(payload))
        case PersistentButtonPressed(str() as action):
            return action.partition(":")[0] in _BUTTONS
        case _:
            return False


def advance(office: StaffContext, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers."""
    may = office.role is Role.ADMIN
    match event:
        case StartPressed(payload) if token := token_in(payload):
            return team.accepted(office, token)
        case CommandSent(name, argument) if may and name in _COMMANDS:
            return _COMMANDS[name](office, argument)
        case PersistentButtonPressed(str() as action) if action.partition(":")[0] in _BUTTONS:
            kind = action.partition(":")[0]
            if not may:
                return toast(office.context, "toast.no_role", alert=True)
            return _BUTTONS[kind](office, action.partition(":")[2])
        case TextSent(text) if may:
            return _typed(office, text)
        case CommandSent("cancel") if may and office.context.journey.awaits:
            text = office.context.wording.say("office.cancelled")
            return Turn(office.context.journey.awaiting(""), (Say(text),))
        case _:
            return None
