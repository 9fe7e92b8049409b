"""Who may write when: Maria and Ahmed chat, a broadcast goes out, Telegram says “not so fast”."""

import asyncio
import math

import pytest

from bot.services.ports import BroadcastCall, ChatLimited
from bot.telegram.broadcast_transport import BroadcastTransport
from bot.telegram.client.api_errors import NotSent, TooManyRequests
from bot.telegram.client.pacing import MAX_ATTEMPTS, Pacer
from bot.telegram.client.rate_gate import UNLIMITED, Limits
from bot.telegram.client.request import TelegramRequest
from conversations.core.facts import Deployment
from tests.bot.telegram.client.clockwork import now, run
from tests.bot.telegram.client.line import (
    AHMED,
    LATER,
    MARIA,
    NOW,
    Line,
    after,
    once,
    together,
)

HOUSE = Deployment({}, "river_bot", "actions@send.example", "tests@send.example")


def test_what_is_said_in_one_chat_keeps_its_order() -> None:
    async def story() -> list[str]:
        line = Line()
        await together(*(line.write(MARIA, word) for word in ("one", "two", "three")))
        return [what for _, what in line.sent]

    assert run(story()) == ["one", "two", "three"]


def test_a_burst_to_one_chat_passes_then_one_a_second() -> None:
    async def story() -> list[float]:
        line = Line(Limits(overall=math.inf, chat_burst=3))
        await together(*(line.write(MARIA, str(number)) for number in range(6)))
        return [moment for moment, _ in line.sent]

    assert run(story()) == pytest.approx([0, 0.02, 0.04, 1, 2, 3])


def test_a_429_for_maria_delays_maria_only_and_keeps_her_order() -> None:
    async def story() -> Line:
        line = Line()
        line.refusing = once("to Maria", wait=20)
        await together(
            line.write(MARIA, "to Maria"),
            line.write(MARIA, "to Maria, again"),
            after(1, line.write(AHMED, "to Ahmed")),
        )
        return line

    line = run(story())
    assert line.sent == [(1.0, "to Ahmed"), (20.02, "to Maria"), (21.02, "to Maria, again")]
    assert line.refused == [(0.0, "to Maria")]


def test_bulk_goes_evenly_and_answers_overtake_it() -> None:
    async def story() -> Line:
        line = Line()
        letters = [line.write(100 + number, f"news {number}", LATER) for number in range(100)]
        await together(*letters, after(1, line.write(7, "answer")))
        return line

    line = run(story())
    assert line.at("answer") == 1.0
    assert line.at("news 50") == pytest.approx(2.0)
    assert line.at("news 99") == pytest.approx(99 / 25)


def test_answers_overtake_bulk_even_in_a_crowd() -> None:
    async def story() -> Line:
        line = Line()
        bulk = [line.write(100 + number, f"news {number}", LATER) for number in range(10)]
        await together(*bulk, *(line.write(500 + n, f"answer {n}") for n in range(80)))
        return line

    line = run(story())
    order = [what for _, what in line.sent]
    news = [what for what in order[40:80] if what.startswith("news")]
    assert len(news) <= 2
    assert order[-1] == "news 9"


def test_thirty_a_second_overall() -> None:
    async def story() -> Line:
        line = Line()
        await together(*(line.write(100 + number, str(number)) for number in range(205)))
        return line

    sent = [moment for moment, _ in run(story()).sent]
    assert sum(moment < 1e-9 for moment in sent) == 25
    assert sent[-1] == pytest.approx(180 / 30)


def test_bulk_that_waits_does_not_hold_up_an_answer_in_the_same_chat() -> None:
    async def story() -> Line:
        line = Line()
        crowd = [line.write(100 + number, "crowd") for number in range(60)]
        await together(
            *crowd, line.write(MARIA, "news", LATER), line.write(MARIA, "answer to Maria")
        )
        return line

    line = run(story())
    assert line.at("answer to Maria") < line.at("news")


def test_a_429_that_asks_for_more_than_we_have_patience_goes_to_the_caller() -> None:
    async def story() -> float:
        line = Line()
        line.refusing = lambda what: 600
        with pytest.raises(TooManyRequests):
            await line.write(MARIA, "to Maria")
        return now()

    assert run(story()) == 0.02


def test_a_429_without_end_ends() -> None:
    async def story() -> int:
        line = Line()
        line.refusing = lambda what: 1
        with pytest.raises(TooManyRequests):
            await line.write(MARIA, "to Maria")
        return len(line.refused)

    assert run(story()) == MAX_ATTEMPTS


def test_other_errors_pass_at_once_and_block_nobody() -> None:
    async def story() -> Line:
        line = Line()

        async def fails() -> None:
            raise NotSent("no way")

        with pytest.raises(NotSent):
            await line.pacer.send(MARIA, NOW, fails)
        await line.write(MARIA, "to Maria")
        return line

    assert run(story()).sent == [(0.0, "to Maria")]


def test_who_gives_up_waiting_leaves_no_gap() -> None:
    async def story() -> Line:
        line = Line(Limits(overall=1, overall_burst=1))
        first = asyncio.create_task(line.write(1, "first"))
        gives_up = asyncio.create_task(line.write(2, "gives up"))
        last = asyncio.create_task(line.write(3, "last"))
        await asyncio.sleep(0.5)
        gives_up.cancel()
        await asyncio.gather(first, last)
        return line

    assert run(story()).sent == [(0.0, "first"), (1.0, "last")]


def test_without_limits_nothing_waits_and_a_429_still_counts() -> None:
    async def story() -> Line:
        line = Line(UNLIMITED)
        line.refusing = once("5000", wait=3)
        await together(*(line.write(number, str(number), LATER) for number in range(5001)))
        return line

    line = run(story())
    assert [moment for moment, _ in line.sent[:5000]] == [0.0] * 5000
    assert line.sent[5000:] == [(3.02, "5000")]


def test_chats_at_rest_are_forgotten() -> None:
    async def story() -> int:
        line = Line(Limits(overall=math.inf))
        for hour in range(4):
            chats = range(hour * 900, hour * 900 + 900)
            await together(*(line.write(chat, "hello") for chat in chats))
            await asyncio.sleep(3600)
        return len(line.pacer._chats)

    assert run(story()) < 1900


def test_a_429_halts_all_bulk_then_it_goes_at_half_its_rate_which_grows_back() -> None:
    async def story() -> Line:
        line = Line()
        line.refusing = once("news 50", wait=10)
        bulk = [line.write(100 + number, f"news {number}", LATER) for number in range(1000)]
        await together(*bulk, after(5, line.write(7, "answer")))
        return line

    line = run(story())
    ((refused, _),) = line.refused
    resumes = refused + 0.02 + 10
    sent = sorted(moment for moment, what in line.sent if what != "answer")
    assert len(sent) == 1000
    assert not [moment for moment in sent if refused + 0.02 < moment < resumes - 1e-6]
    assert line.at("answer") == 5.0, "nobody who presses a button waits for it"

    def in_second(number: int) -> int:
        return sum(resumes + number <= moment < resumes + number + 1 for moment in sent)

    assert in_second(0) == pytest.approx(12.5, abs=2)
    assert in_second(15) == pytest.approx(18.75, abs=2)
    assert in_second(35) == pytest.approx(25, abs=1)


def test_bulk_that_is_refused_for_longer_than_we_have_patience_is_kept_as_unsent() -> None:
    class Refusing(TelegramRequest):
        def __init__(self) -> None:
            """Talk to nobody."""

        async def call_prepared(
            self, method: str, body: bytes, *, read_timeout: float | None = None
        ) -> object:
            raise TooManyRequests(500)

    async def story() -> tuple[float, float]:
        pacer = Pacer()
        bulk = BroadcastTransport(Refusing(), pacer, lambda: HOUSE)
        with pytest.raises(ChatLimited):
            await bulk.send(MARIA, BroadcastCall("sendMessage", b'"text":"Hello"}'))
        went: list[float] = []

        async def goes() -> None:
            went.append(now())

        await pacer.send(AHMED, LATER, goes)
        return went[0], bulk.rate

    began, rate = run(story())
    assert began == 60
    assert rate == pytest.approx(12.5, abs=0.1)
