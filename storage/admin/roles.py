"""Who has a role: those whom the settings name, and those who took an invitation.

Nothing here is remembered from one transaction to the next: whoever presses a button has the role
that they have at that moment.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from conversations.model.roles import (
    INVITATION_LIFETIME,
    Invited,
    Member,
    Role,
)
from conversations.text.wording import DEFAULT
from storage.chats import chats
from storage.chats.chats import SavedChat
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock, insert
from storage.schema.encryption import ROLE_NAME
from storage.schema.tables import chats as people
from storage.schema.tables import invitations, roles

_LOCK = 0x726F_6C65_73
"""The advisory lock of those who change roles: “roles” in ASCII."""

_MEMBERS = select(roles, people.c.encrypted_chat, people.c.language).join(
    people, people.c.person_key == roles.c.person_key
)

_SPOKEN = select(people.c.person_key, people.c.language).where(
    people.c.person_key.in_(bindparam("settled", expanding=True))
)


class Roster:
    """Tells who has which role. The numbers of `admins` and `campaigners` are the settings'."""

    def __init__(
        self, vault: Vault, admins: Collection[int] = (), campaigners: Collection[int] = ()
    ) -> None:
        """Know these, besides whom the tables name."""
        self._vault = vault
        named = {chat: Role.CAMPAIGNER for chat in campaigners} | dict.fromkeys(admins, Role.ADMIN)
        self._settled = {
            chats.key(vault, chat): Member(chats.key(vault, chat).hex(), role, chat, settled=True)
            for chat, role in sorted(named.items())
        }

    @property
    def settled(self) -> tuple[Member, ...]:
        """Those whom the settings name: they are known without the tables."""
        return tuple(self._settled.values())

    def role(self, person: bytes, chat: SavedChat | None) -> Role | None:
        """Return the role of a person, whose chat is `chat` if it is saved."""
        settled = self._settled.get(person)
        held = {settled.role} if settled else set()
        if chat is not None and chat.role:
            held.add(Role(chat.role))
        return next((role for role in Role if role in held), None)

    def members(self, connection: Connection) -> tuple[Member, ...]:
        """Return everybody who has a role, those of the settings first."""
        known = connection.execute(_SPOKEN, {"settled": [*self._settled]}).all()
        spoken = {row.person_key: row.language for row in known}
        members = {
            person: replace(member, language=spoken.get(person) or DEFAULT)
            for person, member in self._settled.items()
        }
        rows = connection.execute(_MEMBERS.order_by(roles.c.since, roles.c.person_key)).all()
        for row in rows:
            kept, settled = self._member(row), members.get(row.person_key)
            if settled is None or settled.role is not Role.ADMIN:
                members[row.person_key] = kept
        return tuple(members.values())

    def menus(self, connection: Connection) -> dict[int, Role | None]:
        """Return which chat is to be shown whose menu, None those who have no role any more.

        That members were shown one is noted, until `forget_menus`.
        """
        members = self.members(connection)
        mine = [bytes.fromhex(member.id) for member in members]
        connection.execute(
            update(people)
            .where(people.c.person_key.in_(mine), ~people.c.has_role_menu)
            .values(has_role_menu=True)
        )
        others = select(people.c.person_key, people.c.encrypted_chat).where(
            people.c.has_role_menu, people.c.person_key.not_in(mine)
        )
        menus: dict[int, Role | None] = dict.fromkeys(
            self._chat(row.person_key, row.encrypted_chat) for row in connection.execute(others)
        )
        return menus | {member.chat: member.role for member in members}

    def forget_menus(self, connection: Connection, gone: Collection[int]) -> None:
        """Note that these chats are shown no menu of a role any more."""
        without = [chats.key(self._vault, chat) for chat in gone]
        holds = people.c.person_key.in_(select(roles.c.person_key))
        connection.execute(
            update(people)
            .where(people.c.person_key.in_(without), ~holds)
            .values(has_role_menu=False)
        )

    def _chat(self, person: bytes, sealed: bytes) -> int:
        return chats.decrypt_chat_id(self._vault, sealed, person)

    def held(self, connection: Connection) -> tuple[Member, ...]:
        """Return the members, whom nobody else changes until the transaction ends."""
        lock_roles(connection)
        return self.members(connection)

    def has_admin(self, connection: Connection) -> bool:
        """Whether anybody is an admin."""
        return any(member.role is Role.ADMIN for member in self.members(connection))

    def invite_first(self, connection: Connection, token: str, now: datetime) -> bool:
        """Make an invitation for the first admin; False where there is one already."""
        if self.has_admin(connection):
            return False
        invite(connection, self._vault, None, Role.ADMIN, token, now)
        return True

    def invited(self, connection: Connection, token: str, now: datetime) -> Invited | None:
        """Return what an invitation gives, and hold it until the transaction ends.

        None where it was taken before, its time is over, who invited is no admin any more, or it is
        for the first admin and there is one.
        """
        lock_roles(connection)
        mine = invitations.c.token_key == _hash(self._vault, token)
        query = select(invitations).where(mine, invitations.c.expires > now)
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        admins = [each for each in self.members(connection) if each.role is Role.ADMIN]
        if row.by_key is None:
            return None if admins else Invited(Role(row.role))
        by = next((each for each in admins if each.id == row.by_key.hex()), None)
        return Invited(Role(row.role), by) if by else None

    def _member(self, row: Row[Any]) -> Member:
        person = row.person_key
        name = self._vault.decrypt(row.encrypted_name, ROLE_NAME, row=person)
        language = row.language or DEFAULT
        return Member(
            person.hex(),
            Role(row.role),
            self._chat(person, row.encrypted_chat),
            name.decode(),
            language,
        )


def lock_roles(connection: Connection) -> None:
    """Hold all roles until the transaction ends: there is one last admin, and one who is first."""
    advisory_lock(connection, _LOCK)


def invite(
    connection: Connection,
    vault: Vault,
    person: bytes | None,
    role: Role,
    token: str,
    now: datetime,
) -> None:
    """Keep an invitation, as a keyed hash of its token. Nobody made that of the first admin."""
    row = {"token_key": _hash(vault, token), "role": role.value, "by_key": person}
    connection.execute(invitations.insert(), {**row, "expires": now + INVITATION_LIFETIME})


def accept(
    connection: Connection,
    vault: Vault,
    person: bytes,
    token: str,
    role: Role,
    name: str,
    now: datetime,
) -> None:
    """Give the person the role, and use the invitation up."""
    mine = invitations.c.token_key == _hash(vault, token)
    connection.execute(delete(invitations).where(mine))
    sealed = vault.encrypt(name.encode(), ROLE_NAME, row=person)
    row = {"person_key": person, "role": role.value, "encrypted_name": sealed, "since": now}
    given = insert(connection.dialect.name, roles)
    connection.execute(given.on_conflict_do_update(index_elements=["person_key"], set_=row), row)
    connection.execute(
        update(people).where(people.c.person_key == person).values(has_role_menu=True)
    )


def remove(connection: Connection, member: str) -> None:
    """Take a role away."""
    person = roles.c.person_key == bytes.fromhex(member)
    connection.execute(delete(roles).where(person))


def prune(connection: Connection, now: datetime) -> None:
    """Forget the invitations whose time is over."""
    connection.execute(delete(invitations).where(invitations.c.expires <= now))


def _hash(vault: Vault, token: str) -> bytes:
    return vault.keyed_hash("invitation", token)
