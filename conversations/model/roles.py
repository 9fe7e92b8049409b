"""The roles of the people who run the bot from the chat, and invitations to a role."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """A role. Admins can do everything; campaigners send broadcasts and see figures."""

    ADMIN = "admin"
    CAMPAIGNER = "campaigner"


INVITATION_LIFETIME = timedelta(hours=24)
"""How long an invitation can be accepted."""

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


@dataclass(frozen=True)
class Invited:
    """A valid invitation."""

    role: Role

    by: Member | None = None
    """The person who sent it and learns that it was accepted; None for the first admin's."""


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
