"""What people with a role do in the chat: each command and button, the role it needs, its handler.

The role is checked here, for each event, as it is at that moment. A button in an old message, or a
command in an old menu, does nothing for a person who lost the role.
"""

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
    StatusAction,
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
from conversations.core.effects.admin import SaveStaffName
from conversations.core.events import (
    CommandSent,
    Event,
    MediaSent,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
)
from conversations.core.facts import Facts
from conversations.core.replies import Say, Toast
from conversations.core.turns import show, toast
from conversations.editing import editor
from conversations.editing.changes import inputs, uploads
from conversations.editing.new import dialogue as new_campaign
from conversations.editing.publish import restoring
from conversations.journey import screens, start
from conversations.journey.flow.transitions import waits_for_text
from conversations.model.journey import UNDER_WAY
from conversations.model.roles import Role, token_in
from conversations.model.staff_inputs import AdminInput
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
        return _on_panel(turn, "")
    if name is StaffCommand.MORE:
        return _on_panel(home.more(context), "start")
    if name is StaffCommand.HOME:
        return _on_panel(home.back(context), "start")
    route = COMMANDS[name]
    if not route.allows(context.facts):
        return toast(context, NO_ROLE, alert=True)
    return _on_panel(route.handler(context, ""), name)


_OF_BROADCASTS = ("broadcast", "broadcasts")
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


def advance(context: Context, event: Event) -> Turn | None:
    """Return the answer to `event`; None where it is the supporter's journey that answers.

    Raises FactMissing.
    """
    context = replace(context, is_staff=True)
    facts = context.facts
    role = facts.role
    match event:
        case StartPressed(payload) if token := token_in(payload):
            return team.accept(context, token)
        case PersistentButtonPressed(StaffButtonData() as button):
            return _pressed(context, button)
        case StartPressed("") if role:
            journey = replace(context.journey, composing=None, awaits=None)
            return _on_panel(home.home(context.within(journey)), "start")
        case CommandSent(name, argument) if (route := COMMANDS.get(name)) and route.allows(facts):
            turn = route.handler(context, argument)
            named = SaveStaffName(context.facts.profile_name, context.journey.language)
            return _on_panel(replace(turn, effects=(*turn.effects, named)), name)
        case CommandSent(name) if name in COMMANDS and facts.lapsed_role:
            return show(context, team.say_ended(context.wording, facts.lapsed_role).text)
        case _ if role:
            event = _or_cancel(context, event)
            return _awaited(context, event) or _typed_on_panel(context, event)
        case _:
            return None


def _on_panel(turn: Turn, panel: str) -> Turn:
    """Return the turn, after which the chat shows the panel of a command last."""
    return replace(turn, journey=replace(turn.journey, panel=panel))


def _pressed(context: Context, button: StaffButtonData) -> Turn:
    route, facts = BUTTONS[type(button)], context.facts
    if not route.allows(facts):
        if facts.lapsed_role:
            return _pressed_after_end(context, button)
        return toast(context, route.refusal, alert=route.refusal == NO_ROLE)
    turn = route.handler(context, button)
    shows_panel = route.panel and any(not isinstance(each, Toast) for each in turn.replies)
    return _on_panel(turn, route.panel) if shows_panel else turn


def _pressed_after_end(context: Context, button: StaffButtonData) -> Turn:
    """Answer a button after the person's role has ended: only pausing is left of it."""
    pauses = (StatusAction.ASK_PAUSE, StatusAction.ASK_PAUSE_BELOW, StatusAction.PAUSE)
    if isinstance(button, StatusButton) and button.action in pauses:
        return panic.ask_pause(context)
    return toast(context, "toast.role_ended", alert=True)


# --- what is typed --------------------------------------------------------------------------------


def _awaited(context: Context, event: Event) -> Turn | None:
    """Take what was asked for: by the composer, or from an admin; None if nothing was."""
    panel, waits = context.journey.panel, waits_for_text(context)
    if turn := composer.advance(context, event, in_front=panel == "broadcast" and not waits):
        return _on_panel(turn, "broadcast")
    turn = _edited(context, event) or _typed(context, event)
    return _on_panel(turn, "campaigns") if turn else None


def _edited(context: Context, event: Event) -> Turn | None:
    """Take what the editor of campaigns waits for; None if it waits for nothing."""
    awaits = context.journey.awaits
    if awaits is None:
        return None
    match awaits.kind:
        case AdminInput.NEW_CAMPAIGN:
            return new_campaign.typed(context, event)
        case AdminInput.CAMPAIGN_FILES:
            return uploads.typed(context, awaits, event)
        case kind if kind in inputs.INPUTS:
            return inputs.typed(context, awaits, event)
        case _:
            return None


def _or_cancel(context: Context, event: Event) -> Event:
    """Return /cancel for a typed “cancel” where something is asked, else `event` unchanged."""
    journey = context.journey
    is_composing = journey.composing is not None and journey.composing.page in composer.INPUT_PAGES
    match event:
        case TextSent(text) if is_composing or journey.awaits is not None:
            return CommandSent("cancel") if context.means("words.cancel", text) else event
        case _:
            return event


def _typed(context: Context, event: Event) -> Turn | None:
    """Take what an admin was asked to type, or /cancel instead of it; None if nothing was asked."""
    awaits = context.journey.awaits
    if context.facts.role is not Role.ADMIN or awaits is None:
        return None
    if awaits.kind is AdminInput.CAMPAIGN_FILES:
        return None
    match event:
        case CommandSent("cancel"):
            text = context.wording.say("office.cancelled")
            return Turn(context.journey.awaiting(None), (Say(text),))
        case MediaSent():
            return show(context, context.wording.say("compose.typed"))
        case TextSent(text) if awaits.kind is AdminInput.LETTER_CODE:
            return block_sender.typed(context, text)
        case TextSent(text) if awaits.kind is AdminInput.DISOWNED_ADDRESS:
            return disowned_addresses.typed(context, text)
        case TextSent(text) if awaits.kind is AdminInput.NOTICE:
            return notice.typed(context, awaits, text)
        case TextSent(text) if awaits.kind is AdminInput.TARGET:
            if awaits.campaign not in context.deployment.campaigns:
                return None
            return targets.typed(context, awaits.campaign, text)
        case TextSent(text) if awaits.campaign in context.deployment.campaigns:
            return links.typed(context, awaits.campaign, text)
        case _:
            return None


def _typed_on_panel(context: Context, event: Event) -> Turn | None:
    """Answer what was typed or sent while a panel waits for a button, or while no letter is under
    way; None if a letter's question waits for text, and for the words that everybody may type.
    """
    panel, has_letter = context.journey.panel, context.journey.step in UNDER_WAY
    if waits_for_text(context) or (has_letter and not panel):
        return None
    match event:
        case TextSent(text) if context.means("words.who", text):
            return None
        case TextSent(text) if context.means("words.stop", text) and panel not in _OF_BROADCASTS:
            return None
        case TextSent(text) if panel == "stats":
            return stats.answer_stats(context, text)
        case TextSent(text) if panel == "invite":
            return team.invite(context, text)
        case TextSent() | MediaSent() if panel:
            return show(context, context.wording.say("staff.tap", command=panel))
        case TextSent() | MediaSent():
            return show(context, context.wording.say("staff.unknown"))
        case CommandSent("cancel") if panel and not has_letter:
            return _on_panel(show(context, context.wording.say("office.cancelled")), "")
        case _:
            return None
