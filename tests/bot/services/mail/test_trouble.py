"""Each fault of a mail server, at each of its words, through the whole outbox.

Whatever happens, no letter is lost, none is called accepted that the server did not take, and one
that it got twice is flagged.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import trustme

from bot.mail.smtp import smtp_transaction
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.bot.mail.couriers import shows, trusts
from tests.bot.mail.sink import DIES, TAKES_AND_DIES, Move, Sink, sinking, then_dies
from tests.bot.services.mailroom import MailRoom
from tests.storage.people import NOW

MOVES: dict[str, Move | str] = {
    "4xx": "451 4.3.0 later",
    "5xx": "554 5.3.0 no",
    "421": then_dies("421 4.3.2 later"),
    "dies": DIES,
    "garbage": Move(b"\xff\x00 what?\r\n"),
    # A byte, and then none for longer than anybody waits.
    "stalls": Move(b"2"),
}

# What two letters are after the server has done so to both.
BECOME = """
            4xx       5xx       421       dies      garbage   stalls
GREETING    queued    queued    queued    queued    queued    queued
EHLO        queued    queued    queued    queued    queued    queued
STARTTLS    queued    queued    queued    queued    queued    queued
AUTH        queued    queued    queued    queued    queued    queued
MAIL        deferred  queued    deferred  queued    queued    queued
RCPT        deferred  failed    deferred  queued    queued    queued
DATA        deferred  failed    deferred  queued    queued    queued
DOT         deferred  failed    deferred  unknown   unknown   unknown
RSET        deferred  deferred  deferred  deferred  deferred  deferred
QUIT        accepted  accepted  accepted  accepted  accepted  accepted
"""
AROUND_DATA = {
    "dies after 354": ("DATA", then_dies("354 go on"), "unknown"),
    "dies in the middle of the content": ("TEXT", DIES, "unknown"),
    "takes it, and dies": ("DOT", TAKES_AND_DIES, "unknown"),
    "takes it, and stalls": ("DOT", Move(b"25", takes=True), "unknown"),
    "takes it, and says garbage": ("DOT", Move(b"\xff\r\n", takes=True), "unknown"),
    "takes it, says so, and dies": ("DOT", then_dies("250 2.0.0 taken"), "accepted"),
}

# The patience that ends where a verb stalls; of all others it is COMMAND_TIMEOUT.
PATIENCE = {"DATA": "DATA_TIMEOUT", "DOT": "FINAL_DOT_TIMEOUT", "QUIT": "QUIT_TIMEOUT"}
UNTRIED = ("queued", "sending")

Cell = tuple[str, Move | str, str]


def cells() -> Iterator[tuple[str, Cell]]:
    head, *lines = BECOME.strip().splitlines()
    for line in lines:
        verb, *states = line.split()
        for move, state in zip(head.split(), states, strict=True):
            yield f"{verb} {move}", (verb, MOVES[move], state)
    yield from AROUND_DATA.items()


CELLS = dict(cells())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest_asyncio.fixture
async def sink(authority: trustme.CA) -> AsyncIterator[Sink]:
    """A mail server that wants to be asked for everything: TLS and a log-in, too."""
    async with sinking(shows(authority), auth=True) as sink:
        yield sink


@pytest.fixture
def room(database: Database, vault: Vault, authority: trustme.CA, sink: Sink) -> MailRoom:
    return MailRoom(database, vault, sink.url, trust=trusts(authority))


@pytest.mark.parametrize("cell", CELLS)
async def test_no_letter_is_lost_and_none_is_called_accepted_wrongly(
    room: MailRoom, sink: Sink, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    verb, move, state = CELLS[cell]
    sink.always(verb, move)
    if verb == "EHLO":
        # Refused, it is tried as HELO.
        sink.always("HELO", move)
    if verb == "RSET":
        sink.always("RCPT", "552 5.2.2 mailbox full")
    letters = [await room.letter(1), await room.letter(2)]
    with monkeypatch.context() as hurried:
        if "stalls" in cell:
            hurried.setattr(smtp_transaction, PATIENCE.get(verb, "COMMAND_TIMEOUT"), 0.1)
        await tries(room)
    assert verb in (*sink.verbs, "GREETING", "TEXT", "DOT"), "the fault was met"
    assert await room.states() == [state, state]
    assert await room.tally() == {"sent": 2} | ({"accepted": 2} if state == "accepted" else {})

    sink.mended()
    await comes_to_an_end(room)
    await holds(room, sink, letters, failed=2 if state == "failed" else 0)


async def test_replies_may_arrive_a_byte_at_a_time(room: MailRoom, sink: Sink) -> None:
    sink.bytewise = True
    letters = [await room.letter(1), await room.letter(2)]
    await comes_to_an_end(room)
    await holds(room, sink, letters)
    assert not any(row.possible_duplicate for row in await room.rows())


async def test_one_letter_is_refused_and_one_deferred(room: MailRoom, sink: Sink) -> None:
    sink.always("RCPT", "550 5.1.1 unknown", about="nobody@")
    sink.always("RCPT", "450 4.2.0 later", about="busy@")
    to = ("minister@gov.example", "nobody@gov.example", "busy@gov.example")
    letters = [await room.letter(number, address) for number, address in enumerate(to)]
    await tries(room)
    assert await room.states() == ["accepted", "failed", "deferred"]
    sink.mended()
    await comes_to_an_end(room)
    await holds(room, sink, letters, failed=1)


async def test_there_are_too_many_connections(room: MailRoom, sink: Sink) -> None:
    hold = sink.hold("DOT")
    first = await room.letter(1)
    async with room.works() as worker:
        await hold.reached(1)
        sink.at("GREETING", then_dies("421 4.7.0 too many connections"))
        second = await room.letter(2)
        await room.comes(lambda rows: rows[1].smtp_code == 421)
        hold.release()
        await room.comes(lambda rows: rows[0].state == "accepted")
        assert await room.states() == ["accepted", "queued"]
        assert not worker.task.done()
    await comes_to_an_end(room)
    await holds(room, sink, [first, second])


async def test_idle_connections_are_closed(room: MailRoom, sink: Sink) -> None:
    async with room.works():
        letters = [await room.letter(1)]
        await room.become("accepted")
        sink.hang_up()
        letters.append(await room.letter(2))
        await room.become("accepted", "accepted")
        sink.at("MAIL", then_dies("421 4.4.2 idle for too long"))
        letters.append(await room.letter(3))
        await room.become("accepted", "accepted", "accepted")
    await holds(room, sink, letters)
    assert sink.connections == 3
    assert not any(row.possible_duplicate for row in await room.rows())


@pytest.mark.parametrize(
    ("expired", "meaning"),
    [(True, "certificate"), (False, "unsupported")],
)
async def test_nothing_is_sent_without_trusted_encryption(
    room: MailRoom, sink: Sink, authority: trustme.CA, expired: bool, meaning: str
) -> None:
    letters = [await room.letter(1), await room.letter(2)]
    async with sinking(shows(authority, expired=True) if expired else None) as bad:
        room.url = sink.url.replace(str(sink.port), str(bad.port))
        await tries(room)
        assert not {"AUTH", "MAIL"} & set(bad.verbs)
    assert await room.states() == ["queued", "queued"]
    assert [row.smtp_meaning for row in await room.rows()] == [meaning] * 2
    room.url = sink.url
    await comes_to_an_end(room)
    await holds(room, sink, letters)


async def tries(room: MailRoom) -> None:
    """Let a worker try each letter once."""
    async with room.works(slots=3):
        await room.comes(
            lambda rows: all(row.state not in UNTRIED or row.not_before > NOW for row in rows)
        )


async def comes_to_an_end(room: MailRoom) -> None:
    """Let a worker go on a day later, until nothing is left to be done."""
    room.later(days=1)
    async with room.works():
        await room.comes(lambda rows: all(row.state in ("accepted", "failed") for row in rows))


async def holds(room: MailRoom, sink: Sink, letters: list[str], *, failed: int = 0) -> None:
    """Assert what is promised: each letter was taken, or is called failed and was not."""
    rows = await room.rows()
    assert [row.state for row in rows].count("failed") == failed
    for row, letter in zip(rows, letters, strict=True):
        copies = sink.accepted[letter]
        if row.state == "failed":
            assert copies == 0
        else:
            assert copies == 1 or (copies == 2 and row.possible_duplicate)
    assert sink.accepted.keys() <= set(letters)
