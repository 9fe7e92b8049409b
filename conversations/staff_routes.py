"""The commands and buttons of people with a role: the role that each needs, and its handler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conversations.admin import (
    alert_actions,
    audit_log,
    block_sender,
    campaigns,
    disowned_addresses,
    home,
    links,
    panic,
    status,
    targets,
    team,
)
from conversations.broadcasts import broadcast_control, composer, notice
from conversations.core.buttons.admin import (
    AuditPageButton,
    BlockButton,
    BouncesSeenButton,
    CampaignAction,
    CampaignButton,
    CommandButton,
    ComplaintsSeenButton,
    ConfirmRoleButton,
    DisownedButton,
    DisputedSeenButton,
    DropUncertainButton,
    ForwardsSeenButton,
    InviteButton,
    LinksButton,
    OtherFailuresSeenButton,
    PanicButton,
    PauseAllButton,
    ResumeCampaignButton,
    ScreensButton,
    SendAgainButton,
    ShowPausedButton,
    StaffCommand,
    StatusButton,
    TakeAlertButton,
    TargetsButton,
    TeamButton,
    TryServerButton,
    VersionsButton,
)
from conversations.core.buttons.broadcasts import (
    ApproveButton,
    ControlButton,
    DraftButton,
    NoticeButton,
)
from conversations.core.buttons.campaigns import EditButton
from conversations.core.buttons.new_campaign import NewCampaignButton
from conversations.core.buttons.packing import StaffButtonData
from conversations.core.buttons.stats import StatsButton
from conversations.core.context import Context, Turn
from conversations.core.facts import Facts
from conversations.core.turns import toast
from conversations.editing import editor
from conversations.editing.new import dialogue as new_campaign
from conversations.editing.publish import restoring
from conversations.journey import screens, start
from conversations.model.roles import Role
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

    panel: str = ""
    """For a button: the command whose panel it belongs to; "" for one under a message that came by
    itself.
    """

    after_end: bool = False
    """Whether a person may still use it whose role has ended because they didn't confirm it."""

    def allows(self, facts: Facts) -> bool:
        """Whether a person may use it."""
        if self.after_end and facts.lapsed_role:
            return True
        return facts.role in (self.role, Role.ADMIN)


def on_panel(turn: Turn, panel: str) -> Turn:
    """Return the turn, after which the chat shows the panel of a command last."""
    return replace(turn, journey=replace(turn.journey, panel=panel))


def _campaigner(handler: Callable[[Context, Any], Turn], panel: str = "") -> Route:
    return Route(Role.CAMPAIGNER, handler, panel=panel)


def _admin(handler: Callable[[Context, Any], Turn], panel: str = "") -> Route:
    return Route(Role.ADMIN, handler, NO_ROLE, panel)


def _alert(handler: Callable[[Context, Any], Turn]) -> Route:
    return Route(Role.ADMIN, handler)


_OF_CAMPAIGNERS = (CampaignAction.LIST, CampaignAction.SHOW)
"""What campaigners may do in /campaigns besides editing."""


def _campaigns(context: Context, button: CampaignButton) -> Turn:
    if not context.facts.admin and button.action not in _OF_CAMPAIGNERS:
        return toast(context, NO_ROLE, alert=True)
    if button.action is CampaignAction.TRY:
        return _try(context, button.campaign)
    return campaigns.pressed(context, button)


def _try(context: Context, slug: str) -> Turn:
    """Begin a supporter's journey, as an admin who tries a campaign in test mode."""
    if not (context.takes_letters(slug) and context.tests(slug)):
        return toast(context, "toast.gone")
    return start.begin(replace(context, is_staff=False), slug, "")


def _command(context: Context, button: CommandButton) -> Turn:
    """Do what a button of the first pages stands for."""
    name = button.command
    if name is StaffCommand.START:
        turn = start.answer(replace(context, is_staff=False), "")
        return on_panel(turn, "")
    if name is StaffCommand.MORE:
        return on_panel(home.more(context), "start")
    if name is StaffCommand.HOME:
        return on_panel(home.back(context), "start")
    route = COMMANDS[name]
    if not route.allows(context.facts):
        return toast(context, NO_ROLE, alert=True)
    return on_panel(route.handler(context, ""), name)


OF_BROADCASTS = ("broadcast", "broadcasts")
"""The panels on which “stop” doesn't mean to unsubscribe."""

COMMANDS: Mapping[str, Route] = {
    "broadcast": _campaigner(lambda context, _: composer.begin(context)),
    "broadcasts": _campaigner(lambda context, _: broadcast_control.listed(context)),
    "stats": _campaigner(stats.answer_stats),
    "export": _campaigner(stats.answer_export),
    "screens": _campaigner(lambda context, _: screens.listed(context)),
    "status": _admin(lambda context, _: status.listed(context)),
    "campaigns": _campaigner(lambda context, _: campaigns.listed(context)),
    "team": _admin(lambda context, _: team.listed(context)),
    "invite": _admin(team.invite),
    "audit": _admin(lambda context, _: audit_log.listed(context)),
    "pause": Route(Role.CAMPAIGNER, lambda context, _: panic.ask_pause(context), after_end=True),
    "panic": _campaigner(lambda context, _: panic.ask_panic(context)),
    "notice": _admin(lambda context, _: notice.begin(context)),
}
"""The commands of people with a role. For everyone else they are unknown commands."""

BUTTONS: Mapping[type[StaffButtonData], Route] = {
    CommandButton: _campaigner(_command),
    DraftButton: _campaigner(composer.pressed, "broadcast"),
    ApproveButton: _campaigner(composer.approve),
    ControlButton: _campaigner(broadcast_control.pressed, "broadcasts"),
    StatsButton: _campaigner(stats.pressed, "stats"),
    ScreensButton: _campaigner(screens.pressed, "screens"),
    StatusButton: _admin(status.pressed, "status"),
    CampaignButton: Route(Role.CAMPAIGNER, _campaigns, NO_ROLE, "campaigns"),
    EditButton: _campaigner(editor.pressed, "campaigns"),
    VersionsButton: _admin(restoring.pressed, "campaigns"),
    NewCampaignButton: _campaigner(new_campaign.pressed, "campaigns"),
    LinksButton: _admin(links.pressed, "campaigns"),
    TargetsButton: _admin(targets.pressed, "campaigns"),
    BlockButton: _admin(block_sender.pressed, "campaigns"),
    DisownedButton: _admin(lambda context, _: disowned_addresses.ask_address(context), "campaigns"),
    PauseAllButton: Route(Role.CAMPAIGNER, panic.pause, after_end=True),
    PanicButton: _campaigner(panic.panic),
    ConfirmRoleButton: _campaigner(team.confirm),
    TeamButton: _admin(team.pressed, "team"),
    InviteButton: _admin(team.pressed_invite, "team"),
    AuditPageButton: _admin(audit_log.pressed, "audit"),
    NoticeButton: _admin(notice.pressed, "notice"),
    TakeAlertButton: _alert(alert_actions.take),
    ResumeCampaignButton: _alert(alert_actions.pressed),
    ShowPausedButton: _alert(alert_actions.pressed),
    SendAgainButton: _alert(alert_actions.pressed),
    DropUncertainButton: _alert(alert_actions.pressed),
    BouncesSeenButton: _alert(alert_actions.pressed),
    DisputedSeenButton: _alert(alert_actions.pressed),
    ForwardsSeenButton: _alert(alert_actions.pressed),
    OtherFailuresSeenButton: _alert(alert_actions.pressed),
    ComplaintsSeenButton: _alert(alert_actions.pressed),
    TryServerButton: _alert(alert_actions.pressed),
}
"""The buttons of people with a role."""
