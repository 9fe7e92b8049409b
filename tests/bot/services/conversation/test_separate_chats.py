"""No chat waits for another one: one floods, one is limited, one gets errors, one is quiet."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from sqlalchemy import update

from bot.clock import utc_now
from bot.playground.telegram import Person, TelegramServer
from storage.chats import leases
from storage.schema.tables import chats
from tests.bot.organisation import Organisation, hears, presses, walks_to_the_review
from tests.databases import opened

SEND = "Send in my name"
LEFT = "Your letter was sent at"
HELP = "I’m a bot. I help you"
SOON = 4.0
"""Seconds: at once, on a machine that is busy."""

Answer = Callable[[], web.Response | None]
"""Returns what Telegram answers instead of doing what was asked; None: it does that."""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[int, Answer]:
    """What Telegram answers to calls that concern a chat, by chat; 0 stands for all others."""
    by_chat: dict[int, Answer] = {}
    call: Any = TelegramServer._call

    async def answering(server: TelegramServer, request: web.Request) -> web.Response:
        if request.content_type == "application/json" and await request.read():
            chat = (await request.json()).get("chat_id")
            answer = by_chat.get(chat, by_chat.get(0, lambda: None))
            if chat and (instead := answer()):
                return instead
        done: web.Response = await call(server, request)
        return done

    monkeypatch.setattr(TelegramServer, "_call", answering)
    return by_chat


def too_many(seconds: int) -> web.Response:
    body = {"ok": False, "error_code": 429, "parameters": {"retry_after": seconds}}
    return web.Response(body=orjson.dumps(body), status=429)


def first(answer: web.Response, then: Answer = lambda: None) -> Answer:
    """Give `answer` once, and after that what `then` says."""
    given: list[web.Response] = []

    def answering() -> web.Response | None:
        if given:
            return then()
        given.append(answer)
        return answer

    return answering


def bad_gateway() -> web.Response:
    return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")


class Town:
    """Three people whose letters are ready, and the clock."""

    def __init__(self, organisation: Organisation) -> None:
        add = organisation.telegram.add_person
        self.ahmed, self.gabriela, self.sergio = (
            add(7001, "Ahmed"),
            add(7002, "Gabriela"),
            add(7003, "Sergio"),
        )
        self._began = asyncio.get_running_loop().time()

    def begins(self) -> None:
        self._began = asyncio.get_running_loop().time()

    async def hears(self, person: Person, words: str, within: float = 30) -> float:
        """Return after how many seconds the person sees these words."""
        await person.until(
            lambda who: any(words in each["text"] for each in who.chat() if not each["mine"]),
            within,
        )
        return asyncio.get_running_loop().time() - self._began


@asynccontextmanager
async def town(organisation: Organisation, database_url: str) -> AsyncIterator[Town]:
    organisation.sets(database={"url": database_url})
    async with organisation.running("run"):
        made = Town(organisation)
        for person in (made.ahmed, made.gabriela, made.sergio):
            await walks_to_the_review(person, organisation, f"p{person.id}@mail.example")
        made.begins()
        yield made


async def test_a_flood_in_one_chat_delays_no_letter_status_of_another(
    answers: dict[int, Answer], organisation: Organisation, database_url: str
) -> None:
    async with town(organisation, database_url) as people:
        for _ in range(120):
            people.ahmed.send("/help")
        await presses(people.ahmed, SEND)
        for _ in range(120):
            people.ahmed.send("/help")
        answers[people.sergio.id] = first(bad_gateway())
        people.begins()
        await presses(people.gabriela, SEND)
        await presses(people.sergio, SEND)
        assert await people.hears(people.gabriela, LEFT) < SOON
        assert await people.hears(people.sergio, LEFT) < 5 + 2 * SOON
        await people.hears(people.ahmed, LEFT, 60)


async def test_a_chat_that_is_limited_delays_no_letter_status_of_another(
    answers: dict[int, Answer], organisation: Organisation, database_url: str
) -> None:
    async with town(organisation, database_url) as people:
        answers[people.ahmed.id] = first(bad_gateway(), then=lambda: too_many(20))
        await presses(people.ahmed, SEND)
        answers[people.sergio.id] = first(bad_gateway())
        people.begins()
        await presses(people.gabriela, SEND)
        await presses(people.sergio, SEND)
        assert await people.hears(people.gabriela, LEFT) < SOON
        assert await people.hears(people.sergio, LEFT) < 5 + 2 * SOON


async def ready(port: int) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz") as answer,
    ):
        return answer.status, await answer.text()


async def test_two_chats_that_are_limited_silence_no_third(
    answers: dict[int, Answer], organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    add = organisation.telegram.add_person
    anna, boris, gabriela = add(1, "Anna"), add(2, "Boris"), add(3, "Gabriela")
    async with organisation.running("run") as running:
        answers[anna.id] = first(too_many(3))
        answers[boris.id] = lambda: too_many(7200)
        anna.send("/help")
        await asyncio.sleep(0.3)
        boris.send("/help")
        await asyncio.sleep(0.3)
        gabriela.send("/help")
        await hears(gabriela, HELP)
        assert await ready(running.port) == (200, "ready\n")
        await hears(anna, HELP)
        assert [each for each in boris.chat() if not each["mine"]] == []


async def test_a_limit_of_the_bot_is_reported_and_probed_until_it_ends(
    answers: dict[int, Answer], organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    people = [organisation.telegram.add_person(number, "Anna") for number in range(1, 6)]
    async with organisation.running("run") as running:
        refused: list[web.Response] = []

        def refuses() -> web.Response:
            refused.append(too_many(7200))
            return refused[-1]

        answers[0] = refuses
        async with asyncio.timeout(20):
            for number, person in enumerate(people[:4]):
                person.send("/help")
                while len(refused) <= min(number, 2):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.01)
            while (await ready(running.port))[0] == 200:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        status, reason = await ready(running.port)
        assert (status, reason[:50]) == (503, "Telegram limits the bot, and asks it to wait for 7")
        del answers[0]
        people[4].send("/help")
        await hears(people[4], HELP)
        assert await ready(running.port) == (200, "ready\n")


async def test_a_restarted_bot_answers_where_the_killed_one_was_sending(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    gabriela = organisation.telegram.add_person(3, "Gabriela")
    async with organisation.running("run"):
        gabriela.send("/help")
        await hears(gabriela, HELP)
    leased = {"lease": leases.new_lease("killed"), "lease_until": utc_now() + leases.LEASE}
    async with opened(database_url) as database:
        await database.transact(lambda c: c.execute(update(chats).values(leased)))
    async with organisation.running("run"):
        gabriela.send("/privacy")
        await gabriela.until(lambda who: len(who.chat()) == 4, 10)
