"""Who may write when: Maria and Ahmed chat, a broadcast goes out, Telegram says "not so fast"."""

import asyncio
import itertools
import math
from collections.abc import Awaitable, Callable

import pytest

from bot.services.ports import BroadcastCall, ChatLimited
from bot.telegram.broadcast_transport import BroadcastTransport
from bot.telegram.client.api_errors import NotSent, TooManyRequests
from bot.telegram.client.pacing import MAX_ATTEMPTS, Pacer
from bot.telegram.client.rate_gate import UNLIMITED, Limits, Priority
from bot.telegram.client.request import TelegramRequest
from conversations.core.facts import Deployment
from tests.bot.telegram.client.clockwork import now, run

MARIA, AHMED, XIAOFANG = 1, 2, 3
HOUSE = Deployment({}, "river_bot", "actions@send.example", "tests@send.example")
NOW, LATER = Priority.INTERACTIVE, Priority.BULK

Sent = list[tuple[float, str]]


class Line:
    """Notes what goes and when; refuses with 429 what `refusing` says, taking 20 ms for each."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.pacer = Pacer(limits)
        self.sent: Sent = []
        self.refused: Sent = []
        self.refusing: Callable[[str], float] = lambda what: 0

    async def write(self, chat: int, what: str, priority: Priority = NOW) -> None:
        await self.pacer.send(chat, priority, lambda: self._answer(what))

    async def _answer(self, what: str) -> None:
        began = now()
        wait = self.refusing(what)
        await asyncio.sleep(0.02)
        if wait:
            self.refused.append((began, what))
            raise TooManyRequests(wait)
        self.sent.append((began, what))

    def at(self, what: str) -> float:
        return next(moment for moment, sent in self.sent if sent == what)


def once(*refused: str, wait: float) -> Callable[[str], float]:
    """Refuse each of `refused` the first time."""
    left = set(refused)

    def refusing(what: str) -> float:
        if what in left:
            left.discard(what)
            return wait
        return 0

    return refusing


async def together(*writing: Awaitable[None]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in writing:
            group.create_task(_of(one))
            await asyncio.sleep(0)


async def _of(one: Awaitable[None]) -> None:
    await one


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
            _after(1, line.write(AHMED, "to Ahmed")),
        )
        return line

    line = run(story())
    assert line.sent == [(1.0, "to Ahmed"), (20.02, "to Maria"), (21.02, "to Maria, again")]
    assert line.refused == [(0.0, "to Maria")]


def test_two_hurried_people_are_two_chats_where_somebody_was_heard_in_between() -> None:
    async def story() -> Line:
        line = Line()
        line.refusing = once("to Maria", "to Ahmed", wait=20)
        await together(
            line.write(MARIA, "to Maria"),
            _after(1, line.write(XIAOFANG, "to 小芳")),
            _after(2, line.write(AHMED, "to Ahmed")),
            _after(3, line.write(XIAOFANG, "to 小芳, again")),
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


def limits_the_bot(until: float) -> Callable[[str], float]:
    """Refuse every call until then. Each is told to wait for two hours."""
    return lambda what: 7200 if now() < until else 0


async def refused(line: Line, chat: int) -> None:
    with pytest.raises(TooManyRequests):
        await line.write(chat, f"to {chat}")


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


def test_bulk_goes_evenly_and_answers_overtake_it() -> None:
    async def story() -> Line:
        line = Line()
        letters = [line.write(100 + number, f"news {number}", LATER) for number in range(100)]
        await together(*letters, _after(1, line.write(7, "answer")))
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


async def _after(seconds: float, writing: Awaitable[None]) -> None:
    await asyncio.sleep(seconds)
    await writing


def test_a_429_halts_all_bulk_then_it_goes_at_half_its_rate_which_grows_back() -> None:
    async def story() -> Line:
        line = Line()
        line.refusing = once("news 50", wait=10)
        bulk = [line.write(100 + number, f"news {number}", LATER) for number in range(1000)]
        await together(*bulk, _after(5, line.write(7, "answer")))
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
