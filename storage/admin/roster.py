"""Members, the people with a role: those in the settings, and those who accepted an invitation."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from conversations.model.roles import (
    ASK_BEFORE,
    NEW_FOR,
    ROLE_LIFETIME,
    Confirmation,
    Invited,
    Member,
    Role,
    find_lapsed,
)
from conversations.text.languages import DEFAULT
from storage.admin import authority, roles
from storage.admin.roles import RoleNotice, Team
from storage.crypto.vault import Vault


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
            chat: Member(roles.member_id(vault, chat), role, chat, settled=True)
            for chat, role in sorted(named.items())
        }

    @property
    def from_settings(self) -> tuple[Member, ...]:
        """The members that the settings name. They are known without the database."""
        return tuple(self._from_settings.values())

    def standing(self, document: authority.Document, chat: int) -> Standing:
        """Return what the person in a chat may do, by the team's document."""
        team = roles.team_of(document)
        member = next((each for each in self._everyone(team) if each.chat == chat), None)
        if team.suspended or member is None:
            return Standing()
        return Standing(lapsed=member.role) if member.lapsed else Standing(member.role)

    def members(self, connection: Connection) -> tuple[Member, ...]:
        """Return the members who may use their role now, those of the settings first."""
        team = roles.load(connection, self._vault)
        if team.suspended:
            return ()
        return tuple(each for each in self._everyone(team) if not each.lapsed)

    def everyone(self, connection: Connection, *, locked: bool = False) -> tuple[Member, ...]:
        """Return all members, even those who may not use their role.

        With `locked`, nobody changes the team until the transaction ends.
        """
        if locked:
            authority.lock(connection)
        return tuple(self._everyone(roles.load(connection, self._vault)))

    def menus(self, connection: Connection) -> dict[int, Role | None]:
        """Return the command menu that each chat needs, by chat id; None: no role any more.

        The chats of members are marked as having the menu of a role, until `record_profile`. Names
        of people whom the settings no longer give a role are erased.
        """
        menus = {each.chat: each.role for each in self.members(connection)}

        def update(team: Team) -> Team:
            named = {chat: each for chat, each in team.named.items() if chat in self._from_settings}
            return replace(team, named=named, menus=team.menus.union(menus))

        others = roles.load(connection, self._vault).menus - menus.keys()
        roles.change(connection, self._vault, update)
        return {**dict.fromkeys(sorted(others)), **menus}

    def profile(self, connection: Connection) -> str:
        """Return the digest of what Telegram shows of the bot; "" if that is unknown."""
        return roles.load(connection, self._vault).profile

    def record_profile(self, connection: Connection, gone: Collection[int], digest: str) -> None:
        """Record what Telegram shows now: the menu of no role in the chats `gone`."""
        holds = {each.chat for each in self.members(connection)}
        without = frozenset(gone) - holds
        roles.change(
            connection,
            self._vault,
            lambda team: replace(team, menus=team.menus - without, profile=digest),
        )

    def invite_first_admin(self, connection: Connection, token: str, now: datetime) -> bool:
        """Save an invitation for the first admin; False if there is an admin already.

        Nobody is invited while the team is suspended, or while its document is refused.
        """
        authority.lock(connection)
        document = authority.read(connection, self._vault, authority.TEAM)
        team = roles.team_of(document)
        has_admin = any(each.role is Role.ADMIN for each in self._everyone(team))
        if document.is_refused or team.suspended or has_admin:
            return False
        roles.invite(connection, self._vault, None, Role.ADMIN, token, now)
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
        team = roles.load(connection, self._vault)
        invitation = team.invitations.get(roles.token_hash(self._vault, token))
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
        team, now = roles.load(connection, self._vault), self._clock()
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
                    roles.member_id(self._vault, chat),
                    saved.role,
                    chat,
                    saved.name,
                    saved.language or DEFAULT,
                    lapsed=chat in lapsed,
                    is_new=self._clock() < saved.joined + NEW_FOR,
                )
