"""An answer that was made of data that changed meanwhile is made again of the data as it is."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from bot.services.conversation.update_handler import UpdateHandler
from conversations.core.fact_requests import CountriesMatching, FactMissing, LoadedFacts
from storage.transaction import StaleAnswer

ASKED = CountriesMatching("Portugal")


class Loader:
    """Loads a number, one more each time."""

    def __init__(self) -> None:
        self.loaded = 0

    async def load_outside(self, request: object, notice: object) -> int:
        self.loaded += 1
        return self.loaded


class Database:
    """Runs work without any database."""

    async def transact(self, work: Callable[[Any], Any], **_: object) -> Any:
        return work(None)


def answer(outside: LoadedFacts, connection: object) -> Any:
    if ASKED not in outside:
        return ASKED
    if outside[ASKED] == 1:
        raise StaleAnswer
    return outside[ASKED]


async def test_facts_are_loaded_again_after_a_stale_answer() -> None:
    core = cast(Any, SimpleNamespace(database=Database()))
    handler = UpdateHandler(core, cast(Any, Loader()), cast(Any, None))
    assert await handler._transact(answer) == 2


async def test_a_fact_whose_absence_rolls_back_is_loaded_too() -> None:
    """A bounce, or an attempt at a code, was taken before the fact was asked for."""

    def answer(outside: LoadedFacts, connection: object) -> Any:
        if ASKED not in outside:
            raise FactMissing(ASKED)
        return outside[ASKED]

    core = cast(Any, SimpleNamespace(database=Database()))
    handler = UpdateHandler(core, cast(Any, Loader()), cast(Any, None))
    assert await handler._transact(answer) == 1
