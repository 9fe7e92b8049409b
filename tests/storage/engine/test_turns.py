"""Transactions that wait: the oldest comes next, on both engines."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import Connection

from storage.engine.database import Database
from storage.engine.postgres import turns as turns_
from storage.engine.postgres.turns import Turns
from storage.engine.sqlite import database as sqlite


async def test_the_oldest_comes_next() -> None:
    turns, order = Turns(1), list[str]()

    async def works(name: str, since: float | None) -> None:
        async with turns.turn(since):
            order.append(name)

    now = asyncio.get_running_loop().time()
    async with turns.turn():
        asked = (("new", None), ("old", now - 1), ("cancelled", now - 2), ("older", now - 3))
        tasks = [asyncio.create_task(works(*each)) for each in asked]
        await asyncio.sleep(0)
        tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["older", "old", "new"]
    async with asyncio.timeout(10), turns.turn():
        pass


async def test_a_turn_that_came_with_the_cancellation_is_passed_on() -> None:
    turns = Turns(1)

    async def works() -> None:
        async with turns.turn():
            pass

    async with turns.turn():
        first, second = asyncio.create_task(works()), asyncio.create_task(works())
        await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(10):
        await second
    assert first.cancelled()


async def test_nobody_waits_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_, "MAX_WAIT", 0.01)
    turns = Turns(1)
    async with turns.turn():
        with pytest.raises(TimeoutError):
            async with turns.turn():
                pass
    async with turns.turn():
        pass


async def test_the_oldest_transaction_runs_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MAX_BATCH", 1)
    if isinstance(turns := getattr(database, "_turns", None), Turns):
        monkeypatch.setattr(turns, "_free", 1)
    order = list[str]()

    def work(name: str, _: Connection) -> None:
        order.append(name)

    now = asyncio.get_running_loop().time()
    first = asyncio.create_task(database.transact(partial(work, "first")))
    await asyncio.sleep(0)
    await asyncio.gather(
        database.transact(partial(work, "new")),
        database.transact(partial(work, "old"), since=now - 1),
        first,
    )
    assert order == ["first", "old", "new"]
