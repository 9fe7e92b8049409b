"""Mail behind mail: the next is announced with the content of the one before; each fares alone."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from tests.bot.mail.couriers import SENDER, Go, courier, numbered, sends
from tests.bot.mail.sink import DIES, TAKES_AND_DIES, Move, Sink, sinking, then_dies

ACCEPTED = SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken")


@pytest_asyncio.fixture
async def sink() -> AsyncIterator[Sink]:
    async with sinking() as sink:
        sink.pipelining = True
        yield sink


@pytest_asyncio.fixture
async def post(sink: Sink) -> AsyncIterator[SmtpPool]:
    post = courier(sink, connections=1)
    yield post


async def test_the_next_mail_is_announced_behind_the_content() -> None:
    async def meets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readuntil(b"\r\n")
        writer.write(b"250-mx\r\n250 PIPELINING\r\n")
        await reader.readuntil(b"DATA\r\n")
        await all_wait.wait()
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        for _ in range(2):
            # Content and announcement come together: nothing is answered in between.
            said.append(await reader.readuntil(b"DATA\r\n"))
            writer.write(b"250 2.0.0 taken\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
        said.append(await reader.readuntil(b"\r\n.\r\n"))
        writer.write(b"250 2.0.0 taken\r\n")
        await writer.drain()
        writer.close()

    said: list[bytes] = []
    all_wait = asyncio.Event()
    async with await asyncio.start_server(meets, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        post = SmtpPool(parse_smtp_url(f"smtp+plain://127.0.0.1:{port}"), connections=1)
        sendings = [
            asyncio.create_task(
                post.send(SENDER, f"m{number}@gov.example", numbered(number), Go(Sink()))
            )
            for number in range(3)
        ]
        await asyncio.sleep(0)
        all_wait.set()
        assert await asyncio.gather(*sendings) == [ACCEPTED] * 3
        await post.close()
    announced = [
        b"MAIL FROM:<a-1@send.example>\r\nRCPT TO:<m%d@gov.example>\r\nDATA\r\n" % number
        for number in (1, 2)
    ]
    contents = [numbered(number) + b".\r\n" for number in range(3)]
    assert said == [contents[0] + announced[0], contents[1] + announced[1], contents[2]]


@pytest.mark.parametrize(
    ("move", "verdict"),
    [
        ("250 2.0.0 taken", Verdict.ACCEPTED),
        ("451 4.3.0 later", Verdict.DEFERRED),
        ("550 5.7.1 spam", Verdict.FAILED),
        (then_dies("421 4.3.2 later"), Verdict.DEFERRED),
        ("251 what?", Verdict.UNKNOWN),
        (DIES, Verdict.UNKNOWN),
    ],
)
async def test_whatever_becomes_of_one_mail_the_next_goes(
    sink: Sink, post: SmtpPool, move: Move | str, verdict: Verdict
) -> None:
    hold = sink.hold("DATA")
    sink.at("DOT", move)
    sendings = [asyncio.create_task(sends(post, sink, numbered(number))) for number in range(3)]
    await hold.reached(1)
    hold.release()
    verdicts = [report.verdict for report in await asyncio.gather(*sendings)]
    assert verdicts == [verdict, Verdict.ACCEPTED, Verdict.ACCEPTED]
    taken = range(0 if verdict is Verdict.ACCEPTED else 1, 3)
    assert sink.accepted == {f"<{number}@send.example>": 1 for number in taken}


async def test_what_is_announced_and_called_off_leaves_nothing_behind(
    sink: Sink, post: SmtpPool
) -> None:
    hold = sink.hold("DATA")
    first = asyncio.create_task(sends(post, sink, numbered(1)))
    second = asyncio.create_task(sends(post, sink, numbered(2), go=Go(sink, yes=False)))
    third = asyncio.create_task(sends(post, sink, numbered(3)))
    await hold.reached(1)
    hold.release()
    assert [*await asyncio.gather(first, second, third)] == [
        ACCEPTED,
        SendReport(Verdict.VOID),
        ACCEPTED,
    ]
    assert (sink.connections, sink.accepted) == (
        2,
        {"<1@send.example>": 1, "<3@send.example>": 1},
    )


async def test_one_that_waits_and_is_cancelled_holds_up_nobody(sink: Sink, post: SmtpPool) -> None:
    hold = sink.hold("DOT")
    first = asyncio.create_task(sends(post, sink, numbered(1)))
    await hold.reached(1)
    second, third = (asyncio.create_task(sends(post, sink, numbered(each))) for each in (2, 3))
    await asyncio.sleep(0)
    second.cancel()
    hold.release()
    assert [*await asyncio.gather(first, third)] == [ACCEPTED, ACCEPTED]
    assert sink.accepted == {"<1@send.example>": 1, "<3@send.example>": 1}


async def test_one_that_is_announced_and_cancelled_holds_up_nobody(
    sink: Sink, post: SmtpPool
) -> None:
    before, hold = sink.hold("DATA"), sink.hold("DOT")
    sendings = [asyncio.create_task(sends(post, sink, numbered(number))) for number in range(3)]
    await before.reached(1)
    before.release()
    # The first content is there, and with it came the announcement of the second mail.
    await hold.reached(1)
    sendings[1].cancel()
    hold.release()
    assert [*await asyncio.gather(sendings[0], sendings[2])] == [ACCEPTED, ACCEPTED]
    assert sink.accepted == {"<0@send.example>": 1, "<2@send.example>": 1}


async def test_where_one_breaks_off_the_next_that_was_announced_goes(
    sink: Sink, post: SmtpPool
) -> None:
    before, hold = sink.hold("DATA"), sink.hold("DOT")
    sendings = [asyncio.create_task(sends(post, sink, numbered(number))) for number in range(2)]
    await before.reached(1)
    before.release()
    await hold.reached(1)
    sendings[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await sendings[0]
    hold.release()
    assert await sendings[1] == ACCEPTED


@pytest.mark.parametrize("seed", range(8))
async def test_no_mixture_of_faults_makes_a_report_lie(sink: Sink, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    sink.pipelining = chance.random() < 0.8
    post = courier(sink, connections=chance.choice((1, 2, 3)))
    moves: list[Move | str] = [
        DIES,
        then_dies("421 4.3.2 later"),
        "450 4.2.0 later",
        "550 5.1.1 no",
        "251 what?",
    ]
    for _ in range(12):
        sink.at(chance.choice(("MAIL", "RCPT", "DATA", "DOT")), chance.choice(moves))
    sink.at("DOT", TAKES_AND_DIES, then_dies("250 2.0.0 taken"))
    reports = await asyncio.gather(
        *(
            sends(post, sink, numbered(each), go=Go(sink, yes=chance.random() < 0.9))
            for each in range(40)
        )
    )
    for each, report in enumerate(reports):
        taken = sink.accepted[f"<{each}@send.example>"]
        match report.verdict:
            case Verdict.ACCEPTED:
                assert taken == 1, each
            case Verdict.UNKNOWN:
                assert taken <= 1, each
            case _:
                assert taken == 0, (each, report)
    assert [report.verdict for report in reports].count(Verdict.ACCEPTED) >= 20
    assert sink.most <= 3
    # Nothing of all that is left over: the next mail goes.
    sink.mended()
    assert await sends(post, sink, numbered(99)) == ACCEPTED
    await post.close()


@pytest.mark.parametrize("pipelining", [False, True])
async def test_one_that_is_cancelled_at_its_turn_gives_it_on(
    sink: Sink, post: SmtpPool, pipelining: bool
) -> None:
    sink.pipelining = pipelining
    hold = sink.hold("DATA")

    async def sends_and_cancels() -> SendReport:
        report = await sends(post, sink, numbered(0))
        # The second has got its turn, and does not know yet.
        second.cancel()
        return report

    first = asyncio.create_task(sends_and_cancels())
    second, third = (asyncio.create_task(sends(post, sink, numbered(each))) for each in (1, 2))
    await hold.reached(1)
    hold.release()
    assert [*await asyncio.gather(first, third)] == [ACCEPTED, ACCEPTED]
    assert sink.accepted == {"<0@send.example>": 1, "<2@send.example>": 1}
