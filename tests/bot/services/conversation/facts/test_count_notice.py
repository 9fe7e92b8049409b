"""A long count shows its progress in one message, which ends with the number."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.services.conversation.facts import count_notice
from bot.services.conversation.facts.count_notice import CountNotice
from bot.services.ports import Activity, MessagePosition, SentMessages
from conversations.core.replies import Reply, Say
from conversations.text.wording import Wording


class Messages:
    """What the chat shows, one message after another."""

    def __init__(self) -> None:
        self.shown: list[tuple[int | None, str]] = []
        self.edited = asyncio.Event()

    async def show(self, chat: int, reply: Say, message: int | None, **_: Any) -> int:
        self.shown.append((message, str(reply.text)))
        self.edited.set()
        return 7

    async def send(self, position: MessagePosition, reply: Reply) -> SentMessages:
        raise NotImplementedError

    async def acknowledge(self, callback: str) -> None:
        raise NotImplementedError

    async def show_activity(self, position: MessagePosition, activity: Activity) -> None:
        raise NotImplementedError


async def count(messages: Messages, people: int) -> None:
    async def slowly(progress: Callable[[int], None]) -> int:
        progress(1200)
        await messages.edited.wait()
        return people

    assert await CountNotice(messages, Wording("en"), 1).during(slowly) == people


@pytest.mark.parametrize(("people", "said"), [(12431, "12,431 people"), (3, "fewer than 5 people")])
async def test_a_long_count_ends_with_the_number(
    monkeypatch: pytest.MonkeyPatch, people: int, said: str
) -> None:
    monkeypatch.setattr(count_notice, "FIRST_AFTER", 0.0)
    messages = Messages()
    await count(messages, people)
    assert messages.shown[0] == (None, "Counting… I’ve read 1,200 subscriptions so far.")
    assert messages.shown[-1] == (7, f"Counted: {said}.")


async def test_a_quick_count_shows_nothing() -> None:
    messages = Messages()
    messages.edited.set()
    await count(messages, 12)
    assert messages.shown == []
