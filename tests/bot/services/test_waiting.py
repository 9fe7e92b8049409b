"""How long mail waits in the outbox, and what is said when its time is over."""

import random

import pytest

from tests.bot.mail.sink import DIES, Move, Sink
from tests.bot.services.mailroom import MailRoom
from tests.storage.people import after

LATER = "450 4.2.0 later"


@pytest.mark.usefixtures("even")
async def test_a_letter_waits_for_its_age(room: MailRoom, sink: Sink) -> None:
    waits = {86_400: 4000, 4001: 4000, 1000: 1000, 300: 300, 0: 300}
    sink.always("RCPT", LATER)
    for number, age in enumerate(waits):
        room.clock.now = after(seconds=-age)
        await room.letter(number)
    async with room.works():
        await room.become(*["deferred"] * 5)
    times = [row.not_before for row in await room.rows()]
    assert times == [after(seconds=wait) for wait in waits.values()]


async def test_no_two_letters_need_come_back_together(
    room: MailRoom, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    chances = iter((0.0, 1.0))
    monkeypatch.setattr(random, "random", lambda: next(chances))
    sink.always("RCPT", LATER)
    await room.letter(1)
    room.later(microseconds=1)
    await room.letter(2)
    room.later(seconds=1000)
    async with room.works(slots=1):
        await room.become("deferred", "deferred")
    times = [(row.not_before - room.clock.now).total_seconds() for row in await room.rows()]
    assert times == [pytest.approx(800, abs=0.01), pytest.approx(1200, abs=0.01)]


@pytest.mark.usefixtures("even")
async def test_a_code_waits_less(room: MailRoom, sink: Sink) -> None:
    waits = {600: 120, 60: 60, 0: 10}
    sink.always("RCPT", LATER)
    for number, age in enumerate(waits):
        room.clock.now = after(seconds=-age)
        await room.code(number)
    async with room.works():
        await room.become(*["deferred"] * 3)
    times = {(after() - row.queued).total_seconds(): row.not_before for row in await room.rows()}
    assert times == {age: after(seconds=wait) for age, wait in waits.items()}


@pytest.mark.parametrize(("move", "state"), [(LATER, "failed"), (DIES, "unknown")])
async def test_a_letter_whose_time_is_over_is_told_for_what_it_is(
    room: MailRoom, sink: Sink, move: Move | str, state: str
) -> None:
    sink.at("DOT", move)
    await room.letter(1)
    async with room.works():
        await room.comes(lambda rows: rows[0].state in ("deferred", "unknown"))
        room.later(days=5)
        await room.comes(lambda rows: rows[0].smtp_text == "it could not be delivered in time")
    assert await room.states() == [state]
    assert sink.accepted == {}
