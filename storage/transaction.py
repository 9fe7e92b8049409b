"""The transaction in which effects are applied, and the registry of their handlers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from conversations.core.effects.base import BaseEffect
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tally import Tally

E = TypeVar("E", bound=BaseEffect)


class StaleAnswer(Exception):
    """The data changed after the answer was composed, so the update must be answered again."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a handler works with."""

    connection: Connection
    vault: Vault
    person: PersonKeys
    """Keys of the person whose update is answered. Their chat has a row already."""

    now: datetime
    turn_id: str = ""
    """Id of the answer in the logs; mail that is queued carries the id."""

    counted: list[Tally] = field(default_factory=list)
    """Changes to figures, which are saved last."""

    def count(self, tallies: Iterable[Tally]) -> None:
        """Add changes to figures."""
        self.counted.extend(tallies)


Handler = Callable[[E, Transaction], None]


class EffectHandlers:
    """Handlers of effects, by class. Each domain registers its own next to its tables."""

    def __init__(self) -> None:
        """Start without handlers."""
        self.by_class: dict[type[BaseEffect], Handler[Any]] = {}

    def handles(self, effect: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register the decorated function for `effect`. Raises ValueError for a second one."""

        def register(handler: Handler[E]) -> Handler[E]:
            if effect in self.by_class:
                raise ValueError(f"{effect.__name__} has two handlers")
            self.by_class[effect] = handler
            return handler

        return register


def require(done: bool) -> None:
    """Raise StaleAnswer if a change was not possible: the answer that announces it is wrong."""
    if not done:
        raise StaleAnswer
