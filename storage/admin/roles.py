"""The team's document: members who accepted an invitation, and open invitations.

The team stands in a document of authority. It is read in each transaction, so that a change applies
to the next button that is pressed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import Connection

from conversations.model.roles import (
    INVITATION_LIFETIME,
    Role,
)
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
    joined: datetime
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

    profile: str = ""
    """A digest of what Telegram shows of the bot; "" if that is unknown."""

    suspended: bool = False
    """Whether nobody has a role until that is ended on the server."""


_TEAM = TypeAdapter(Team)


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
    new = {token_hash(vault, token): invitation}
    change(connection, vault, lambda team: replace(team, invitations={**team.invitations, **new}))


def accept(
    connection: Connection, vault: Vault, chat: int, token: str, member: SavedMember
) -> None:
    """Make the person in a chat a member, and delete the invitation."""
    used = token_hash(vault, token)

    def update(team: Team) -> Team:
        left = {key: each for key, each in team.invitations.items() if key != used}
        known = team.members.get(chat)
        new = replace(member, joined=known.joined) if known else member
        members = {**team.members, chat: new}
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
        if member_id(vault, chat) == member:
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
            if member_id(vault, chat) == member
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


def member_id(vault: Vault, chat: int) -> str:
    """Return the id of a member (`Member.id`)."""
    return PersonKeys(vault, chat).staff.hex()


def token_hash(vault: Vault, token: str) -> str:
    """Return the key of an invitation: the keyed hash of its token, in hexadecimal digits."""
    return vault.keyed_hash(_INVITATION, token).hex()
