"""What people with a role do in the chat: each command and button, the role it needs, its handler.

The role is checked here, for each event, as it is at that moment. A button in an old message, or a
command in an old menu, does nothing for a person who lost the role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations.admin import (
    alert_actions,
    alerts,
    audit_log,
    block_sender,
    campaigns,
    links,
    status,
    team,
)
from conversations.broadcasts import broadcast_control, composer
from conversations.core.context import Context, Turn
from conversations.core.events import (
    CommandSent,
    Event,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
)
from conversations.core.replies import Say
from conversations.core.turns import toast
from conversations.journey import start
from conversations.model.roles import Role, token_in
from conversations.stats import stats


@dataclass(frozen=True)
class Route:
    """Who may use a command or a button, and what answers it."""

    role: Role
    """The role that is needed. Admins may do what campaigners may."""

    handler: Callable[[Context, str], Turn]
    """Takes the context, and the command's argument or what follows the button's prefix."""

    refusal: str = "toast.answered"
    """What a person without the role reads when they press the button."""

    def allows(self, role: Role | None) -> bool:
        """Whether a person with `role` may use it."""
        return role in (self.role, Role.ADMIN)


def _campaigner(handler: Callable[[Context, str], Turn]) -> Route:
    return Route(Role.CAMPAIGNER, handler)


def _admin(handler: Callable[[Context, str], Turn]) -> Route:
    return Route(Role.ADMIN, handler, "toast.no_role")


def _alert(kind: str) -> Route:
    return Route(Role.ADMIN, lambda context, about: alert_actions.pressed(context, kind, about))


def _update(context: Context, action: str) -> Turn:
    deed, _, id_ = action.partition(":")
    return broadcast_control.pressed(context, deed, id_)


def _stats(context: Context, action: str) -> Turn:
    deed, slug, period = (*action.split(":"), "", "")[:3]
    return stats.pressed(context, deed, slug, period)


def _try(context: Context, slug: str) -> Turn:
    """Begin a supporter's journey, as an admin who tries a campaign in test mode."""
    if not (context.takes_letters(slug) and context.tests(slug)):
        return toast(context, "toast.gone")
    return start.enter(context, slug, "")


def _campaigns(context: Context, action: str) -> Turn:
    if action.startswith("walk:"):
        return _try(context, action.removeprefix("walk:"))
    return campaigns.pressed(context, action)


COMMANDS: Mapping[str, Route] = {
    "broadcast": _campaigner(lambda context, _: composer.begun(context)),
    "broadcasts": _campaigner(lambda context, _: broadcast_control.listed(context)),
    "stats": _campaigner(lambda context, argument: stats.commanded(context, "stats", argument)),
    "export": _campaigner(lambda context, argument: stats.commanded(context, "export", argument)),
    "status": _admin(lambda context, _: status.listed(context)),
    "campaigns": _admin(lambda context, _: campaigns.listed(context)),
    "team": _admin(lambda context, _: team.listed(context)),
    "invite": _admin(team.invite),
    "audit": _admin(lambda context, _: audit_log.listed(context)),
}
"""The commands of people with a role. For everyone else they are unknown commands."""

BUTTONS: Mapping[str, Route] = {
    "b": _campaigner(composer.pressed),
    "eyes": _campaigner(composer.reviewed),
    "update": _campaigner(_update),
    "stats": _campaigner(_stats),
    "status": _admin(status.pressed),
    "campaigns": _admin(_campaigns),
    "links": _admin(links.pressed),
    "block": _admin(block_sender.pressed),
    "team": _admin(team.pressed),
    "invite": _admin(team.invite),
    "audit": _admin(audit_log.pressed),
    **{kind: _alert(kind) for kind in (*alerts.BUTTONS, alerts.TAKE)},
}
"""The buttons of people with a role, by what they begin with."""


def advance(context: Context, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers.

    Raises FactMissing.
    """
    role = context.facts.role
    match event:
        case StartPressed(payload) if token := token_in(payload):
            return team.accepted(context, token)
        case PersistentButtonPressed(str() as action) if route := BUTTONS.get(
            action.partition(":")[0]
        ):
            if not route.allows(role):
                return toast(context, route.refusal, alert=route.refusal == "toast.no_role")
            return route.handler(context, action.partition(":")[2])
        case CommandSent(name, argument) if (route := COMMANDS.get(name)) and route.allows(role):
            return route.handler(context, argument)
        case _ if role:
            return composer.advance(context, event) or _typed(context, event)
        case _:
            return None


def _typed(context: Context, event: Event) -> Turn | None:
    """Take what an admin was asked to type, or /cancel instead of it; None if nothing was asked."""
    awaits = context.journey.awaits
    if context.facts.role is not Role.ADMIN or not awaits:
        return None
    slug = awaits.removeprefix(links.AWAITS)
    match event:
        case CommandSent("cancel"):
            text = context.wording.say("office.cancelled")
            return Turn(context.journey.awaiting(""), (Say(text),))
        case TextSent(text) if awaits == block_sender.AWAITS:
            return block_sender.typed(context, text)
        case TextSent(text) if awaits.startswith(links.AWAITS):
            known = slug in context.deployment.campaigns
            return links.typed(context, slug, text) if known else None
        case _:
            return None
