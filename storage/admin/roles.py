"""Members, the people with a role: those in the settings, and those who accepted an invitation.

Roles are read in each transaction, so that a change applies to the next button that is pressed.
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
from storage.chats import chat_ids, preferences
from storage.chats.chats import SavedChat
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock, insert
from storage.schema.encryption import CHAT_STAFF_NAME, ROLE_NAME
from storage.schema.tables import chats as people
from storage.schema.tables import invitations, roles

_LOCK = 0x726F_6C65_73
"""Number of the advisory lock for changing roles: “roles” in ASCII."""

_MEMBERS = select(roles, people.c.encrypted_chat, people.c.encrypted_preferences).join(
    people, people.c.person_key == roles.c.person_key
)

_SETTLED = select(
    people.c.person_key, people.c.encrypted_preferences, people.c.encrypted_staff_name
).where(people.c.person_key.in_(bindparam("people", expanding=True)))


class Roster:
    """All members, and their roles."""

    def __init__(
        self, vault: Vault, admins: Collection[int] = (), campaigners: Collection[int] = ()
    ) -> None:
        """Add the Telegram user ids of the settings to the members in the tables."""
        self._vault = vault
        named = {chat: Role.CAMPAIGNER for chat in campaigners} | dict.fromkeys(admins, Role.ADMIN)
        self._from_settings = {
            PersonKeys(vault, chat).chat: Member(
                PersonKeys(vault, chat).staff.hex(), role, chat, settled=True
            )
            for chat, role in sorted(named.items())
        }

    @property
    def from_settings(self) -> tuple[Member, ...]:
        """The members that the settings name. They are known without the database."""
        return tuple(self._from_settings.values())

    def role(self, person: PersonKeys, chat: SavedChat | None) -> Role | None:
        """Return the role of a person, whose chat is `chat` if it is saved."""
        member = self._from_settings.get(person.chat)
        roles = {member.role} if member else set()
        if chat is not None and chat.role:
            roles.add(Role(chat.role))
        return next((role for role in Role if role in roles), None)

    def members(self, connection: Connection) -> tuple[Member, ...]:
        """Return all members, those of the settings first."""
        saved = connection.execute(_SETTLED, {"people": [*self._from_settings]}).all()
        languages = {row.person_key: self._language(row) for row in saved}
        names = {
            row.person_key: self._staff_name(row.person_key, row.encrypted_staff_name)
            for row in saved
        }
        members = {
            person: replace(
                member, name=names.get(person, ""), language=languages.get(person) or DEFAULT
            )
            for person, member in self._from_settings.items()
        }
        rows = connection.execute(_MEMBERS.order_by(roles.c.since, roles.c.person_key)).all()
        for row in rows:
            member = members.get(row.person_key)
            if member is None or member.role is not Role.ADMIN:
                members[row.person_key] = self._member(row)
        return tuple(members.values())

    def menus(self, connection: Connection) -> dict[int, Role | None]:
        """Return the command menu that each chat needs, by chat id; None: no role any more.

        The chats of members are marked as having the menu of a role, until `forget_menus`. Names
        of people whom the settings no longer give a role are erased.
        """
        members = self.members(connection)
        own = [PersonKeys(self._vault, member.chat).chat for member in members]
        connection.execute(
            update(people)
            .where(people.c.person_key.in_(own), ~people.c.has_role_menu)
            .values(has_role_menu=True)
        )
        connection.execute(
            update(people)
            .where(people.c.encrypted_staff_name.is_not(None))
            .where(people.c.person_key.not_in([*self._from_settings]))
            .values(encrypted_staff_name=None)
        )
        others = select(people.c.person_key, people.c.encrypted_chat).where(
            people.c.has_role_menu, people.c.person_key.not_in(own)
        )
        menus: dict[int, Role | None] = dict.fromkeys(
            self._chat(row.person_key, row.encrypted_chat) for row in connection.execute(others)
        )
        return menus | {member.chat: member.role for member in members}

    def forget_menus(self, connection: Connection, gone: Collection[int]) -> None:
        """Record that Telegram no longer shows these chats the menu of a role."""
        without = [PersonKeys(self._vault, chat).chat for chat in gone]
        holds = people.c.person_key.in_(select(roles.c.person_key))
        connection.execute(
            update(people)
            .where(people.c.person_key.in_(without), ~holds)
            .values(has_role_menu=False)
        )

    def _chat(self, person: bytes, encrypted: bytes) -> int:
        return chat_ids.decrypt_chat_id(self._vault, encrypted, person)

    def lock_members(self, connection: Connection) -> tuple[Member, ...]:
        """Return all members, and prevent changes by others until the transaction ends."""
        lock_roles(connection)
        return self.members(connection)

    def has_admin(self, connection: Connection) -> bool:
        """Whether there is an admin."""
        return any(member.role is Role.ADMIN for member in self.members(connection))

    def invite_first_admin(self, connection: Connection, token: str, now: datetime) -> bool:
        """Save an invitation for the first admin; False if there is an admin already."""
        if self.has_admin(connection):
            return False
        invite(connection, self._vault, None, Role.ADMIN, token, now)
        return True

    def find_invitation(self, connection: Connection, token: str, now: datetime) -> Invited | None:
        """Return an invitation, and lock it until the transaction ends.

        None if it was accepted, if it has expired, if the person who invited is no admin any more,
        or if it is for the first admin and there is an admin.
        """
        lock_roles(connection)
        own = invitations.c.token_key == _hash(self._vault, token)
        query = select(invitations).where(own, invitations.c.expires > now)
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        admins = [each for each in self.members(connection) if each.role is Role.ADMIN]
        if row.by_key is None:
            return None if admins else Invited(Role(row.role))
        by = next((each for each in admins if each.id == row.by_key.hex()), None)
        return Invited(Role(row.role), by) if by else None

    def _language(self, row: Any) -> str:
        return preferences.decrypt(self._vault, row.person_key, row.encrypted_preferences).language

    def _staff_name(self, person: bytes, encrypted: bytes | None) -> str:
        if encrypted is None:
            return ""
        return self._vault.decrypt(encrypted, CHAT_STAFF_NAME, row=person).decode()

    def _member(self, row: Row[Any]) -> Member:
        person = row.person_key
        name = self._vault.decrypt(row.encrypted_name, ROLE_NAME, row=person)
        language, chat = self._language(row) or DEFAULT, self._chat(person, row.encrypted_chat)
        id_ = PersonKeys(self._vault, chat).staff.hex()
        return Member(id_, Role(row.role), chat, name.decode(), language)


def lock_roles(connection: Connection) -> None:
    """Lock all roles until the transaction ends: only one admin is the first, and one the last."""
    advisory_lock(connection, _LOCK)


def invite(
    connection: Connection,
    vault: Vault,
    person: bytes | None,
    role: Role,
    token: str,
    now: datetime,
) -> None:
    """Save an invitation from `person`, by the hash of its token; None for the first admin's."""
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
    """Give the person the role, and delete the invitation."""
    own = invitations.c.token_key == _hash(vault, token)
    connection.execute(delete(invitations).where(own))
    encrypted = vault.encrypt(name.encode(), ROLE_NAME, row=person)
    row = {"person_key": person, "role": role.value, "encrypted_name": encrypted, "since": now}
    given = insert(connection.dialect.name, roles)
    connection.execute(given.on_conflict_do_update(index_elements=["person_key"], set_=row), row)
    connection.execute(
        update(people).where(people.c.person_key == person).values(has_role_menu=True)
    )


def save_name(connection: Connection, vault: Vault, person: bytes, name: str) -> None:
    """Save the current name of a person with a role: with the role, or with the chat of a person
    whom the settings name.
    """
    encrypted = vault.encrypt(name.encode(), ROLE_NAME, row=person)
    own = update(roles).where(roles.c.person_key == person).values(encrypted_name=encrypted)
    if connection.execute(own).rowcount:
        return
    encrypted = vault.encrypt(name.encode(), CHAT_STAFF_NAME, row=person)
    chat = update(people).where(people.c.person_key == person)
    connection.execute(chat.values(encrypted_staff_name=encrypted))


def remove(connection: Connection, vault: Vault, member: str) -> None:
    """Take a member's role away. `member` is the id of a Member."""
    for row in connection.execute(_MEMBERS).all():
        chat = chat_ids.decrypt_chat_id(vault, row.encrypted_chat, row.person_key)
        if PersonKeys(vault, chat).staff.hex() == member:
            connection.execute(delete(roles).where(roles.c.person_key == row.person_key))


def prune(connection: Connection, now: datetime) -> None:
    """Delete expired invitations."""
    connection.execute(delete(invitations).where(invitations.c.expires <= now))


def _hash(vault: Vault, token: str) -> bytes:
    return vault.keyed_hash("invitation", token)
