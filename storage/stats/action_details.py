"""What is encrypted of an action: who acted, in which language, from which link, and its number."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from conversations.core.facts import Details
from storage.crypto.vault import Vault
from storage.schema.encryption import ACTION_DETAILS, ACTION_NUMBER
from storage.stats.tallies import CountedAction


@dataclass(frozen=True, slots=True)
class ActionDetails:
    """What is encrypted of an action."""

    person: Details
    language: str
    """Language tag of the conversation."""

    source: str
    """Source of the supporter's link."""

    hides_address: bool = False
    """Whether the target does not see the address."""

    clear_after: int = 0
    """How many hours after the letter was sent its discreet chat is cleared; 0 if not discreet."""


def decrypt_details(vault: Vault, action: str, encrypted: bytes) -> ActionDetails:
    """Return the details of an action."""
    saved = orjson.loads(vault.decrypt(encrypted, ACTION_DETAILS, row=action.encode()))
    return ActionDetails(**{**saved, "person": Details(**saved["person"])})


def decrypt_number(vault: Vault, action: str, encrypted: bytes | None) -> int | None:
    """Return the number of an action's accepted letter in its campaign; None if it has none."""
    if encrypted is None:
        return None
    return int(vault.decrypt(encrypted, ACTION_NUMBER, row=action.encode()))


def encrypt_details(vault: Vault, action: str, details: ActionDetails) -> bytes:
    """Return the encrypted details of an action."""
    content = orjson.dumps(asdict(details))
    return vault.encrypt(content, ACTION_DETAILS, row=action.encode())


def counted_action(row: Row[Any], details: ActionDetails) -> CountedAction:
    """Return what the figures count of the action in `row`."""
    country = details.person.country
    return CountedAction(row.campaign, country, details.language, details.source, row.at, row.leads)
