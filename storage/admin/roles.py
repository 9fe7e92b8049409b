"""Members, the people with a role: those in the settings, and those who accepted an invitation.

The team stands in a document of authority. It is read in each transaction, so that a change applies
to the next button that is pressed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import Connection

from conversations.model.roles import (
    ASK_BEFORE,
    INVITATION_LIFETIME,
    ROLE_LIFETIME,
    Confirmation,
    Invited,
    Member,
    Role,
    find_lapsed,
)
from conversations.text.wording import DEFAULT
from storage.admin import authority
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault

_INVITATION = "invitation"
"""Kind of the keyed hash of a token. It never changes."""


class RoleNotice(StrEnum):
    """What a member was told about the end of their role. The values are stored."""

    NONE = "none"
    ASKED = "asked"
    """They were asked to confirm the role."""
    ENDED = "ended"
    """They were told that it has ended."""


@dataclass(frozen=True)
class SavedMember:
    """A person who accepted an invitation. Field names are stored, so they never change."""

    role: Role
    name: str
    language: str
    confirmed: datetime
    notice: RoleNotice = RoleNotice.NONE


@dataclass(frozen=True)
class SavedName:
    """The name in Telegram and the language of a person whom the settings name."""

    name: str
    language: str


@dataclass(frozen=True)
class SavedInvitation:
    """An invitation to a role. It can be used once."""

    role: Role
    by: int | None
    """The chat of the admin who invited; None for the first admin's invitation."""

    expires: datetime


@dataclass(frozen=True)
class Team:
    """The content of the document, by Telegram chat id. Field names never change."""

    members: Mapping[int, SavedMember] = field(default_factory=dict)

    named: Mapping[int, SavedName] = field(default_factory=dict)
    """What is known of the people whom the settings name."""

    invitations: Mapping[str, SavedInvitation] = field(default_factory=dict)
    """Invitations by the keyed hash of their token, in hexadecimal digits."""

    menus: frozenset[int] = frozenset()
    """The chats that Telegram shows the command menu of a role."""

    suspended: bool = False
    """Whether nobody has a role until that is ended on the server."""


_TEAM = TypeAdapter(Team)


@dataclass(frozen=True)
class Standing:
    """What a person may do in the team."""

    role: Role | None = None
    lapsed: Role | None = None
    """The role that ended because it was not confirmed: only the right to pause is left."""


class Roster:
    """All members, and their roles."""

    def __init__(
        self,
        vault: Vault,
        clock: Callable[[], datetime],
        admins: Collection[int] = (),
        campaigners: Collection[int] = (),
    ) -> None:
        """Add the Telegram user ids of the settings to the members in the document."""
        self._vault = vault
        self._clock = clock
        named = {chat: Role.CAMPAIGNER for chat in campaigners} | dict.fromkeys(admins, Role.ADMIN)
        self._from_settings = {
            chat: Member(_id(vault, chat), role, chat, settled=True)
            for chat, role in sorted(named.items())
        }

    @property
    def from_settings(self) -> tuple[Member, ...]:
        """The members that the settings name. They are known without the database."""
        return tuple(self._from_settings.values())

    def standing(self, document: authority.Document, chat: int) -> Standing:
        """Return what the person in a chat may do, by the team's document."""
        team = team_of(document)
        member = next((each for each in self._everyone(team) if each.chat == chat), None)
        if team.suspended or member is None:
            return Standing()
        return Standing(lapsed=member.role) if member.lapsed else Standing(member.role)

    def members(self, connection: Connection) -> tuple[Member, ...]:
        """Return the members who may use their role now, those of the settings first."""
        team = load(connection, self._vault)
        if team.suspended:
            return ()
        return tuple(each for each in self._everyone(team) if not each.lapsed)

    def everyone(self, connection: Connection, *, locked: bool = False) -> tuple[Member, ...]:
        """Return all members, even those who may not use their role.

        With `locked`, nobody changes the team until the transaction ends.
        """
        if locked:
            authority.lock(connection)
        return tuple(self._everyone(load(connection, self._vault)))

    def menus(self, connection: Connection) -> dict[int, Role | None]:
        """Return the command menu that each chat needs, by chat id; None: no role any more.

        The chats of members are marked as having the menu of a role, until `forget_menus`. Names
        of people whom the settings no longer give a role are erased.
        """
        menus = {each.chat: each.role for each in self.members(connection)}

        def update(team: Team) -> Team:
            named = {chat: each for chat, each in team.named.items() if chat in self._from_settings}
            return replace(team, named=named, menus=team.menus.union(menus))

        others = load(connection, self._vault).menus - menus.keys()
        change(connection, self._vault, update)
        return {**dict.fromkeys(sorted(others)), **menus}

    def forget_menus(self, connection: Connection, gone: Collection[int]) -> None:
        """Record that Telegram no longer shows these chats the menu of a role."""
        holds = {each.chat for each in self.members(connection)}
        without = frozenset(gone) - holds
        change(connection, self._vault, lambda team: replace(team, menus=team.menus - without))

    def invite_first_admin(self, connection: Connection, token: str, now: datetime) -> bool:
        """Save an invitation for the first admin; False if there is an admin already.

        Nobody is invited while the team is suspended, or while its document is refused.
        """
        authority.lock(connection)
        document = authority.read(connection, self._vault, authority.TEAM)
        team = team_of(document)
        has_admin = any(each.role is Role.ADMIN for each in self._everyone(team))
        if document.is_refused or team.suspended or has_admin:
            return False
        invite(connection, self._vault, None, Role.ADMIN, token, now)
        return True

    def has_admin(self, connection: Connection) -> bool:
        """Whether there is an admin, even a suspended one."""
        return any(each.role is Role.ADMIN for each in self.everyone(connection))

    def find_invitation(self, connection: Connection, token: str, now: datetime) -> Invited | None:
        """Return an invitation, and lock it until the transaction ends.

        None if it was accepted, if it has expired, if the person who invited is no admin any more,
        if it is for the first admin and there is an admin, or if the team is suspended.
        """
        authority.lock(connection)
        team = load(connection, self._vault)
        invitation = team.invitations.get(_hash(self._vault, token))
        if invitation is None or invitation.expires <= now or team.suspended:
            return None
        members = self._everyone(team)
        admins = [each for each in members if each.role is Role.ADMIN and not each.lapsed]
        if invitation.by is None:
            return None if admins else Invited(invitation.role)
        by = next((each for each in admins if each.chat == invitation.by), None)
        return Invited(invitation.role, by) if by else None

    def due_notices(self, connection: Connection) -> list[tuple[Member, RoleNotice, datetime]]:
        """Return who must be told now about the end of their role, what, and when it ends."""
        team, now = load(connection, self._vault), self._clock()
        if team.suspended:
            return []
        found = []
        for member in self._everyone(team):
            saved = team.members.get(member.chat)
            if saved is None or member.settled:
                continue
            ends = saved.confirmed + ROLE_LIFETIME
            if member.lapsed and saved.notice is not RoleNotice.ENDED:
                found.append((member, RoleNotice.ENDED, ends))
            elif now >= ends - ASK_BEFORE and saved.notice is RoleNotice.NONE:
                found.append((member, RoleNotice.ASKED, ends))
        return found

    def _everyone(self, team: Team) -> Iterator[Member]:
        for chat, member in self._from_settings.items():
            known = team.named.get(chat) or team.members.get(chat)
            saved = team.members.get(chat)
            if saved is not None and saved.role is Role.ADMIN:
                member = replace(member, role=Role.ADMIN)
            language = known.language if known else DEFAULT
            yield replace(member, name=known.name if known else "", language=language or DEFAULT)
        confirmed = {
            chat: Confirmation(each.role, each.confirmed) for chat, each in team.members.items()
        }
        has_admin = any(each.role is Role.ADMIN for each in self._from_settings.values())
        lapsed = find_lapsed(confirmed, self._clock(), has_other_admin=has_admin)
        for chat, saved in team.members.items():
            if chat not in self._from_settings:
                yield Member(
                    _id(self._vault, chat),
                    saved.role,
                    chat,
                    saved.name,
                    saved.language or DEFAULT,
                    lapsed=chat in lapsed,
                )


def team_of(document: authority.Document) -> Team:
    """Return the team that a document describes; an empty one where there is none."""
    return Team() if document.content is None else _TEAM.validate_python(document.content)


def load(connection: Connection, vault: Vault) -> Team:
    """Return the team."""
    return team_of(authority.read(connection, vault, authority.TEAM))


def change(connection: Connection, vault: Vault, update: Callable[[Team], Team]) -> None:
    """Change the team, while no other transaction does."""
    authority.lock(connection)
    before = load(connection, vault)
    after = update(before)
    if after != before:
        authority.write(connection, vault, authority.TEAM, _TEAM.dump_python(after, mode="json"))


def invite(
    connection: Connection,
    vault: Vault,
    by: int | None,
    role: Role,
    token: str,
    now: datetime,
) -> None:
    """Save an invitation from the person in the chat `by`; None for the first admin's."""
    invitation = SavedInvitation(role, by, now + INVITATION_LIFETIME)
    new = {_hash(vault, token): invitation}
    change(connection, vault, lambda team: replace(team, invitations={**team.invitations, **new}))


def accept(
    connection: Connection, vault: Vault, chat: int, token: str, member: SavedMember
) -> None:
    """Make the person in a chat a member, and delete the invitation."""
    used = _hash(vault, token)

    def update(team: Team) -> Team:
        left = {key: each for key, each in team.invitations.items() if key != used}
        members = {**team.members, chat: member}
        return replace(team, members=members, invitations=left, menus=team.menus | {chat})

    change(connection, vault, update)


def save_name(connection: Connection, vault: Vault, chat: int, name: str, language: str) -> None:
    """Save the current name and language of a person with a role."""

    def update(team: Team) -> Team:
        if (saved := team.members.get(chat)) is not None:
            member = replace(saved, name=name, language=language)
            return replace(team, members={**team.members, chat: member})
        return replace(team, named={**team.named, chat: SavedName(name, language)})

    if update(team := load(connection, vault)) != team:
        change(connection, vault, update)


def has_invited(connection: Connection, vault: Vault, chat: int) -> bool:
    """Whether an invitation from the person in a chat is open."""
    return any(each.by == chat for each in load(connection, vault).invitations.values())


def remove(connection: Connection, vault: Vault, member: str) -> None:
    """Take a member's role away. `member` is the id of a `Member`."""
    for chat in load(connection, vault).members:
        if _id(vault, chat) == member:
            remove_chat(connection, vault, chat)


def remove_chat(connection: Connection, vault: Vault, chat: int) -> None:
    """Take the role of the person in a chat away, and cancel their invitations."""

    def update(team: Team) -> Team:
        members = {each: saved for each, saved in team.members.items() if each != chat}
        invitations = {key: each for key, each in team.invitations.items() if each.by != chat}
        return replace(team, members=members, invitations=invitations)

    change(connection, vault, update)


def confirm(connection: Connection, vault: Vault, member: str, now: datetime) -> None:
    """Record that a member's role goes on: it lasts for ROLE_LIFETIME from now."""

    def update(team: Team) -> Team:
        confirmed = {
            chat: replace(each, confirmed=now, notice=RoleNotice.NONE)
            if _id(vault, chat) == member
            else each
            for chat, each in team.members.items()
        }
        return replace(team, members=confirmed)

    change(connection, vault, update)


def record_notice(connection: Connection, vault: Vault, chat: int, notice: RoleNotice) -> bool:
    """Record what a member is told about their role; False if another process did it before."""
    authority.lock(connection)
    saved = load(connection, vault).members.get(chat)
    if saved is None or saved.notice is notice:
        return False
    told = {chat: replace(saved, notice=notice)}
    change(connection, vault, lambda team: replace(team, members={**team.members, **told}))
    return True


def suspend(connection: Connection, vault: Vault, *, suspended: bool) -> None:
    """Suspend every role, and cancel all invitations; or end that."""

    def update(team: Team) -> Team:
        invitations = {} if suspended else team.invitations
        return replace(team, suspended=suspended, invitations=invitations)

    change(connection, vault, update)


def prune(connection: Connection, vault: Vault, now: datetime) -> None:
    """Delete expired invitations."""

    def update(team: Team) -> Team:
        left = {key: each for key, each in team.invitations.items() if each.expires > now}
        return replace(team, invitations=left)

    if update(team := load(connection, vault)) != team:
        change(connection, vault, update)


def _id(vault: Vault, chat: int) -> str:
    return PersonKeys(vault, chat).staff.hex()


def _hash(vault: Vault, token: str) -> str:
    return vault.keyed_hash(_INVITATION, token).hex()
