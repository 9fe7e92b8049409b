"""What somebody with a role does from the chat: which of it leads where, and who may.

Whether they may is asked here, of the role that they have at this moment, before anything else:
what stands in an old menu or under an old message opens nothing.
"""

from collections.abc import Callable

from conversations import auditing, barring, linking, managing, overview, team
from conversations.events import Commanded, Event, PressedStanding, Said, Started
from conversations.moves import put, show, toast
from conversations.replies import Show
from conversations.roles import Role, token_in
from conversations.scene import Turn
from conversations.team import Office


def _audit(office: Office, _: str) -> Turn:
    told = auditing.shown(office.scene, office.audit(1))
    return show(office.scene, told.text, told.keyboard)


def _turned(office: Office, number: str) -> Turn:
    wanted = int(number) if number.isdecimal() and len(number) < 9 else 1
    told = auditing.shown(office.scene, office.audit(wanted))
    return put(office.scene, told.text, told.keyboard)


def _status(office: Office, _: str) -> Turn:
    return overview.listed(office.scene, office.condition())


def _switched(office: Office, action: str) -> Turn:
    return overview.pressed(office.scene, action, office.condition())


def _campaigns(office: Office, _: str) -> Turn:
    return managing.listed(office.here(), office.campaigns)


def _managed(office: Office, action: str) -> Turn | None:
    if action.startswith("walk:"):
        return None
    return managing.pressed(office.here(), office.campaigns, action)


def _links(office: Office, action: str) -> Turn:
    slug = action.partition(":")[0]
    if slug not in office.scene.house.campaigns:
        return toast(office.scene, "toast.gone")
    return linking.pressed(office.scene, action, office.sources(slug))


def _block(office: Office, action: str) -> Turn:
    if action == "ask":
        return barring.asked(office.scene)
    code = barring.code_in(action)
    return barring.pressed(office.scene, action, office.sender(code) if code else None)


def _typed(office: Office, text: str) -> Turn | None:
    """Take what an admin was to type; None where they were not."""
    awaits = office.scene.journey.awaits
    slug = awaits.removeprefix(linking.AWAITS)
    if awaits == barring.AWAITS:
        code = barring.code_in(text)
        return barring.typed(office.scene, text, office.sender(code) if code else None)
    if awaits.startswith(linking.AWAITS) and slug in office.scene.house.campaigns:
        return linking.typed(office.scene, slug, text, office.sources(slug))
    return None


_COMMANDS: dict[str, Callable[[Office, str], Turn]] = {
    "invite": team.invite,
    "team": lambda office, _: team.listed(office),
    "audit": _audit,
    "status": _status,
    "campaigns": _campaigns,
}
"""What admins alone may command."""

_BUTTONS: dict[str, Callable[[Office, str], Turn | None]] = {
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
        case Started(payload):
            return bool(token_in(payload))
        case PressedStanding(action):
            return action.partition(":")[0] in _BUTTONS
        case _:
            return False


def advance(office: Office, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers."""
    may = office.role is Role.ADMIN
    match event:
        case Started(payload) if token := token_in(payload):
            return team.accepted(office, token)
        case Commanded(name, argument) if may and name in _COMMANDS:
            return _COMMANDS[name](office, argument)
        case PressedStanding(action) if (kind := action.partition(":")[0]) in _BUTTONS:
            if not may:
                return toast(office.scene, "toast.no_role", alert=True)
            return _BUTTONS[kind](office, action.partition(":")[2])
        case Said(text) if may:
            return _typed(office, text)
        case Commanded("cancel") if may and office.scene.journey.awaits:
            text = office.scene.wording.say("office.cancelled")
            return Turn(office.scene.journey.awaiting(""), (Show(text),))
        case _:
            return None
