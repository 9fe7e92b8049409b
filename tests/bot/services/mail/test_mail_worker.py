"""The mail worker with the real transport and a mail server that fails."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.mail.messages.envelopes import AddressPurpose
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.delivery import uncertain
from storage.schema.tables import outbox as mails
from tests.bot.mail.signatures import holds
from tests.bot.mail.sink import DIES, TAKES_AND_DIES, Move, Sink, sinking, then_dies
from tests.bot.services.mailroom import MailRoom
from tests.storage.people import NOW, after


async def test_a_letter_is_accepted_when_the_server_has_answered_250(
    room: MailRoom, sink: Sink
) -> None:
    hold = sink.hold("DOT")
    letter = await room.letter(1)
    async with room.works():
        await hold.reached(1)
        row = await room.row()
        assert (row.state, row.transmitting) == ("sending", True)
        assert await room.tally() == {"sent": 1}
        hold.release()
        await room.become("accepted")
    row = await room.row()
    assert (row.smtp_code, row.smtp_status, row.smtp_meaning, row.turn_id) == (250, "", None, "")
    assert (row.encrypted_content, row.encrypted_message, row.lease) == (None, None, None)
    assert await room.tally() == {"sent": 1, "accepted": 1}
    assert sink.accepted == {letter: 1}
    sender = room.envelopes.address(AddressPurpose.LETTER, row.mail)
    assert [(mail.recipient, mail.sender) for mail in sink.mails] == [
        ("minister@gov.example", sender)
    ]
    (mail,) = sink.mails
    for known_inside in (row.mail, row.message_id):
        assert known_inside.encode() not in sender.encode() + mail.content


@pytest.mark.parametrize(
    ("verb", "move", "state", "code", "waits"),
    [
        ("MAIL", "451 4.3.0 later", "deferred", 451, timedelta(seconds=300)),
        ("RCPT", "450 4.2.0 later", "deferred", 450, timedelta(seconds=300)),
        ("RCPT", "552 5.2.2 mailbox full", "deferred", 552, timedelta(hours=4)),
        ("RCPT", "550 5.1.1 unknown", "failed", 550, timedelta(0)),
        ("RCPT", "554 5.7.1 relay access denied", "queued", 554, timedelta(seconds=300)),
        ("MAIL", "530 5.7.0 log in first", "queued", 530, timedelta(seconds=30)),
        ("DATA", DIES, "queued", None, timedelta(seconds=1)),
        ("TEXT", DIES, "unknown", None, timedelta(seconds=300)),
        ("DOT", DIES, "unknown", None, timedelta(seconds=300)),
        ("DOT", then_dies("421 4.3.2 later"), "deferred", 421, timedelta(seconds=300)),
        ("DOT", "554 5.6.0 no", "failed", 554, timedelta(0)),
    ],
)
@pytest.mark.usefixtures("even")
async def test_each_fault_leads_to_its_state(
    room: MailRoom,
    sink: Sink,
    verb: str,
    move: Move | str,
    state: str,
    code: int | None,
    waits: timedelta,
) -> None:
    sink.at(verb, move)
    letter = await room.letter(1)
    async with room.works():
        await room.comes(lambda rows: rows[0].lease is None and rows[0].status == 3)
        row = await room.row()
        assert (row.state, row.smtp_code, row.not_before) == (state, code, NOW + waits)
        assert (row.transmitting, sink.accepted, await room.tally()) == (False, {}, {"sent": 1})
        room.later(days=1)
        await (room.nothing_happens() if state == "failed" else room.become("accepted"))
    assert sink.accepted == ({} if state == "failed" else {letter: 1})
    assert (await room.row()).possible_duplicate is (state == "unknown")


async def test_our_fault_pauses_mail_and_loses_nothing(database: Database, vault: Vault) -> None:
    async with sinking(auth=True) as sink:
        sink.always("AUTH", "535 5.7.8 wrong")
        room = MailRoom(database, vault, sink.url, ended=sink.mended)
        letters = [await room.letter(number) for number in range(4)]
        async with room.works():
            await room.comes(lambda rows: [row.smtp_code for row in rows].count(535) == 2)
            assert await room.states() == ["queued"] * 4
            room.later(seconds=29)
            await room.nothing_happens()
            assert sink.connections == 2
            room.later(seconds=2)
            await room.comes(lambda rows: [row.smtp_code for row in rows].count(535) == 3)
            await room.nothing_happens()
            assert sink.connections == 3, "after a rest, one goes first"
            sink.mended()
            room.later(seconds=59)
            await room.nothing_happens()
            assert sink.connections == 3, "the next rest is twice as long"
            room.later(seconds=2)
            await room.become(*["accepted"] * 4)
        assert sink.accepted == dict.fromkeys(letters, 1)


@pytest.mark.parametrize(
    ("verb", "move"),
    [
        ("RCPT", "550 5.1.1 unknown"),
        ("RCPT", "450 4.2.0 later"),
        ("RCPT", "554 5.7.1 relay access denied"),
        ("DATA", DIES),
        ("DOT", DIES),
        ("", "cannot be assembled"),
    ],
)
async def test_one_bad_message_never_blocks_another(
    room: MailRoom, sink: Sink, verb: str, move: Move | str
) -> None:
    sink.always(verb, move, about="broken@")
    await room.letter(0, "broken@gov.example")
    letters = []
    async with room.works(slots=1):
        for number in range(1, 7):
            letters.append(await room.letter(number))
            room.later(seconds=31)
            await room.comes(
                lambda rows, number=number: rows[number].state == "accepted"  # type: ignore[misc]
            )
    assert sink.accepted == dict.fromkeys(letters, 1)
    assert (await room.row(0)).state != "accepted"


@pytest.mark.usefixtures("even")
async def test_mail_that_cannot_be_assembled_waits_longer_each_time(room: MailRoom) -> None:
    await room.letter(0, "broken@gov.example")
    async with room.works():
        await room.comes(lambda rows: rows[0].lease is None and rows[0].status == 3)
        row = await room.row(0)
        waits = row.not_before - NOW
        assert (row.state, row.smtp_meaning, waits) == (
            "queued",
            "ours",
            timedelta(seconds=300),
        )


async def test_a_code_that_may_not_be_relayed_does_not_stop_letters(
    room: MailRoom, sink: Sink
) -> None:
    sink.always("RCPT", "554 5.7.1 relay access denied", about="p9@")
    await room.code(9)
    async with room.works():
        await room.comes(lambda rows: rows[0].smtp_code == 554)
        letter = await room.letter(1)
        room.later(seconds=31)
        await room.comes(lambda rows: "accepted" in [row.state for row in rows])
    assert sink.accepted == {letter: 1}


async def test_a_damaged_row_does_not_stop_other_mail(room: MailRoom, sink: Sink) -> None:
    damaged, whole = await room.letter(1), await room.letter(2)
    damage = (
        mails.update().where(mails.c.message_id == f"{1:032}").values(encrypted_content=b"\x01")
    )
    await room.database.transact(lambda c: c.execute(damage))
    async with room.works():
        await room.become("failed", "accepted")
    assert sink.accepted == {whole: 1}
    assert damaged not in sink.accepted


async def test_codes_go_before_letters(room: MailRoom, sink: Sink) -> None:
    hold = sink.hold("DOT")
    await room.letter(1)
    async with room.works(slots=1):
        await hold.reached(1)
        await room.letter(2)
        await room.letter(3)
        await room.code(4)
        # On a connection of its own.
        await hold.reached(2)
        hold.release()
        await room.become("accepted", "accepted", "accepted")
    assert [mail.recipient for mail in sink.mails] == [
        "minister@gov.example",
        "p4@mail.example",
        *["minister@gov.example"] * 2,
    ]
    assert len(await room.rows()) == 3, "of a code's mail nothing stays"


@pytest.mark.usefixtures("even")
async def test_an_uncertain_letter_is_sent_once_more_and_never_again(
    room: MailRoom, sink: Sink
) -> None:
    sink.at("DOT", TAKES_AND_DIES, TAKES_AND_DIES)
    letter = await room.letter(1)
    async with room.works():
        await room.become("unknown")
        assert (await room.row()).possible_duplicate is False
        room.later(seconds=299)
        await room.nothing_happens()
        room.later(seconds=1)
        await room.comes(lambda rows: rows[0].possible_duplicate and rows[0].state == "unknown")
        room.later(days=10)
        await room.nothing_happens()
    first, second = sink.mails
    assert first == second
    assert holds(first.content)
    assert first.message_id == letter
    assert await room.tally() == {"sent": 1}


@pytest.mark.usefixtures("even")
async def test_a_second_attempt_that_is_accepted_stays_a_possible_duplicate(
    room: MailRoom, sink: Sink
) -> None:
    sink.at("DOT", TAKES_AND_DIES)
    letter = await room.letter(1)
    async with room.works():
        await room.become("unknown")
        room.later(seconds=300)
        await room.become("accepted")
    row = await room.row()
    assert row.possible_duplicate
    assert sink.accepted == {letter: 2}


async def test_two_workers_never_send_a_mail_twice(room: MailRoom, sink: Sink) -> None:
    letters = [await room.letter(number) for number in range(12)]
    async with room.works(), room.works():
        await room.become(*["accepted"] * 12)
        await room.nothing_happens()
    assert sink.accepted == dict.fromkeys(letters, 1)


async def test_a_worker_that_lost_the_lease_sends_nothing(room: MailRoom, sink: Sink) -> None:
    hold = sink.hold("DATA")
    letter = await room.letter(1)
    async with room.works(slots=1):
        await hold.reached(1)
        now = room.clock.now = after(seconds=61)
        assert await room.database.transact(lambda c: uncertain.recover_lost(c, now=now)) == 1
        hold.release()
        await room.become("accepted")
    assert sink.verbs.count("DATA") == 2
    assert sink.accepted == {letter: 1}
    assert (await room.row()).possible_duplicate, "who took it back could not know"


async def test_a_cancelled_worker_finishes_the_mail_in_flight(room: MailRoom, sink: Sink) -> None:
    hold = sink.hold("DOT")
    letter = await room.letter(1)
    async with room.works(slots=1) as worker:
        await hold.reached(1)
        waiting = await room.letter(2)
        worker.task.cancel()
        assert await room.states() == ["sending", "queued"]
        assert not worker.task.done()
        hold.release()
        with pytest.raises(asyncio.CancelledError):
            await worker.task
        assert await room.states() == ["accepted", "queued"]
    assert sink.accepted == {letter: 1}
    async with room.works():
        await room.become("accepted", "accepted")
    assert sink.accepted == {letter: 1, waiting: 1}


async def test_a_campaign_that_is_new_does_not_wait_for_the_mail_of_another(
    room: MailRoom, sink: Sink
) -> None:
    """Every claim takes as many mails as it may, and older mail of a new lane comes next."""
    hold = sink.hold("DOT")
    for number in range(1, 31):
        await room.letter(number)
    async with room.works(slots=1):
        await hold.reached(1)
        new = await room.letter(31)
        mine = update(mails).where(mails.c.message_id == f"{31:032}")
        moved = mine.values(lane="hill", not_before=after(seconds=-60))
        await room.database.transact(lambda c: c.execute(moved))
        room.later(seconds=2)
        hold.release()
        await room.become(*["accepted"] * 31)
    assert list(sink.accepted).index(new) < 6
