"""The team: people are invited by a link that is good once, listed, and removed."""

from dataclasses import dataclass, replace
from datetime import datetime

from conversations.core.buttons.admin import (
    ConfirmRoleButton,
    InviteButton,
    TeamAction,
    TeamButton,
)
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import AcceptInvitation, ConfirmRole, Invite, RemoveRole
from conversations.core.fact_requests import Fact, TeamMembers
from conversations.core.paging import MAX_BUTTONS, page_of_rows
from conversations.core.replies import (
    Button,
    CommandMenu,
    CopyButton,
    EditMessage,
    OtherChat,
    PersistentButton,
    Reply,
    Say,
)
from conversations.core.turns import put, show, toast
from conversations.model.roles import (
    ROLE_LIFETIME,
    Invited,
    Member,
    Role,
    link,
    new_token,
)
from conversations.text.html import Html
from conversations.text.wording import Wording, raw

MEMBER_ID_DIGITS = 16
"""How many digits of a member's id a button carries."""


@dataclass(frozen=True)
class OpenInvitation(Fact[Invited | None]):
    """What an invitation gives; None if it was used or has expired.

    Loading it keeps others from using it until the transaction ends.
    """

    token: str


# --- invitations ----------------------------------------------------------------------------------


def invite(context: Context, name: str) -> Turn:
    """Answer /invite: make an invitation to the role that is named; ask which if none is."""
    name, label = name.strip().casefold(), context.wording.label
    named = [role for role in Role if name in (role.value, label(f"role.{role}").casefold())]
    if not named:
        return show(context, context.wording.say("team.invite"), (_invite_buttons(context),))
    return invite_to(context, named[0])


def pressed_invite(context: Context, button: InviteButton) -> Turn:
    """Answer the button of a role."""
    return invite_to(context, button.role)


def invite_to(context: Context, role: Role) -> Turn:
    """Make an invitation to `role`, and show its link."""
    token = new_token(context.chance)
    url = link(context.deployment.username, token)
    text = context.wording.say(f"team.link_{role}", link=url)
    copy = CopyButton(context.wording.label("button.copy_link"), url)
    return show(context, text, ((copy,),), effects=(Invite(role, token),))


def accept(context: Context, token: str) -> Turn:
    """Give the role of an invitation to the first person who opens its link."""
    invited = context.fact(OpenInvitation(token))
    if invited is None:
        return show(context, context.wording.say("team.link_over"))
    if context.facts.role in (Role.ADMIN, invited.role):
        return show(context, context.wording.say("team.have_it"))
    name = context.facts.profile_name
    replies: list[Reply] = [
        CommandMenu(invited.role),
        Say(context.wording.say(f"team.is_{invited.role}")),
    ]
    if invited.by:
        wording = context.deployment.staff_wording(invited.by.language)
        role = wording.label(f"role.{invited.role}")
        notice = Say(wording.say("team.taken", name=name, role=role))
        replies.append(OtherChat(invited.by.chat, (notice,)))
    effect = AcceptInvitation(token, invited.role, name, context.journey.language)
    return Turn(context.journey, tuple(replies), (effect,))


# --- roles end unless they are confirmed ----------------------------------------------------------


def ask_to_confirm(wording: Wording, role: Role, ends: datetime) -> Say:
    """Return the question to a member whose role ends soon, with the button that confirms it."""
    yes = PersistentButton(wording.label("button.confirm_role"), ConfirmRoleButton())
    label, day = wording.label(f"role.{role}"), wording.day(ends.date())
    return Say(wording.say("team.confirm", role=label, day=day), ((yes,),))


def say_ended(wording: Wording, role: Role) -> Say:
    """Return the message to a member whose role has ended."""
    return Say(wording.say("team.ended", role=wording.label(f"role.{role}")))


def confirm(context: Context, button: ConfirmRoleButton) -> Turn:
    """Let the role of the person who presses go on."""
    role = context.facts.role
    if role is None:
        return toast(context, "toast.answered")
    ends = (context.now + ROLE_LIFETIME).date()
    text = context.wording.say("team.confirmed", day=context.wording.day(ends))
    return put(context, text, effects=(ConfirmRole(context.facts.member_id, role),))


# --- the team -------------------------------------------------------------------------------------


def listed(context: Context) -> Turn:
    """Answer /team: show everyone who has a role, with buttons to remove them."""
    page = _list(context, context.fact(TeamMembers()))
    return show(context, page.text, page.keyboard)


def pressed(context: Context, button: TeamButton) -> Turn:
    """Answer a button of the team."""
    action = button.action
    if action is TeamAction.LIST:
        page = _list(context, context.fact(TeamMembers()), page=button.page)
        return put(context, page.text, page.keyboard)
    members = context.fact(TeamMembers(locked=action is not TeamAction.ASK_REMOVE))
    admins = [each for each in members if each.role is Role.ADMIN and not each.lapsed]
    if context.facts.member_id not in [each.id for each in admins]:
        # Another admin removed this one between the load of the person's facts and the lock.
        return toast(context, "toast.no_role", alert=True)
    member = next((each for each in members if each.id[:MEMBER_ID_DIGITS] == button.member), None)
    if member is None or member.settled:
        return toast(context, "toast.answered")
    if action is TeamAction.RENEW:
        return _renew(context, member, members)
    if admins == [member]:
        return toast(context, "toast.last_admin", alert=True)
    if action is TeamAction.ASK_REMOVE:
        return _ask_remove(context, member)
    return _remove(context, member, members)


def _ask_remove(context: Context, member: Member) -> Turn:
    wording = context.wording
    remove = TeamButton(TeamAction.REMOVE, member.id[:MEMBER_ID_DIGITS])
    yes = PersistentButton(wording.label("button.remove_yes"), remove)
    no = PersistentButton(wording.label("button.remove_no"), TeamButton(TeamAction.LIST))
    key = "team.leave_sure" if _is_self(context, member) else "team.remove_sure"
    role = wording.label(f"role.{member.role}")
    return put(context, wording.say(key, name=member.name, role=role), ((yes,), (no,)))


def _remove(context: Context, member: Member, members: tuple[Member, ...]) -> Turn:
    effects: tuple[Effect, ...] = (
        RemoveRole(member.id, member.role, f"{member.name} ({member.chat})"),
    )
    if _is_self(context, member):
        replies = (EditMessage(context.wording.say("team.gone")), CommandMenu(None))
        return Turn(context.journey, replies, effects)
    text = context.deployment.staff_wording(member.language).say("team.gone")
    notice = OtherChat(member.chat, (CommandMenu(None), Say(text)))
    rest = tuple(each for each in members if each.id != member.id)
    page = _list(context, rest, context.wording.say("team.removed", name=member.name))
    return Turn(context.journey, (EditMessage(page.text, page.keyboard), notice), effects)


def _renew(context: Context, member: Member, members: tuple[Member, ...]) -> Turn:
    """Give a role back that ended because it was not confirmed."""
    if not member.lapsed:
        return toast(context, "toast.answered")
    effect = ConfirmRole(member.id, member.role, f"{member.name} ({member.chat})")
    wording = context.deployment.staff_wording(member.language)
    role = wording.label(f"role.{member.role}")
    told = Say(wording.say("team.has_again", role=role))
    notice = OtherChat(member.chat, (CommandMenu(member.role), told))
    renewed = tuple(replace(each, lapsed=False) if each is member else each for each in members)
    page = _list(context, renewed, context.wording.say("team.renewed", name=member.name))
    return Turn(context.journey, (EditMessage(page.text, page.keyboard), notice), (effect,))


def _list(
    context: Context, members: tuple[Member, ...], note: Html | None = None, page: int = 1
) -> Say:
    """Return the list of `members`, under `note`, with a page of their buttons."""
    parts = [note] if note else []
    for role in Role:
        lines = [_line(context, each) for each in members if each.role is role]
        if lines:
            people = raw(Html("\n".join(lines)))
            parts.append(context.wording.say(f"team.{role}s", people=people))
    rows = tuple(_member_buttons(context, each) for each in members if not each.settled)
    invite, more = _invite_buttons(context), context.wording.label("button.more_choices")

    def turn(number: int, _: int) -> PersistentButton:
        return PersistentButton(more, TeamButton(TeamAction.LIST, page=number))

    shown = page_of_rows(rows, page, turn, MAX_BUTTONS - len(invite))
    return Say(Html("\n\n".join(parts)), (*shown, invite))


def _line(context: Context, member: Member) -> Html:
    wording = context.wording
    mine = context.facts.profile_name if _is_self(context, member) else ""
    name = mine or member.name or (str(member.chat) if member.settled else "…")
    key = "team.member_settled" if member.settled else "team.member"
    line = wording.say("team.member_lapsed" if member.lapsed else key, name=name)
    if not _is_self(context, member):
        return line
    return wording.say("team.member_you", member=raw(line))


def _member_buttons(context: Context, member: Member) -> tuple[Button, ...]:
    remove = _remove_button(context, member)
    if not member.lapsed:
        return (remove,)
    renew = TeamButton(TeamAction.RENEW, member.id[:MEMBER_ID_DIGITS])
    label = context.wording.label("button.renew", name=member.name or "…")
    return (PersistentButton(label, renew), remove)


def _remove_button(context: Context, member: Member) -> Button:
    wording = context.wording
    if _is_self(context, member):
        label = wording.label("button.leave_team")
    else:
        label = wording.label("button.remove", name=member.name or "…")
    ask = TeamButton(TeamAction.ASK_REMOVE, member.id[:MEMBER_ID_DIGITS])
    return PersistentButton(label, ask)


def _is_self(context: Context, member: Member) -> bool:
    return member.id == context.facts.member_id


def _invite_buttons(context: Context) -> tuple[Button, ...]:
    label = context.wording.label
    return tuple(
        PersistentButton(label(f"button.invite_{role}"), InviteButton(role)) for role in Role
    )
