"""What waits to be sent is bounded, in one chat and in all, and no chat waits for another."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.services.conversation.chat_queues import (
    MAX_PENDING,
    MAX_WAITING_IN_CHAT,
    MAX_WAITING_IN_CROWD,
    ChatQueues,
)

MARIA, AHMED = 1, 2

Job = Callable[[], Awaitable[None]]


class Desk:
    """Queues whose jobs note what was sent, once `open` is set."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.open = asyncio.Event()
        self.queues = ChatQueues(lambda chat: self.job(f"how things stand in {chat}"))

    def job(self, words: str) -> Job:
        async def send() -> None:
            await self.open.wait()
            self.sent.append(words)

        return send

    async def says(self, chat: int, *words: str, keep: bool = False) -> None:
        for each in words:
            self.queues.add(chat, self.job(each), keep=keep)
        await asyncio.sleep(0)

    async def ends(self) -> list[str]:
        self.open.set()
        async with asyncio.timeout(10):
            await self.queues.wait_until_idle()
        return self.sent


async def test_a_chat_with_too_many_answers_gets_how_things_stand_and_the_newest() -> None:
    desk = Desk()
    await desk.says(MARIA, "first")
    await desk.says(MARIA, *(str(number) for number in range(MAX_WAITING_IN_CHAT + 2)))
    newest = [str(MAX_WAITING_IN_CHAT), str(MAX_WAITING_IN_CHAT + 1)]
    assert await desk.ends() == ["first", "how things stand in 1", *newest]


async def test_what_must_be_done_is_not_dropped() -> None:
    desk = Desk()
    await desk.says(MARIA, "first")
    await desk.says(MARIA, "deletes the messages", keep=True)
    await desk.says(MARIA, *(str(number) for number in range(MAX_WAITING_IN_CHAT)))
    sent = await desk.ends()
    assert sent[:3] == ["first", "how things stand in 1", "deletes the messages"]


async def test_what_must_be_done_is_bounded_too() -> None:
    desk = Desk()
    await desk.says(MARIA, *(str(number) for number in range(500)), keep=True)
    assert len(await desk.ends()) <= MAX_WAITING_IN_CHAT + 2


async def test_a_flood_in_one_chat_leaves_room_for_others() -> None:
    desk = Desk()
    await desk.says(MARIA, *map(str, range(5000)))
    assert desk.queues.has_room


async def test_too_many_answers_in_all_leave_no_room_until_some_are_sent() -> None:
    desk = Desk()
    for chat in range(MAX_PENDING):
        assert desk.queues.has_room
        await desk.says(chat, "hello")
    assert not desk.queues.has_room
    waiting = asyncio.create_task(desk.queues.wait_for_room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await desk.ends()
    await asyncio.wait_for(waiting, 10)
    assert desk.queues.has_room


async def test_while_many_wait_one_chat_may_have_few() -> None:
    desk = Desk()
    for chat in range(100, 101 + MAX_PENDING // 2):
        await desk.says(chat, "hello")
    await desk.says(MARIA, "first")
    await desk.says(MARIA, *map(str, range(MAX_WAITING_IN_CROWD + 1)))
    sent = [each for each in await desk.ends() if each != "hello"]
    assert sent == ["first", "how things stand in 1", str(MAX_WAITING_IN_CROWD)]


async def test_a_failure_ends_neither_the_queue_nor_another_chat() -> None:
    desk = Desk()

    async def fails() -> None:
        raise ConnectionError

    desk.queues.add(MARIA, fails)
    await desk.says(MARIA, "next")
    await desk.says(AHMED, "to Ahmed")
    assert sorted(await desk.ends()) == ["next", "to Ahmed"]
    assert desk.queues.is_idle(MARIA)


async def test_what_is_urgent_comes_before_what_waits() -> None:
    desk = Desk()
    await desk.says(MARIA, "first")
    await desk.says(MARIA, "second")
    desk.queues.add_urgent(MARIA, desk.job("your letter has left"))
    assert await desk.ends() == ["first", "your letter has left", "second"]
