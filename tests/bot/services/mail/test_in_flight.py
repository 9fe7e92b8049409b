"""The limit of mails in flight: low for a slow server, higher for a fast one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from bot.services.mail.in_flight import InFlightLimit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Crowd:
    """Callers that want to enter."""

    def __init__(self, window: InFlightLimit) -> None:
        self._window = window
        self._stay = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.inside: list[int] = []

    async def comes(self, count: int) -> None:
        for _ in range(count):
            self.tasks.append(asyncio.create_task(self._visits(len(self.tasks))))
        await self.settles()

    async def goes(self, count: int) -> None:
        for number in self.inside[:count]:
            self.tasks[number].cancel()
        await self.settles()

    async def settles(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def _visits(self, number: int) -> None:
        place = await self._window.enter()
        self.inside.append(number)
        try:
            await self._stay.wait()
        finally:
            self.inside.remove(number)
            place.leave()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def window(clock: Clock) -> InFlightLimit:
    return InFlightLimit(3, clock)


@pytest_asyncio.fixture
async def crowd(window: InFlightLimit) -> AsyncIterator[Crowd]:
    crowd = Crowd(window)
    async with AsyncExitStack() as stack:
        stack.callback(lambda: [task.cancel() for task in crowd.tasks])
        yield crowd


async def test_no_more_than_the_limit_enter_in_the_order_of_arrival(crowd: Crowd) -> None:
    await crowd.comes(6)
    assert crowd.inside == [0, 1, 2]
    await crowd.goes(2)
    assert crowd.inside == [2, 3, 4]


async def test_a_caller_that_is_cancelled_while_waiting_is_skipped(crowd: Crowd) -> None:
    await crowd.comes(6)
    crowd.tasks[3].cancel()
    await crowd.goes(1)
    assert crowd.inside == [1, 2, 4]


async def test_a_caller_that_is_cancelled_as_it_enters_passes_the_place_on(crowd: Crowd) -> None:
    await crowd.comes(5)
    crowd.tasks[0].cancel()
    # It leaves when it runs next, and its place goes to the next one, which does not know yet.
    await asyncio.sleep(0)
    crowd.tasks[3].cancel()
    await crowd.settles()
    assert crowd.inside == [1, 2, 4]


async def test_the_limit_follows_the_throughput(
    crowd: Crowd, window: InFlightLimit, clock: Clock
) -> None:
    for _ in range(100):
        place = await window.enter()
        clock.now += 0.01
        place.leave()
    assert window.width == 20, "a fifth of what left in the last second"
    await crowd.comes(30)
    assert crowd.inside == [*range(20)]
    clock.now += 0.5
    assert window.width == 10
    clock.now += 0.5
    assert window.width == 3
    await crowd.goes(18)
    assert crowd.inside == [18, 19, 20]


async def test_a_place_is_left_once(crowd: Crowd, window: InFlightLimit) -> None:
    place = await window.enter()
    await crowd.comes(4)
    assert crowd.inside == [0, 1]
    place.leave()
    place.leave()
    await crowd.settles()
    assert crowd.inside == [0, 1, 2]
