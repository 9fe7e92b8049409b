"""A worker that stops gives back what it could not finish: no mail waits for the end of a lease."""

import asyncio
from contextlib import suppress

import pytest

from bot.services import shutdown
from bot.services.mail.mail_worker import MailClaim
from tests.bot.mail.sink import Sink
from tests.bot.services.mailroom import MailRoom


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown, "SHUTDOWN_GRACE", 0.05)


@pytest.mark.parametrize("verb", ["GREETING", "MAIL", "RCPT", "DATA"])
async def test_a_mail_that_hangs_before_its_content_waits_again(
    room: MailRoom, sink: Sink, verb: str
) -> None:
    hold = sink.hold(verb)
    await room.letter(1)
    room.ended = lambda: None
    async with room.works():
        await hold.reached(1)
    row = await room.row()
    assert (row.state, row.lease, row.possible_duplicate) == ("queued", None, False)
    hold.release()
    async with room.works():
        await room.become("accepted")
    assert len(sink.mails) == 1


async def test_a_mail_that_hangs_after_its_content_is_unknown(room: MailRoom, sink: Sink) -> None:
    """RFC 1047: the server may have it."""
    hold = sink.hold("DOT")
    await room.letter(1)
    room.ended = lambda: None
    async with room.works():
        await hold.reached(1)
    row = await room.row()
    assert (row.state, row.lease, row.transmitting) == ("unknown", None, False)
    hold.release()


async def test_mails_that_were_claimed_ahead_wait_again(room: MailRoom, sink: Sink) -> None:
    hold = sink.hold("MAIL")
    for number in range(1, 7):
        await room.letter(number)
    room.ended = lambda: None
    async with room.works():
        await hold.reached(2)
    assert await room.states() == ["queued"] * 6
    assert {row.lease for row in await room.rows()} == {None}
    hold.release()


async def test_a_claim_that_is_cut_off_is_given_back(
    room: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction may commit although its caller is cancelled."""
    transact, claimed, goes_on = room.database.transact, asyncio.Event(), asyncio.Event()

    async def slow(work: object) -> object:
        result = await transact(work)  # type: ignore[arg-type, var-annotated]
        if isinstance(result, MailClaim) and result.mails:
            claimed.set()
            await goes_on.wait()
        return result

    await room.letter(1)
    monkeypatch.setattr(room.database, "transact", slow)
    async with room.works() as worker:
        await asyncio.wait_for(claimed.wait(), 20)
        worker.task.cancel()
        await asyncio.sleep(0)
        goes_on.set()
        with suppress(asyncio.CancelledError):
            await worker.task
    row = await room.row()
    assert (row.state, row.lease) == ("queued", None)
