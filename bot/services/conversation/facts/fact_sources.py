"""What queries for facts get, besides their request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from conversations.core.fact_requests import Fact
from storage.admin.roster import Roster
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail.proof.code_limits import CodeLimits


@dataclass(frozen=True)
class Asker:
    """The person whose event is answered."""

    person: PersonKeys

    now: datetime
    """The time of the answer, in UTC."""


@dataclass(frozen=True)
class FactSources:
    """What queries need besides the database."""

    vault: Vault

    roster: Roster

    sending_rate: Callable[[], tuple[float | None, float]]
    """Returns how many broadcast messages may be sent a second (None: no limit), and for how many
    seconds Telegram asks us to wait.
    """

    has_unreachable_target: Callable[[str], bool]
    """Whether the campaign with this slug has a target that no letter can reach."""

    letter_of: Callable[[str], str]
    """Returns the id of the letter that carries a code for reports of abuse."""

    code_limits: CodeLimits


Download = Callable[[str, int], Awaitable[bytes | None]]
"""Returns a file by its id in Telegram; None if it is larger than so many bytes, or gone."""

Queries = dict[type[Fact[Any]], Callable[[FactSources, Connection, Asker, Any], Any]]
"""Queries that are quick enough for the transaction of an answer, by their requests."""
