"""No behaviour of a mail server stops all mail, unless the fault is ours."""

from datetime import timedelta

import pytest

from bot.mail.smtp import pool as pools
from bot.services.mail import mail_worker
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.bot.mail.sink import DIES, Sink, sinking, then_dies
from tests.bot.services.mailroom import MailRoom
from tests.storage.people import NOW

DENIED = "554 5.7.1 Relay access denied"


async def test_a_connection_that_is_full_delays_no_code(room: MailRoom, sink: Sink) -> None:
    """Someone asks for a code every few seconds, so the connection is never idle."""
    sink.most_mails = (10, "452 4.4.5 Maximum number of messages per session exceeded.")
    async with room.works():
        for number in range(45):
            await room.code(number)
            await room.become()
            room.later(seconds=5)
    assert len(sink.mails) == 45
    assert sink.connections == 5


@pytest.mark.usefixtures("even")
async def test_a_full_connection_delays_no_letter(room: MailRoom, sink: Sink) -> None:
    sink.most_mails = (3, "452 4.4.5 Maximum number of messages per session exceeded.")
    letters = [await room.letter(number) for number in range(12)]
    async with room.works():
        await room.become(*["accepted"] * 12)
    assert sink.accepted == dict.fromkeys(letters, 1)


async def test_silence_after_the_final_dot_stops_nothing_else(
    room: MailRoom, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "SLOW_AFTER", 0.01)
    silence = sink.hold("DOT")
    for number in range(14):
        await room.letter(number, "silent@gov.example")
    async with room.works():
        await silence.reached(14)
        del sink.holds["DOT"]
        letters = [await room.letter(number) for number in range(20, 30)]
        await room.comes(lambda rows: [row.state for row in rows].count("accepted") == 10)
        await room.code(40)
        await room.comes(lambda rows: len(rows) == 24)
        assert sink.accepted.keys() >= set(letters)
        assert sink.mails[-1].recipient == "p40@mail.example"
        assert [row.state for row in await room.rows()][:14] == ["sending"] * 14
        silence.release()
        await room.comes(lambda rows: all(row.state == "accepted" for row in rows))
    assert set(sink.accepted.values()) == {1}


async def test_codes_do_not_wait_for_silent_letters(room: MailRoom, sink: Sink) -> None:
    """The connection of codes is free before any other is taken for slow."""
    silence = sink.hold("DOT")
    await room.letter(1)
    await room.letter(2)
    async with room.works():
        await silence.reached(2)
        del sink.holds["DOT"]
        for number in range(3, 9):
            await room.code(number)
        await room.comes(lambda rows: len(rows) == 2)
        assert await room.states() == ["sending", "sending"]
        silence.release()
    assert len(sink.mails) == 8


async def test_codes_of_another_process_do_not_wait_for_silent_letters(
    room: MailRoom, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing wakes the worker, and letters have all its slots: it asks for codes all the same."""
    monkeypatch.setattr(mail_worker, "MAX_SLEEP", 0.01)
    silence = sink.hold("DOT")
    for number in range(1, 5):
        await room.letter(number)
    async with room.works():
        await silence.reached(2)
        del sink.holds["DOT"]
        monkeypatch.setattr(room, "poke", lambda: None)
        await room.code(9)
        await room.comes(lambda rows: len(rows) == 4)
        assert await room.states() == ["sending"] * 4
        silence.release()
    assert sink.mails[0].recipient == "p9@mail.example"


async def test_spam_is_the_failure_of_one_letter(room: MailRoom, sink: Sink) -> None:
    sink.always("DOT", "550 5.7.1 refused by our relay: looks like spam", about="wary@")
    await room.letter(0, "wary@gov.example")
    await room.letter(1, "wary@gov.example")
    letter = await room.letter(2)
    async with room.works() as worker:
        await room.become("failed", "failed", "accepted")
        assert not worker.delivering.is_paused
    assert sink.accepted == {letter: 1}


async def test_one_letter_that_may_not_be_relayed_pauses_nothing(
    room: MailRoom, sink: Sink
) -> None:
    sink.always("RCPT", DENIED, about="@elsewhere")
    await room.letter(0, "x@elsewhere.example")
    async with room.works() as worker:
        await room.comes(lambda rows: rows[0].smtp_code == 554)
        assert not worker.delivering.is_paused
        letter = await room.letter(1)
        await room.comes(lambda rows: rows[1].state == "accepted")
    assert sink.accepted == {letter: 1}
    assert (await room.row(0)).state == "queued"


async def test_a_domain_that_denies_relaying_fails_alone(room: MailRoom, sink: Sink) -> None:
    """Other mail is accepted, so the fault is not ours: its letters fail, and nothing pauses."""
    sink.always("RCPT", DENIED, about="@broken.example")
    await room.letter(0, "x@broken.example")
    async with room.works() as worker:
        await room.comes(lambda rows: rows[0].smtp_code == 554)
        await room.letter(1)
        await room.comes(lambda rows: rows[1].state == "accepted")
        await room.letter(2, "y@broken.example")
        await room.comes(lambda rows: rows[2].state == "failed")
        room.later(hours=2)
        await room.become("failed", "accepted", "failed")
        assert not worker.delivering.is_paused


@pytest.mark.usefixtures("even")
async def test_relaying_that_is_denied_for_all_pauses_all(room: MailRoom, sink: Sink) -> None:
    sink.always("RCPT", DENIED)
    letters = [await room.letter(0, "a@one.example"), await room.letter(1, "b@two.example")]
    async with room.works() as worker:
        await room.comes(lambda rows: [row.smtp_code for row in rows] == [554, 554])
        assert worker.delivering.is_paused
        assert await room.states() == ["queued", "queued"]
        sink.mended()
        room.later(hours=2)
        await room.become("accepted", "accepted")
        assert not worker.delivering.is_paused
    assert sink.accepted == dict.fromkeys(letters, 1)


@pytest.mark.usefixtures("even")
async def test_a_limit_of_connections_pauses_nothing(room: MailRoom, sink: Sink) -> None:
    hold = sink.hold("DOT")
    await room.letter(0)
    async with room.works() as worker:
        await hold.reached(1)
        busy = then_dies("421 4.7.0 too many connections")
        sink.always("GREETING", busy)
        for number in range(1, 8):
            await room.letter(number)
        await room.comes(lambda rows: 421 in [row.smtp_code for row in rows])
        (refused,) = [row for row in await room.rows() if row.smtp_code == 421]
        assert (refused.state, refused.not_before) == ("queued", NOW + timedelta(seconds=2))
        assert not worker.delivering.is_paused
        hold.release()
        await room.comes(lambda rows: [row.state for row in rows].count("accepted") == 7)
        room.later(seconds=2)
        await room.become(*["accepted"] * 8)


async def test_a_code_shares_a_connection_where_only_two_are_allowed(
    room: MailRoom, sink: Sink
) -> None:
    hold = sink.hold("DOT")
    await room.letter(1)
    await room.letter(2)
    async with room.works():
        await hold.reached(2)
        sink.always("GREETING", then_dies("421 4.7.0 too many connections"))
        await room.code(3)
        await room.begins("code")
        hold.release()
        await room.comes(lambda rows: len(rows) == 2)
    assert [mail.recipient for mail in sink.mails][-1] == "p3@mail.example"


async def test_greylisting_of_one_domain_defers_its_letters_only(
    database: Database, vault: Vault
) -> None:
    async with sinking() as sink:
        sink.pipelining = True
        sink.always("RCPT", "450 4.7.1 Greylisted", about="@grey.example")
        room = MailRoom(database, vault, sink.url)
        for number in range(8):
            await room.letter(number, "m@grey.example" if number % 2 else "m@gov.example")
        async with room.works() as worker:
            await room.become(*["accepted", "deferred"] * 4)
            assert not worker.delivering.is_paused


async def test_a_server_that_hangs_up_at_one_domain_delays_no_other_mail(
    room: MailRoom, sink: Sink
) -> None:
    sink.always("RCPT", DIES, about="@touchy.example")
    for number in range(8):
        await room.letter(number, "m@touchy.example")
    async with room.works() as worker:
        await room.comes(lambda rows: all(row.not_before > NOW for row in rows))
        assert not worker.delivering.is_paused
        room.later(seconds=1)
        await room.comes(lambda rows: all(row.lease is None and row.status > 3 for row in rows))
        assert not worker.delivering.is_paused
        letter = await room.letter(9)
        await room.comes(lambda rows: rows[8].state == "accepted")
        assert sink.accepted == {letter: 1}
        connections = sink.connections
        room.later(seconds=29)
        await room.nothing_happens()
        assert sink.connections == connections, "they wait longer now"


async def test_a_server_that_hangs_up_at_all_mail_is_an_outage(room: MailRoom, sink: Sink) -> None:
    sink.always("RCPT", DIES)
    for number in range(8):
        await room.letter(number, f"m@gov{number}.example")
    async with room.works() as worker:
        await room.comes(lambda _: worker.delivering.is_paused)
        sink.mended()
        room.later(hours=1)
        await room.become(*["accepted"] * 8)
