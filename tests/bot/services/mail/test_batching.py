"""Batches form while earlier ones run, and only faulty items fail."""

import asyncio
from collections.abc import Sequence

from bot.services.mail.batching import Batcher


class Doubling:
    """Doubles numbers, fails for 13, and notes each batch."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.has_begun, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.rounds.append(list(numbers))
        self.has_begun.set()
        await self.may_go_on.wait()
        if 13 in numbers:
            raise ValueError
        return [2 * number for number in numbers]


async def test_items_that_arrive_during_a_batch_form_the_next() -> None:
    doubling = Doubling()
    gathering = Batcher(doubling)
    asked = [asyncio.create_task(gathering.add(1))]
    await doubling.has_begun.wait()
    asked += [asyncio.create_task(gathering.add(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    doubling.may_go_on.set()
    assert await asyncio.gather(*asked) == [2, 4, 6]
    assert doubling.rounds == [[1], [2, 3]]


async def test_only_the_faulty_item_fails() -> None:
    doubling = Doubling()
    doubling.may_go_on.set()
    gathering = Batcher(doubling)
    asked = (gathering.add(number) for number in (1, 13, 3))
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert (made[0], type(made[1]), made[2]) == (2, ValueError, 6)


async def test_a_cancelled_caller_does_not_stop_the_batch() -> None:
    doubling = Doubling()
    gathering = Batcher(doubling)
    asked = [asyncio.create_task(gathering.add(number)) for number in (1, 2)]
    await doubling.has_begun.wait()
    asked[0].cancel()
    doubling.may_go_on.set()
    assert await asked[1] == 4


async def test_a_small_batch_waits_for_more_items() -> None:
    doubling = Doubling()
    doubling.may_go_on.set()
    gathering = Batcher(doubling, enough=lambda: 2)
    first = asyncio.create_task(gathering.add(1))
    for _ in range(3):
        await asyncio.sleep(0)
    assert [await gathering.add(2), await first] == [4, 2]
    assert await gathering.add(3) == 6, "and not for ever"
    assert doubling.rounds == [[1, 2], [3]]
