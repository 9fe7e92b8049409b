"""Who has a role: invited by a link that is good once, listed, and removed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from conversations import auditing, updating
from conversations.barring import Sender
from conversations.effects import AcceptInvitation, Dismiss, Effect, Invite
from conversations.managing import Campaigns
from conversations.moves import put, show, toast
from conversations.overview import Condition
from conversations.replies import Button, Elsewhere, Menu, Replace, Reply, Show, Standing
from conversations.rich import Html
from conversations.roles import Invited, Member, Role, link, new_token
from conversations.scene import Scene, Turn
from conversations.wording import raw

_PREFIX = 16
"""How many digits of a member's id their buttons carry."""


@dataclass(frozen=True)
class Office:
    """What somebody with a role knows, or who is offered one: what is a function is asked when it
    is needed, in the transaction of the answer. `me` is their id; `held` are the members, whom
    nobody else changes until that transaction ends.
    """

    scene: Scene
    me: str
    role: Role | None
    members: Callable[[], tuple[Member, ...]]
    held: Callable[[], tuple[Member, ...]]
    invited: Callable[[str], Invited | None]
    audit: Callable[[int], auditing.Page]
    condition: Callable[[], Condition]
    states: Callable[[], tuple[frozenset[str], frozenset[str]]]
    campaigns: Campaigns
    sources: Callable[[str], tuple[str, ...]]
    sender: Callable[[str], Sender | None]

    def here(self) -> Scene:
        """Return the scene, with what the tables say of campaigns."""
        closed, unconfirmed = self.states()
        known = replace(self.scene.known, closed=closed, unconfirmed=unconfirmed)
        return replace(self.scene, known=known)


# --- invitations ----------------------------------------------------------------------------------


def invite(office: Office, what: str) -> Turn:
    """Make an invitation to the role that is named; ask which, where none is."""
    scene = office.scene
    if what.strip().lower() not in {role.value for role in Role}:
        return show(scene, scene.wording.say("team.invite"), (_invitations(scene),))
    role, token = Role(what.strip().lower()), new_token(scene.chance)
    text = scene.wording.say(f"team.link_{role}", link=link(scene.house.username, token))
    return show(scene, text, effects=(Invite(role, token),))


def accepted(office: Office, token: str) -> Turn:
    """Give the role of an invitation to whoever opened it, once."""
    scene, invited = office.scene, office.invited(token)
    if invited is None:
        return show(scene, scene.wording.say("team.link_over"))
    if office.role in (Role.ADMIN, invited.role):
        return show(scene, scene.wording.say("team.have_it"))
    name = scene.known.profile_name
    replies: list[Reply] = [Menu(invited.role), Show(scene.wording.say(f"team.is_{invited.role}"))]
    if invited.by:
        wording = updating.spoken(scene.house, invited.by.language)
        role = wording.label(f"role.{invited.role}")
        told = Show(wording.say("team.taken", name=name, role=role))
        replies.append(Elsewhere(invited.by.chat, (told,)))
    effect = AcceptInvitation(token, invited.role, name)
    return Turn(scene.journey, tuple(replies), (effect,))


# --- the team -------------------------------------------------------------------------------------


def listed(office: Office) -> Turn:
    """Show who has a role, with what can be done about it."""
    told = _list(office)
    return show(office.scene, told.text, told.keyboard)


def pressed(office: Office, action: str) -> Turn:
    """Answer a button of the team."""
    deed, _, id_ = action.partition(":")
    if deed == "list":
        told = _list(office)
        return put(office.scene, told.text, told.keyboard)
    members = office.held() if deed == "remove" else office.members()
    admins = [each for each in members if each.role is Role.ADMIN]
    if office.me not in [each.id for each in admins]:  # another admin was faster
        return toast(office.scene, "toast.no_role", alert=True)
    member = next((each for each in members if each.id[:_PREFIX] == id_), None)
    if member is None or member.settled or deed not in ("ask", "remove"):
        return toast(office.scene, "toast.answered")
    if admins == [member]:
        return toast(office.scene, "toast.last_admin", alert=True)
    return _asked(office, member) if deed == "ask" else _removed(office, member)


def _asked(office: Office, member: Member) -> Turn:
    wording = office.scene.wording
    yes = Standing(wording.label("button.remove_yes"), f"team:remove:{member.id[:_PREFIX]}")
    no = Standing(wording.label("button.remove_no"), "team:list")
    key = "team.leave_sure" if member.id == office.me else "team.remove_sure"
    role = wording.label(f"role.{member.role}")
    return put(office.scene, wording.say(key, name=member.name, role=role), ((yes,), (no,)))


def _removed(office: Office, member: Member) -> Turn:
    scene = office.scene
    effects: tuple[Effect, ...] = (
        Dismiss(member.id, member.role, f"{member.name} ({member.chat})"),
    )
    if member.id == office.me:
        gone = (Replace(scene.wording.say("team.gone")), Menu(None))
        return Turn(scene.journey, gone, effects)
    wording = updating.spoken(scene.house, member.language)
    elsewhere = Elsewhere(member.chat, (Menu(None), Show(wording.say("team.gone"))))
    left = tuple(each for each in office.members() if each.id != member.id)
    told = _list(office, left, scene.wording.say("team.removed", name=member.name))
    return Turn(scene.journey, (Replace(told.text, told.keyboard), elsewhere), effects)


def _list(
    office: Office, members: tuple[Member, ...] | None = None, note: Html | None = None
) -> Show:
    scene = office.scene
    members = office.members() if members is None else members
    parts = [note] if note else []
    for role in Role:
        lines = [_line(office, each) for each in members if each.role is role]
        if lines:
            people = raw(Html("\n".join(lines)))
            parts.append(scene.wording.say(f"team.{role}s", people=people))
    rows: list[tuple[Button, ...]] = [
        (Standing(_label(office, each), f"team:ask:{each.id[:_PREFIX]}"),)
        for each in members
        if not each.settled
    ]
    return Show(Html("\n\n".join(parts)), (*rows, _invitations(scene)))


def _line(office: Office, member: Member) -> Html:
    wording = office.scene.wording
    name = str(member.chat) if member.settled else member.name or "…"
    key = "team.member_settled" if member.settled else "team.member"
    line = wording.say(key, name=name)
    return wording.say("team.member_you", member=raw(line)) if member.id == office.me else line


def _label(office: Office, member: Member) -> str:
    label = office.scene.wording.label
    if member.id == office.me:
        return label("button.leave_team")
    return label("button.remove", name=member.name or "…")


def _invitations(scene: Scene) -> tuple[Button, ...]:
    return tuple(
        Standing(scene.wording.label(f"button.invite_{role}"), f"invite:{role}") for role in Role
    )
