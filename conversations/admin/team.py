"""Who has a role: invited by a link that is good once, listed, and removed."""

from dataclasses import dataclass

from conversations.broadcasts import broadcast_view
from conversations.core.context import Context, Turn
from conversations.core.effects import Effect
from conversations.core.effects.admin import AcceptInvitation, Invite, RemoveRole
from conversations.core.fact_requests import Fact, TeamMembers
from conversations.core.replies import (
    Button,
    CommandMenu,
    EditMessage,
    OtherChat,
    PersistentButton,
    Reply,
    Say,
)
from conversations.core.turns import put, show, toast
from conversations.model.roles import (
    Invited,
    Member,
    Role,
    link,
    new_token,
)
from conversations.text.html import Html
from conversations.text.wording import raw

_PREFIX = 16
"""How many digits of a member's id their buttons carry."""


@dataclass(frozen=True)
class OpenInvitation(Fact[Invited | None]):
    """What an invitation gives; None if it was used or has expired.

    Loading it keeps others from using it until the transaction ends.
    """

    token: str


# --- invitations ----------------------------------------------------------------------------------


def invite(context: Context, what: str) -> Turn:
    """Make an invitation to the role that is named; ask which, where none is."""
    if what.strip().lower() not in {role.value for role in Role}:
        return show(context, context.wording.say("team.invite"), (_invitations(context),))
    role, token = Role(what.strip().lower()), new_token(context.chance)
    text = context.wording.say(f"team.link_{role}", link=link(context.deployment.username, token))
    return show(context, text, effects=(Invite(role, token),))


def accepted(context: Context, token: str) -> Turn:
    """Give the role of an invitation to whoever opened it, once."""
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
        wording = broadcast_view.spoken(context.deployment, invited.by.language)
        role = wording.label(f"role.{invited.role}")
        told = Say(wording.say("team.taken", name=name, role=role))
        replies.append(OtherChat(invited.by.chat, (told,)))
    effect = AcceptInvitation(token, invited.role, name)
    return Turn(context.journey, tuple(replies), (effect,))


# --- the team -------------------------------------------------------------------------------------


def listed(context: Context) -> Turn:
    """Show who has a role, with what can be done about it."""
    told = _list(context)
    return show(context, told.text, told.keyboard)


def pressed(context: Context, action: str) -> Turn:
    """Answer a button of the team."""
    deed, _, id_ = action.partition(":")
    if deed == "list":
        told = _list(context)
        return put(context, told.text, told.keyboard)
    members = context.fact(TeamMembers(locked=deed == "remove"))
    admins = [each for each in members if each.role is Role.ADMIN]
    if context.facts.member_id not in [each.id for each in admins]:  # another admin was faster
        return toast(context, "toast.no_role", alert=True)
    member = next((each for each in members if each.id[:_PREFIX] == id_), None)
    if member is None or member.settled or deed not in ("ask", "remove"):
        return toast(context, "toast.answered")
    if admins == [member]:
        return toast(context, "toast.last_admin", alert=True)
    return _asked(context, member) if deed == "ask" else _removed(context, member)


def _asked(context: Context, member: Member) -> Turn:
    wording = context.wording
    yes = PersistentButton(wording.label("button.remove_yes"), f"team:remove:{member.id[:_PREFIX]}")
    no = PersistentButton(wording.label("button.remove_no"), "team:list")
    key = "team.leave_sure" if member.id == context.facts.member_id else "team.remove_sure"
    role = wording.label(f"role.{member.role}")
    return put(context, wording.say(key, name=member.name, role=role), ((yes,), (no,)))


def _removed(context: Context, member: Member) -> Turn:
    effects: tuple[Effect, ...] = (
        RemoveRole(member.id, member.role, f"{member.name} ({member.chat})"),
    )
    if member.id == context.facts.member_id:
        gone = (EditMessage(context.wording.say("team.gone")), CommandMenu(None))
        return Turn(context.journey, gone, effects)
    wording = broadcast_view.spoken(context.deployment, member.language)
    elsewhere = OtherChat(member.chat, (CommandMenu(None), Say(wording.say("team.gone"))))
    left = tuple(each for each in context.fact(TeamMembers()) if each.id != member.id)
    told = _list(context, left, context.wording.say("team.removed", name=member.name))
    return Turn(context.journey, (EditMessage(told.text, told.keyboard), elsewhere), effects)


def _list(
    context: Context, members: tuple[Member, ...] | None = None, note: Html | None = None
) -> Say:
    members = context.fact(TeamMembers()) if members is None else members
    parts = [note] if note else []
    for role in Role:
        lines = [_line(context, each) for each in members if each.role is role]
        if lines:
            people = raw(Html("\n".join(lines)))
            parts.append(context.wording.say(f"team.{role}s", people=people))
    rows: list[tuple[Button, ...]] = [
        (PersistentButton(_label(context, each), f"team:ask:{each.id[:_PREFIX]}"),)
        for each in members
        if not each.settled
    ]
    return Say(Html("\n\n".join(parts)), (*rows, _invitations(context)))


def _line(context: Context, member: Member) -> Html:
    wording = context.wording
    name = str(member.chat) if member.settled else member.name or "…"
    key = "team.member_settled" if member.settled else "team.member"
    line = wording.say(key, name=name)
    return (
        wording.say("team.member_you", member=raw(line))
        if member.id == context.facts.member_id
        else line
    )


def _label(context: Context, member: Member) -> str:
    label = context.wording.label
    if member.id == context.facts.member_id:
        return label("button.leave_team")
    return label("button.remove", name=member.name or "…")


def _invitations(context: Context) -> tuple[Button, ...]:
    return tuple(
        PersistentButton(context.wording.label(f"button.invite_{role}"), f"invite:{role}")
        for role in Role
    )
