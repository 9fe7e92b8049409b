"""What is done for one chat does not wait for what is done for another."""

import asyncio
from functools import partial

from bot.services import keyed_tasks
from bot.services.keyed_tasks import KeyedTasks


async def test_a_key_has_one_task_and_waits_for_no_other() -> None:
    done: list[str] = []
    slow = asyncio.Event()

    async def work(words: str, when: asyncio.Event | None = None) -> None:
        if when is not None:
            await when.wait()
        done.append(words)

    async with KeyedTasks[int]() as tasks:
        tasks.start(1, partial(work, "slow", slow))
        tasks.start(1, partial(work, "once more"))
        tasks.start(2, partial(work, "quick"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert done == ["quick"]
        slow.set()
    assert done == ["quick", "slow"]


async def test_a_failure_concerns_its_key_only() -> None:
    done: list[int] = []

    async def work(key: int) -> None:
        if key == 1:
            raise ConnectionError
        done.append(key)

    async with KeyedTasks[int]() as tasks:
        for key in (1, 2):
            tasks.start(key, partial(work, key))
    assert done == [2]


async def test_tasks_are_bounded_and_end_with_their_service() -> None:
    started: list[int] = []
    ended: list[int] = []

    async def work(key: int) -> None:
        started.append(key)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(key)

    async def service() -> None:
        async with KeyedTasks[int]() as tasks:
            for key in range(keyed_tasks.MAX_TASKS + 5):
                tasks.start(key, partial(work, key))
            await asyncio.Event().wait()

    running = asyncio.create_task(service())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert started == ended == list(range(keyed_tasks.MAX_TASKS))
