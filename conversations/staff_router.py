"""What people with a role do in the chat: each command and button, the role it needs, its handler.

The role is checked here, for each event, as it is at that moment. A button in an old message, or a
command in an old menu, does nothing for a person who lost the role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.admin import (
    alert_actions,
    audit_log,
    block_sender,
    campaigns,
    links,
    status,
    team,
)
from conversations.broadcasts import broadcast_control, composer
from conversations.core.buttons.admin import (
    AuditPageButton,
    BlockButton,
    BouncesSeenButton,
    CampaignAction,
    CampaignButton,
    ComplaintsSeenButton,
    DropUncertainButton,
    InviteButton,
    LinksButton,
    OtherFailuresSeenButton,
    ResumeCampaignButton,
    SendAgainButton,
    ShowPausedButton,
    StatusButton,
    TakeAlertButton,
    TeamButton,
    TryServerButton,
)
from conversations.core.buttons.broadcasts import ApproveButton, ControlButton, DraftButton
from conversations.core.buttons.packing import PersistentButtonData
from conversations.core.buttons.stats import StatsButton
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

NO_ROLE = "toast.no_role"
"""The text that says which role a button needs."""


@dataclass(frozen=True)
class Route:
    """Who may use a command or a button, and what answers it."""

    role: Role
    """The role that is needed. Admins may do what campaigners may."""

    handler: Callable[[Context, Any], Turn]
    """Takes the context, and the command's argument or the button."""

    refusal: str = "toast.answered"
    """The text that a person without the role reads when they press the button."""

    def allows(self, role: Role | None) -> bool:
        """Whether a person with `role` may use it."""
        return role in (self.role, Role.ADMIN)


def _campaigner(handler: Callable[[Context, Any], Turn]) -> Route:
    return Route(Role.CAMPAIGNER, handler)


def _admin(handler: Callable[[Context, Any], Turn]) -> Route:
    return Route(Role.ADMIN, handler, NO_ROLE)


def _alert(handler: Callable[[Context, Any], Turn]) -> Route:
    return Route(Role.ADMIN, handler)


def _campaigns(context: Context, button: CampaignButton) -> Turn:
    if button.action is CampaignAction.TRY:
        return _try(context, button.campaign)
    return campaigns.pressed(context, button)


def _try(context: Context, slug: str) -> Turn:
    """Begin a supporter's journey, as an admin who tries a campaign in test mode."""
    if not (context.takes_letters(slug) and context.tests(slug)):
        return toast(context, "toast.gone")
    return start.begin(context, slug, "")


COMMANDS: Mapping[str, Route] = {
    "broadcast": _campaigner(lambda context, _: composer.begin(context)),
    "broadcasts": _campaigner(lambda context, _: broadcast_control.listed(context)),
    "stats": _campaigner(stats.answer_stats),
    "export": _campaigner(stats.answer_export),
    "status": _admin(lambda context, _: status.listed(context)),
    "campaigns": _admin(lambda context, _: campaigns.listed(context)),
    "team": _admin(lambda context, _: team.listed(context)),
    "invite": _admin(team.invite),
    "audit": _admin(lambda context, _: audit_log.listed(context)),
}
"""The commands of people with a role. For everyone else they are unknown commands."""

BUTTONS: Mapping[type[PersistentButtonData], Route] = {
    DraftButton: _campaigner(composer.pressed),
    ApproveButton: _campaigner(composer.approve),
    ControlButton: _campaigner(broadcast_control.pressed),
    StatsButton: _campaigner(stats.pressed),
    StatusButton: _admin(status.pressed),
    CampaignButton: _admin(_campaigns),
    LinksButton: _admin(links.pressed),
    BlockButton: _admin(block_sender.pressed),
    TeamButton: _admin(team.pressed),
    InviteButton: _admin(team.pressed_invite),
    AuditPageButton: _admin(audit_log.pressed),
    TakeAlertButton: _alert(alert_actions.take),
    ResumeCampaignButton: _alert(alert_actions.pressed),
    ShowPausedButton: _alert(alert_actions.pressed),
    SendAgainButton: _alert(alert_actions.pressed),
    DropUncertainButton: _alert(alert_actions.pressed),
    BouncesSeenButton: _alert(alert_actions.pressed),
    OtherFailuresSeenButton: _alert(alert_actions.pressed),
    ComplaintsSeenButton: _alert(alert_actions.pressed),
    TryServerButton: _alert(alert_actions.pressed),
}
"""The buttons of people with a role."""


def advance(context: Context, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers.

    Raises FactMissing.
    """
    role = context.facts.role
    match event:
        case StartPressed(payload) if token := token_in(payload):
            return team.accept(context, token)
        case PersistentButtonPressed(PersistentButtonData() as button) if type(button) in BUTTONS:
            return _pressed(context, button)
        case CommandSent(name, argument) if (route := COMMANDS.get(name)) and route.allows(role):
            return route.handler(context, argument)
        case _ if role:
            return composer.advance(context, event) or _typed(context, event)
        case _:
            return None


def _pressed(context: Context, button: PersistentButtonData) -> Turn:
    route = BUTTONS[type(button)]
    if not route.allows(context.facts.role):
        return toast(context, route.refusal, alert=route.refusal == NO_ROLE)
    return route.handler(context, button)


def _typed(context: Context, event: Event) -> Turn | None:
    """Take what an admin was asked to type, or /cancel instead of it; None if nothing was asked."""
    awaits = context.journey.awaits
    if context.facts.role is not Role.ADMIN or not awaits:
        return None
    slug = awaits.removeprefix(links.AWAITS_SOURCE)
    match event:
        case CommandSent("cancel"):
            text = context.wording.say("office.cancelled")
            return Turn(context.journey.awaiting(""), (Say(text),))
        case TextSent(text) if awaits == block_sender.AWAITS_CODE:
            return block_sender.typed(context, text)
        case TextSent(text) if awaits.startswith(links.AWAITS_SOURCE):
            known = slug in context.deployment.campaigns
            return links.typed(context, slug, text) if known else None
        case _:
            return None
