"""How long mail waits in the outbox, and what happens when it expires."""

import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Row

from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import mail_outages
from storage.mail.proof import codes
from storage.schema.tables import alerts as alerts_table
from tests.bot.mail.sink import DIES, Move, Sink, sinking
from tests.bot.services.mailroom import MailRoom
from tests.storage.people import after

LATER = "450 4.2.0 later"


@pytest.mark.usefixtures("even")
async def test_a_letter_waits_as_long_as_its_age(room: MailRoom, sink: Sink) -> None:
    waits = {86_400: 4000, 4001: 4000, 1000: 1000, 300: 300, 0: 300}
    sink.always("RCPT", LATER)
    for number, age in enumerate(waits):
        room.clock.now = after(seconds=-age)
        await room.letter(number)
    async with room.works():
        await room.become(*["deferred"] * 5)
    times = [row.not_before for row in await room.rows()]
    assert times == [after(seconds=wait) for wait in waits.values()]


async def test_jitter_spreads_letters_that_failed_together(
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
async def test_an_expired_letter_fails_with_its_reason(
    room: MailRoom, sink: Sink, move: Move | str, state: str
) -> None:
    sink.at("DOT", move)
    await room.letter(1)
    async with room.works():
        await room.comes(lambda rows: rows[0].state in ("deferred", "unknown"))
        room.later(days=5)
        await room.comes(lambda rows: rows[0].smtp_meaning == "expired")
    assert await room.states() == [state]
    assert sink.accepted == {}


def _attempted(now: datetime, rows: list[Row[Any]]) -> bool:
    """Whether an attempt of this time is over, not only claimed."""
    return any(row.changed == now and row.lease is None for row in rows)


async def test_letters_do_not_expire_during_an_outage(database: Database, vault: Vault) -> None:
    """Neither a letter that was never tried expires, nor one that waits between two attempts."""
    async with sinking(auth=True) as sink:
        sink.always("RCPT", LATER)
        room = MailRoom(database, vault, sink.url, ended=sink.mended)
        for number in range(2):
            await room.letter(number)
        async with room.works(slots=1):
            await room.become("deferred", "deferred")
            sink.mended()
            sink.always("AUTH", "535 5.7.8 wrong")
            sink.hang_up()
            room.later(hours=2)
            await room.comes(lambda rows: 535 in [row.smtp_code for row in rows])
            await room.letter(2)
            for _ in range(3):
                room.later(days=3)
                connections = sink.connections
                await room.comes(partial(_attempted, room.clock.now))
                assert sink.connections == connections + 1
            sink.mended()
            sink.always("RCPT", LATER)
            room.later(hours=2)
            await room.become("deferred", "deferred", "deferred")
            assert {(row.expires - room.clock.now).days for row in await room.rows()} <= {4, 5}
            sink.mended()
            room.later(hours=2)
            await room.become("accepted", "accepted", "accepted")


async def test_a_letter_that_was_never_tried_does_not_expire(room: MailRoom, sink: Sink) -> None:
    letter = await room.letter(1)
    room.later(days=30)
    async with room.works():
        await room.become("accepted")
    assert sink.accepted == {letter: 1}


async def test_a_letter_whose_author_disowns_it_is_held_back(room: MailRoom, sink: Sink) -> None:
    """A letter in flight cannot be held back. If it turns out not to have left, it is."""
    hold = sink.hold("DATA")
    await room.letter(1)
    async with room.works():
        await hold.reached(1)
        address = AddressKeys.of(room.vault, "p1@mail.example")
        await room.database.transact(
            partial(codes.disown_address, vault=room.vault, address=address, now=room.clock.now)
        )
        sink.at("DATA", DIES)
        hold.release()
        await room.comes(lambda rows: rows[0].lease is None)
        room.later(hours=1)
        await room.become("cancelled")
    assert sink.accepted == {}


async def test_any_worker_that_reaches_the_server_ends_the_alert(room: MailRoom) -> None:
    """The worker that raised the alert may have ended."""
    async with room.works():
        await room.letter(1)
        await room.become("accepted")
        now = room.clock.now
        reply = ServerReply(meaning=ReplyMeaning.UNREACHED)
        raised = partial(mail_outages.report, reply=reply, host="gone", now=now)
        await room.database.transact(partial(raised, until=now + timedelta(seconds=1)))
        room.later(seconds=2)
        await room.letter(2)
        await room.become("accepted", "accepted")
    rows = await room.database.read(lambda c: c.execute(alerts_table.select()).all())
    assert [row.ended for row in rows] == [room.clock.now]
