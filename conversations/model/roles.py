"""The roles of the people who run the bot from the chat, and invitations to a role."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """A role. Admins can do everything; campaigners send broadcasts and see figures."""

    ADMIN = "admin"
    CAMPAIGNER = "campaigner"


INVITATION_LIFETIME = timedelta(hours=24)
"""How long an invitation can be accepted."""

ROLE_LIFETIME = timedelta(days=90)
"""How long a role lasts after its holder confirmed it."""

ASK_BEFORE = timedelta(days=14)
"""How long before a role ends its holder is asked to confirm it."""

NEW_FOR = timedelta(hours=24)
"""How long after joining a member can't approve what others send.

Otherwise somebody with an admin's phone would invite an account of their own to approve.
"""

_LINK = re.compile(r"i_([0-9a-f]{32})")


@dataclass(frozen=True)
class Member:
    """A person with a role."""

    id: str
    """Identifies the person in buttons: the keyed hash of the chat, in hexadecimal."""

    role: Role
    chat: int

    name: str = ""
    """The name in Telegram; "" if it is not known."""

    language: str = ""
    """The language that they use in the chat."""

    settled: bool = False
    """Whether the role comes from the settings file and not from the database."""

    lapsed: bool = False
    """Whether the role ended because it was not confirmed: only the right to pause is left."""

    is_new: bool = False
    """Whether they joined less than NEW_FOR ago, so that they can't approve yet."""


@dataclass(frozen=True)
class Invited:
    """A valid invitation."""

    role: Role

    by: Member | None = None
    """The person who sent it and learns that it was accepted; None for the first admin's."""


@dataclass(frozen=True)
class Confirmation:
    """When the holder of a role confirmed that they still need it."""

    role: Role

    at: datetime


def find_lapsed(
    confirmed: Mapping[int, Confirmation], now: datetime, *, has_other_admin: bool
) -> frozenset[int]:
    """Return the chats whose roles have ended: they were not confirmed for ROLE_LIFETIME.

    The last admin's role never ends, unless the settings name an admin (`has_other_admin`).
    """
    lapsed = {chat for chat, each in confirmed.items() if each.at + ROLE_LIFETIME <= now}
    admins = [chat for chat, each in confirmed.items() if each.role is Role.ADMIN]
    if admins and not has_other_admin and lapsed.issuperset(admins):
        lapsed.remove(max(admins, key=lambda chat: (confirmed[chat].at, chat)))
    return frozenset(lapsed)


def new_token(chance: int) -> str:
    """Return the token of an invitation: 32 hexadecimal digits derived from a random number."""
    return hashlib.sha256(b"invitation" + chance.to_bytes(16, "big")).hexdigest()[:32]


def link(username: str, token: str) -> str:
    """Return the link that accepts the invitation."""
    return f"https://t.me/{username}?start=i_{token}"


def token_in(payload: str) -> str:
    """Return the token in a deep link's payload, or "". Links of campaigns never look like it."""
    found = _LINK.fullmatch(payload)
    return found[1] if found else ""
