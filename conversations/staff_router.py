"""What people with a role do in the chat: finds who answers a command, a button or typed text.

The role is checked here, for each event, as it is at that moment. A button in an old message, or a
command in an old menu, does nothing for a person who lost the role.
"""

from dataclasses import replace

from conversations.admin import (
    block_sender,
    disowned_addresses,
    home,
    links,
    panic,
    targets,
    team,
)
from conversations.broadcasts import composer, notice
from conversations.core.buttons.admin import (
    StatusAction,
    StatusButton,
)
from conversations.core.buttons.packing import StaffButtonData
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
from conversations.core.replies import Say, Toast
from conversations.core.turns import show, toast
from conversations.editing.changes import inputs, uploads
from conversations.editing.new import dialogue as new_campaign
from conversations.journey.flow.transitions import waits_for_text
from conversations.model.journey import UNDER_WAY
from conversations.model.roles import Role, token_in
from conversations.model.staff_inputs import AdminInput
from conversations.staff_routes import BUTTONS, COMMANDS, NO_ROLE, OF_BROADCASTS, on_panel
from conversations.stats import stats


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
            return on_panel(home.home(context.within(journey)), "start")
        case CommandSent(name, argument) if (route := COMMANDS.get(name)) and route.allows(facts):
            turn = route.handler(context, argument)
            named = SaveStaffName(context.facts.profile_name, context.journey.language)
            return on_panel(replace(turn, effects=(*turn.effects, named)), name)
        case CommandSent(name) if name in COMMANDS and facts.lapsed_role:
            return show(context, team.say_ended(context.wording, facts.lapsed_role).text)
        case _ if role:
            event = _or_cancel(context, event)
            return _awaited(context, event) or _typedon_panel(context, event)
        case _:
            return None


def _pressed(context: Context, button: StaffButtonData) -> Turn:
    route, facts = BUTTONS[type(button)], context.facts
    if not route.allows(facts):
        if facts.lapsed_role:
            return _pressed_after_end(context, button)
        return toast(context, route.refusal, alert=route.refusal == NO_ROLE)
    turn = route.handler(context, button)
    shows_panel = route.panel and any(not isinstance(each, Toast) for each in turn.replies)
    return on_panel(turn, route.panel) if shows_panel else turn


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
        return on_panel(turn, "broadcast")
    turn = _edited(context, event) or _typed(context, event)
    return on_panel(turn, "campaigns") if turn else None


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


def _typedon_panel(context: Context, event: Event) -> Turn | None:
    """Answer what was typed or sent while a panel waits for a button, or while no letter is under
    way; None if a letter's question waits for text, and for the words that everybody may type.
    """
    panel, has_letter = context.journey.panel, context.journey.step in UNDER_WAY
    if waits_for_text(context) or (has_letter and not panel):
        return None
    match event:
        case TextSent(text) if context.means("words.who", text):
            return None
        case TextSent(text) if context.means("words.stop", text) and panel not in OF_BROADCASTS:
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
            return on_panel(show(context, context.wording.say("office.cancelled")), "")
        case _:
            return None
