"""Whether Telegram limits a chat or the bot itself: several chats that are refused, and probes."""

import asyncio
import itertools

import pytest

from tests.bot.telegram.client.clockwork import run
from tests.bot.telegram.client.line import (
    AHMED,
    MARIA,
    NOW,
    XIAOFANG,
    Line,
    after,
    limits_the_bot,
    once,
    refused,
    together,
)


def test_two_hurried_people_are_two_chats_where_somebody_was_heard_in_between() -> None:
    async def story() -> Line:
        line = Line()
        line.refusing = once("to Maria", "to Ahmed", wait=20)
        await together(
            line.write(MARIA, "to Maria"),
            after(1, line.write(XIAOFANG, "to 小芳")),
            after(2, line.write(AHMED, "to Ahmed")),
            after(3, line.write(XIAOFANG, "to 小芳, again")),
        )
        return line

    line = run(story())
    assert line.at("to 小芳, again") == 3.0
    assert (line.at("to Maria"), line.at("to Ahmed")) == (20.02, 22.02)


def test_two_chats_that_are_refused_delay_no_third() -> None:
    """One for three seconds, the other for two hours."""

    async def story() -> Line:
        line = Line()
        line.refusing = once("to Maria", wait=3)
        maria = asyncio.create_task(line.write(MARIA, "to Maria"))
        await asyncio.sleep(0.3)
        line.refusing = once(f"to {AHMED}", wait=7200)
        await refused(line, AHMED)
        await line.write(XIAOFANG, "to 小芳")
        assert line.pacer.limited_for() == 0
        await maria
        return line

    assert run(story()).sent == [(0.32, "to 小芳"), (3.02, "to Maria")]


def test_a_probe_that_is_refused_after_two_chats_were_limits_the_bot() -> None:
    async def story() -> Line:
        line = Line()
        line.refusing = limits_the_bot(4)
        await refused(line, MARIA)
        await refused(line, AHMED)
        assert line.pacer.limited_for() == 0
        await refused(line, XIAOFANG)
        assert line.pacer.limited_for() == 7200
        writing = [line.write(chat, f"to {chat}") for chat in range(10, 40)]
        await asyncio.gather(*writing, return_exceptions=True)
        assert line.pacer.limited_for() == 0
        return line

    line = run(story())
    assert [round(moment, 1) for moment, _ in line.refused] == [0, 0, 0, 1.1, 3.1]
    assert line.sent[0][0] == pytest.approx(7.1, abs=0.1)
    assert len(line.sent) == 28


def test_while_the_bot_is_limited_one_call_probes_at_a_time() -> None:
    async def story() -> list[float]:
        line = Line()
        line.refusing = limits_the_bot(100)
        for chat in (MARIA, AHMED, XIAOFANG):
            await refused(line, chat)
        assert line.pacer.limited_for() == 7200
        line.refused.clear()
        writing = [line.write(chat, "x") for chat in range(10, 30)]
        await asyncio.gather(*writing, return_exceptions=True)
        return [moment for moment, _ in line.refused]

    probes = run(story())
    gaps = [later - earlier for earlier, later in itertools.pairwise(probes)]
    assert gaps == pytest.approx([2, 4, 8], abs=0.1)


def test_a_chat_that_is_refused_itself_does_not_keep_others_from_probing() -> None:
    async def story() -> Line:
        line = Line()
        crowd = {f"to {chat}" for chat in (MARIA, AHMED, XIAOFANG)}
        line.refusing = lambda what: 7200 if what in crowd else 0
        for chat in (MARIA, AHMED, XIAOFANG):
            await refused(line, chat)
        await line.write(7, "to Gabriela")
        assert line.pacer.limited_for() == 0
        return line

    assert run(story()).at("to Gabriela") < 1.1


def test_a_limit_of_the_bot_is_over_when_its_time_is() -> None:
    async def story() -> list[float]:
        line = Line()
        line.refusing = lambda what: 60
        for chat in (MARIA, AHMED, XIAOFANG):
            await refused(line, chat)
        first = line.pacer.limited_for()
        await asyncio.sleep(60)
        return [first, line.pacer.limited_for()]

    assert run(story()) == [60, 0]


def test_a_call_that_was_accepted_before_does_not_end_a_limit() -> None:
    async def story() -> float:
        line = Line()
        line.refusing = lambda what: 7200
        slow = asyncio.create_task(line.pacer.send(9, NOW, lambda: asyncio.sleep(0.5)))
        await asyncio.sleep(0)
        for chat in (MARIA, AHMED, XIAOFANG):
            await refused(line, chat)
        await slow
        return line.pacer.limited_for()

    assert run(story()) == pytest.approx(7200, abs=1)


def test_a_429_for_longer_than_an_answer_waits_is_not_tried_again_meanwhile() -> None:
    async def story() -> int:
        line = Line()
        line.refusing = lambda what: 7200
        for _ in range(5):
            await refused(line, MARIA)
        return len(line.refused)

    assert run(story()) == 1
