"""Polling, while Telegram or something in between answers in a way that it should not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.playground.telegram import TelegramServer, TelegramState
from bot.playground.telegram.update_queue import Webhook
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates import polling
from bot.telegram.updates.poll_faults import PollFault
from bot.telegram.updates.polling import MAX_POLL_SILENCE, Poller, Update
from bot.web.health import Health
from storage.engine.database import Database
from tests.bot.telegram.client.wire import Call, refused, result, wired

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"


def said(update_id: object, text: object = "hi") -> dict[str, Any]:
    person = {"id": 4200, "is_bot": False, "first_name": "Maria"}
    chat = {"id": 4200, "type": "private"}
    message = {"message_id": 7, "date": 1_700_000_000, "chat": chat, "from": person, "text": text}
    return {"update_id": update_id, "message": message}


@dataclass
class Polled:
    """What a poller did."""

    poller: Poller
    pauses: list[float] = field(default_factory=list)
    handled: list[int | None] = field(default_factory=list)
    caught_up: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    """The log lines about polls."""


@asynccontextmanager
async def polled(
    request: TelegramRequest, until: Callable[[Polled], bool]
) -> AsyncIterator[Polled]:
    """Poll until `until` is true, without waiting in pauses. It is asked at each pause and call."""
    ended = asyncio.Event()

    def look() -> None:
        if until(made):
            ended.set()

    async def sleep(seconds: float) -> None:
        made.pauses.append(seconds)
        look()
        await (asyncio.Event().wait() if ended.is_set() else asyncio.sleep(0))

    async def handle(update: Update) -> None:
        made.handled.append(update.update_id)
        look()

    def caught_up() -> None:
        made.caught_up += 1

    made = Polled(Poller(request, handle, caught_up=caught_up, sleep=sleep))
    with capture_logs() as lines:
        running = asyncio.create_task(made.poller.run())
        async with asyncio.timeout(20):
            await ended.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    about_polls = ("poll failed", "webhook not deleted")
    made.lines = [dict(line) for line in lines if line["event"] in about_polls]
    yield made


def always(answer: Callable[[], web.Response]) -> Callable[[Call], web.Response]:
    """Answer each getUpdates like this, and every other method with success."""
    return lambda call: answer() if call.method == "getUpdates" else result(True)


def page(status: int, body: str) -> web.Response:
    return web.Response(status=status, text=body, content_type="text/html")


USELESS: dict[str, tuple[Callable[[], web.Response], PollFault]] = {
    "nothing": (lambda: result([]), PollFault.NOT_HELD),
    "null": (lambda: result(None), PollFault.NO_LIST),
    "object": (lambda: result({}), PollFault.NO_LIST),
    "update": (lambda: result(said(1)), PollFault.NO_LIST),
    "text": (lambda: result("updates"), PollFault.NO_LIST),
    "number": (lambda: result(7), PollFault.NO_LIST),
    "true": (lambda: result(True), PollFault.NO_LIST),
    "nulls": (lambda: result([None] * 100), PollFault.UNUSABLE),
    "texts": (lambda: result(["a", "b"]), PollFault.UNUSABLE),
    "lists": (lambda: result([[], [[]]]), PollFault.UNUSABLE),
    "objects": (lambda: result([{}] * 100), PollFault.UNUSABLE),
    "id as text": (lambda: result([said("7")]), PollFault.UNUSABLE),
    "id as boolean": (lambda: result([said(True)]), PollFault.UNUSABLE),
    "id with a fraction": (lambda: result([said(7.5)]), PollFault.UNUSABLE),
    "negative id": (lambda: result([said(-7)]), PollFault.UNUSABLE),
    "large id": (lambda: result([said(2**31)]), PollFault.UNUSABLE),
    "larger id": (lambda: result([said(2**53)]), PollFault.UNUSABLE),
    "huge id": (
        lambda: web.Response(text='{"ok":true,"result":[{"update_id":1' + "0" * 40 + "}]}"),
        PollFault.UNUSABLE,
    ),
    "id alone": (lambda: result([{"update_id": 7}]), PollFault.UNUSABLE),
    "malformed": (lambda: result([{"update_id": 7, "message": "hi"}]), PollFault.UNUSABLE),
    "page": (lambda: page(200, "<html>Sign in to the network</html>"), PollFault.NO_ANSWER),
    "half": (lambda: web.Response(text='{"ok":true,"result":[{"upd'), PollFault.NO_ANSWER),
    "empty": (lambda: web.Response(text=""), PollFault.NO_ANSWER),
    "no result": (lambda: web.Response(text='{"ok":true}'), PollFault.NO_ANSWER),
    "bad gateway": (lambda: page(502, "<html>Bad Gateway</html>"), PollFault.NO_ANSWER),
    "failure": (lambda: refused(500, "Internal Server Error: restart"), PollFault.NO_ANSWER),
    "redirect": (lambda: page(302, "moved"), PollFault.NO_ANSWER),
    "revoked": (lambda: refused(401, "Unauthorized"), PollFault.REVOKED),
    "unknown": (lambda: refused(404, "Not Found"), PollFault.REVOKED),
    "other poller": (lambda: refused(409, CONFLICT), PollFault.OTHER_POLLER),
    "webhook": (lambda: refused(409, HOOKED), PollFault.WEBHOOK),
}


@pytest.mark.parametrize("answer", USELESS)
async def test_useless_answers_are_polled_for_with_growing_pauses_and_logged_once(
    answer: str,
) -> None:
    served, fault = USELESS[answer]
    async with wired() as wire:
        wire.otherwise = always(served)
        async with polled(wire.request, lambda seen: len(seen.pauses) == 12) as seen:
            pass
    longest = 5.0 if fault is PollFault.NOT_HELD else 30.0
    for number, pause in enumerate(seen.pauses):
        most = min(0.5 * 2**number, 30.0)
        assert min(most / 2, longest) <= pause <= min(most, longest)
    assert wire.methods().count("getUpdates") <= 13
    assert [(line["reason"], line["count"]) for line in seen.lines] == [(fault.value, 1)]
    assert seen.poller.fault is fault
    assert seen.handled in ([], [7])  # a malformed update is handled once, as such


def test_each_fault_of_an_operator_says_what_to_do() -> None:
    for fault in (PollFault.WEBHOOK, PollFault.OTHER_POLLER, PollFault.REVOKED):
        assert "from @BotFather" in fault.value


async def test_a_useful_update_ends_the_long_pauses() -> None:
    answers = [result(None), result({}), result([7]), result([said(5)]), result(None)]
    async with wired(result(True), *answers) as wire:
        wire.otherwise = lambda _: result([])
        async with polled(wire.request, lambda seen: len(seen.pauses) == 4) as seen:
            pass
    assert seen.handled == [5]
    assert 1.0 <= seen.pauses[2] <= 2.0
    assert seen.pauses[3] <= 0.5


async def test_an_empty_answer_to_a_poll_that_was_held_is_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "_MIN_HOLD", 0.0)
    async with wired() as wire:
        # The fifth poll ends the test.
        wire.otherwise = always(lambda: result([said(9)] if len(wire.calls) > 5 else []))
        async with polled(wire.request, lambda seen: bool(seen.handled)) as seen:
            pass
    assert (seen.pauses, seen.lines, seen.caught_up) == ([], [], 1)


async def test_the_mail_need_not_wait_for_a_usable_answer_where_none_will_come() -> None:
    async with wired() as wire:
        wire.otherwise = always(lambda: result([{}]))
        async with polled(wire.request, lambda seen: seen.caught_up == 1) as seen:
            pass
    assert seen.caught_up == 1


async def test_the_same_update_again_and_again_is_handled_once() -> None:
    async with wired() as wire:
        wire.otherwise = always(lambda: result([said(5), said(6)]))
        async with polled(wire.request, lambda seen: len(seen.pauses) == 8) as seen:
            pass
    assert seen.handled == [5, 6]
    assert seen.pauses[7] > 5
    assert seen.poller.fault is PollFault.UNUSABLE


async def test_ids_may_go_backwards() -> None:
    """After a week without updates, Telegram chooses the next id at random (Bot API, Update)."""
    answers = [result([said(50)]), result([]), result([said(3)]), result([said(4)])]
    async with wired(result(True), *answers) as wire:
        wire.otherwise = lambda _: result([said(5)])
        async with polled(wire.request, lambda seen: seen.handled[-1:] == [5]) as seen:
            pass
    assert seen.handled == [50, 3, 4, 5]
    offsets = [call.parameters.get("offset") for call in wire.calls[1:]]
    assert offsets[:5] == [None, 51, 51, 4, 5]


async def test_junk_beside_an_update_does_not_keep_it_waiting() -> None:
    junk = [None, {}, said(10**15), said(-1), "x", said(5), said(True)]
    async with wired(result(True), result(junk)) as wire:
        wire.otherwise = lambda _: result([])
        async with polled(wire.request, lambda seen: bool(seen.pauses)) as seen:
            pass
    assert seen.handled == [5]
    assert seen.poller.fault is PollFault.NOT_HELD  # of the next poll


async def test_an_offset_is_never_taken_from_an_id_that_no_update_has() -> None:
    """A server that takes such an offset would forget all real updates."""
    async with wired(result(True), result([said(2**40)]), result([said(3)])) as wire:
        wire.otherwise = lambda _: result([])
        async with polled(wire.request, lambda seen: len(seen.pauses) == 2) as seen:
            pass
    assert seen.handled == [3]
    assert [call.parameters.get("offset") for call in wire.calls[1:4]] == [None, None, 4]


async def test_a_429_for_polls_is_obeyed_but_not_for_hours() -> None:
    async with wired(result(True)) as wire:
        wire.answers += [
            refused(429, "Too Many Requests: retry after 40", retry_after=40),
            refused(429, "Too Many Requests: retry after 99999", retry_after=99_999),
        ]
        async with polled(wire.request, lambda seen: len(seen.pauses) == 2) as seen:
            pass
    assert seen.pauses == [40, 300]


# --- a webhook that somebody set by hand --------------------------------------------------------


async def test_a_webhook_that_somebody_sets_is_deleted_again() -> None:
    telegram = TelegramState()
    maria = telegram.add_person(4200, "Maria")
    async with TelegramServer(telegram) as server:
        request = TelegramRequest(telegram.token, api=server.url)
        await request.initialize()

        def until(seen: Polled) -> bool:
            if len(seen.handled) == 1 and maria.last_id == 1:
                maria.send("still there?")
                telegram.updates.webhook = Webhook("https://other.example/", "", 1)
            return len(seen.handled) == 2

        maria.send("hello")
        async with polled(request, until) as seen:
            pass
        await request.shutdown()
    assert len(seen.handled) == 2
    assert telegram.updates.webhook is None
    assert [line["reason"] for line in seen.lines] == [PollFault.WEBHOOK.value]


async def test_a_webhook_that_cannot_be_deleted_is_tried_again() -> None:
    async with wired() as wire:
        wire.otherwise = lambda _: refused(401, "Unauthorized")
        async with polled(wire.request, lambda seen: len(seen.pauses) == 5) as seen:
            pass
    assert wire.methods() == ["deleteWebhook"] * 5
    assert seen.pauses[4] >= 4
    assert [line["reason"] for line in seen.lines] == [PollFault.REVOKED.value]


@pytest.mark.parametrize("answer", ["webhook", "other poller", "revoked", "null", "objects"])
async def test_after_three_minutes_the_bot_is_not_ready_and_says_why(
    answer: str, database: Database
) -> None:
    served, fault = USELESS[answer]
    health = Health(database, cast(Any, None))
    async with wired() as wire:
        wire.otherwise = always(served)
        async with polled(wire.request, lambda seen: len(seen.pauses) == 3) as seen:
            health.watch_polls(seen.poller)
    assert await health.problem() is None
    assert seen.poller.lasting_trouble() is None
    seen.poller.answered -= MAX_POLL_SILENCE
    assert seen.poller.lasting_trouble() is fault.trouble
    expected = f"Telegram has not answered a poll for 180 seconds: {fault.value}"
    assert await health.problem() == expected


async def test_a_server_that_has_nothing_is_no_reason_not_to_be_ready(database: Database) -> None:
    health = Health(database, cast(Any, None))
    async with wired() as wire:
        wire.otherwise = always(lambda: result([]))

        def until(seen: Polled) -> bool:
            seen.poller.answered -= MAX_POLL_SILENCE if len(seen.pauses) == 2 else 0
            return len(seen.pauses) == 3

        async with polled(wire.request, until) as seen:
            health.watch_polls(seen.poller)
    assert await health.problem() is None
