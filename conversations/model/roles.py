"""Who runs the bot from the chat: the roles, and the invitations that give them."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do. Admins may do everything; campaigners send updates."""

    ADMIN = "admin"
    CAMPAIGNER = "campaigner"


INVITATION_LIFETIME = timedelta(hours=24)
"""How long an invitation can be taken."""

_LINK = re.compile(r"i_([0-9a-f]{32})")


@dataclass(frozen=True)
class Member:
    """Somebody with a role. `settled` tells that the settings name them, and not the tables.

    `id` stands for them in buttons; `name` is what their Telegram called them, "" where that is not
    known; `language` what they speak in their `chat`.
    """

    id: str
    role: Role
    chat: int
    name: str = ""
    language: str = ""
    settled: bool = False


@dataclass(frozen=True)
class Invited:
    """An invitation that is good: the role, and who is told that it was taken, if anybody is."""

    role: Role
    by: Member | None = None


def new_token(chance: int) -> str:
    """Return the token of an invitation: 128 bits that are seen nowhere else of this turn."""
    return hashlib.sha256(b"invitation" + chance.to_bytes(16, "big")).hexdigest()[:32]


def link(username: str, token: str) -> str:
    """Return the link that takes the invitation."""
    return f"https://t.me/{username}?start=i_{token}"


def token_in(payload: str) -> str:
    """Return the token that a deep link carries, or "". No campaign's link looks like that."""
    found = _LINK.fullmatch(payload)
    return found[1] if found else ""
