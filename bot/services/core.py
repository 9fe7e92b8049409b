"""What most services need: the database, the keys, the deployment and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from conversations.core.facts import Deployment
from storage.crypto.vault import Vault
from storage.engine.database import Database


@dataclass(frozen=True)
class Core:
    """The parameters that most services share."""

    database: Database
    vault: Vault
    """Encrypts and decrypts personal values, and derives keys of chats and addresses."""
    deployment: Callable[[], Deployment]
    """Returns the campaigns that are loaded now, and the settings that conversations need."""
    clock: Callable[[], datetime]
    """Returns the time, in UTC."""
