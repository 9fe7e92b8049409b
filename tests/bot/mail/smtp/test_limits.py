"""What servers do to one connection or one letter: all other mail goes on."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from bot.mail.smtp import pool as pools
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from tests.bot.mail.couriers import MESSAGE, Go, courier, numbered, sends
from tests.bot.mail.sink import DIES, Move, Sink, sinking, then_dies

ACCEPTED = SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken")
FULL_SESSION = "452 4.4.5 Maximum number of messages per session exceeded."


@pytest_asyncio.fixture(params=[False, True], ids=["one by one", "pipelining"])
async def sink(request: pytest.FixtureRequest) -> AsyncIterator[Sink]:
    async with sinking() as sink:
        sink.pipelining = request.param
        yield sink


@pytest_asyncio.fixture
async def post(sink: Sink) -> AsyncIterator[SmtpPool]:
    post = courier(sink, connections=1)
    yield post
    await post.close()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection counts as slow at once."""
    monkeypatch.setattr(pools, "SLOW_AFTER", 0.01)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "reply",
    [
        FULL_SESSION,
        "450 4.7.1 too much mail",
        "421 4.7.0 too many messages",
        "550 5.7.0 Too many messages in this session",
        then_dies("421 4.4.2 bye"),
        DIES,
        Move(b"\xff\x00 what?\r\n"),
        "530 5.7.0 log in first",
    ],
)
async def test_a_used_connection_that_takes_no_more_is_replaced(
    sink: Sink, post: SmtpPool, verb: str, reply: Move | str
) -> None:
    assert await sends(post, sink, numbered(1)) == ACCEPTED
    sink.at(verb, reply)
    assert await sends(post, sink, numbered(2)) == ACCEPTED
    assert sink.connections == 2
    assert sink.accepted == {"<1@send.example>": 1, "<2@send.example>": 1}


async def test_ten_mails_a_connection_and_the_line_left_open(sink: Sink, post: SmtpPool) -> None:
    """Each connection takes ten mails, and then answers DATA with 452 without closing."""
    sink.most_mails = (10, FULL_SESSION)
    reports = [await sends(post, sink, numbered(number)) for number in range(45)]
    assert reports == [ACCEPTED] * 45
    assert sink.connections == 5
    assert sink.accepted == {f"<{number}@send.example>": 1 for number in range(45)}


@pytest.mark.parametrize(
    "limit", ["554 5.7.1 connection limit reached", "503 5.5.1 Too many transactions, reconnect"]
)
async def test_a_final_reply_may_mean_a_full_connection(
    sink: Sink, post: SmtpPool, limit: str
) -> None:
    sink.most_mails = (2, limit)
    reports = [await sends(post, sink, numbered(number)) for number in range(6)]
    assert (reports, sink.connections) == ([ACCEPTED] * 6, 3)


@pytest.mark.parametrize("code", [200, 251, 252])
async def test_each_reply_of_success_is_one(sink: Sink, post: SmtpPool, code: int) -> None:
    """RFC 5321, section 4.3.2: the first digit decides."""
    for verb in ("MAIL", "RCPT"):
        sink.always(verb, f"{code} fine")
    assert await sends(post, sink) == ACCEPTED


async def test_mails_that_wait_go_on_although_a_connection_is_full(
    sink: Sink, post: SmtpPool
) -> None:
    sink.most_mails = (3, FULL_SESSION)
    sendings = (sends(post, sink, numbered(number)) for number in range(12))
    assert await asyncio.gather(*sendings) == [ACCEPTED] * 12
    assert sink.accepted == {f"<{number}@send.example>": 1 for number in range(12)}


async def test_a_fresh_connection_is_tried_once(sink: Sink, post: SmtpPool) -> None:
    assert await sends(post, sink) == ACCEPTED
    sink.always("RCPT", "450 4.2.0 greylisted")
    deferred = SendReport(Verdict.DEFERRED, 450, "4.2.0 greylisted")
    assert await sends(post, sink) == deferred
    assert sink.connections == 2
    assert await sends(post, sink) == deferred
    assert sink.connections == 3


async def test_the_connection_of_a_final_refusal_is_kept(sink: Sink, post: SmtpPool) -> None:
    sink.pipelining = False
    for reply in ("550 5.1.1 unknown", "552 5.2.2 mailbox full", "550 5.7.1 spam"):
        sink.at("RCPT", reply)
        assert (await sends(post, sink)).code == int(reply[:3])
        assert await sends(post, sink) == ACCEPTED
    assert sink.connections == 1


async def test_a_limit_after_the_content_concerns_one_mail(sink: Sink, post: SmtpPool) -> None:
    sink.at("DOT", FULL_SESSION)
    assert (await sends(post, sink, numbered(1))).verdict is Verdict.DEFERRED
    assert await sends(post, sink, numbered(2)) == ACCEPTED
    assert sink.connections == 2


async def test_rset_that_is_refused_costs_the_connection(sink: Sink, post: SmtpPool) -> None:
    sink.at("RCPT", "550 5.1.1 unknown")
    sink.at("RSET", "421 4.3.0 too many errors")
    assert (await sends(post, sink)).verdict is Verdict.FAILED
    assert await sends(post, sink) == ACCEPTED
    assert sink.connections == 2


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
async def test_silence_holds_up_one_mail_only(sink: Sink, post: SmtpPool, verb: str) -> None:
    silence = sink.hold(verb)
    silent = [asyncio.create_task(sends(post, sink, numbered(number))) for number in range(5)]
    await silence.reached(5)
    del sink.holds[verb]
    assert await sends(post, sink, numbered(9)) == ACCEPTED
    assert not any(each.done() for each in silent)
    silence.release()
    assert await asyncio.gather(*silent) == [ACCEPTED] * 5
    assert set(sink.accepted.values()) == {1}
    assert len(sink.accepted) == 6


@pytest.mark.usefixtures("soon")
async def test_a_mail_announced_behind_a_silent_one_gets_another_connection(
    sink: Sink, post: SmtpPool
) -> None:
    before, silence = sink.hold("DATA"), sink.hold("DOT")
    first, second = (asyncio.create_task(sends(post, sink, numbered(each))) for each in (1, 2))
    await before.reached(1)
    before.release()
    await silence.reached(2)
    del sink.holds["DOT"]
    assert await sends(post, sink, numbered(3)) == ACCEPTED
    silence.release()
    assert [*await asyncio.gather(first, second)] == [ACCEPTED] * 2
    assert sink.accepted == {f"<{each}@send.example>": 1 for each in (1, 2, 3)}


@pytest.mark.usefixtures("soon")
async def test_slow_connections_are_limited(
    sink: Sink, post: SmtpPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MAX_SLOW_CONNECTIONS", 3)
    silence = sink.hold("DOT")
    slow: list[int] = []
    sendings = [
        asyncio.create_task(
            post.send(
                "a-1@send.example",
                "m@gov.example",
                numbered(each),
                Go(sink),
                slow=partial(slow.append, each),
            )
        )
        for each in range(8)
    ]
    await silence.reached(4)
    assert (sink.most, slow) == (4, [0, 1, 2])
    silence.release()
    assert await asyncio.gather(*sendings) == [ACCEPTED] * 8
    assert sink.most == 4


@pytest.mark.usefixtures("soon")
async def test_urgent_mail_is_not_held_up_by_letters_or_urgent_mail_that_hangs(
    sink: Sink, post: SmtpPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters may not use up the connections that replace those of codes."""
    monkeypatch.setattr(pools, "MAX_SLOW_CONNECTIONS", 2)
    monkeypatch.setattr(pools, "URGENT_SLOW_AFTER", 0.01)
    urgent = partial(post.send, "c-1@send.example", "maria@mail.example", urgent=True)
    silence = sink.hold("DOT")
    letters = [asyncio.create_task(sends(post, sink, numbered(each))) for each in range(5)]
    await silence.reached(3)
    hung = [asyncio.create_task(urgent(numbered(each), Go(sink))) for each in (10, 11)]
    await silence.reached(5)
    del sink.holds["DOT"]
    assert await urgent(numbered(12), Go(sink)) == ACCEPTED
    assert not any(each.done() for each in (*letters, *hung))
    silence.release()
    assert await asyncio.gather(*letters, *hung) == [ACCEPTED] * 7


async def test_urgent_mail_has_a_connection_of_its_own(sink: Sink, post: SmtpPool) -> None:
    hold = sink.hold("DOT")
    letters = [asyncio.create_task(sends(post, sink, numbered(each))) for each in range(3)]
    await hold.reached(1)
    del sink.holds["DOT"]
    code = await post.send(
        "c-1@send.example", "maria@mail.example", numbered(9), Go(sink), urgent=True
    )
    assert code == ACCEPTED
    assert not any(each.done() for each in letters)
    hold.release()
    assert await asyncio.gather(*letters) == [ACCEPTED] * 3


async def test_a_refused_connection_beside_others_is_no_outage(sink: Sink) -> None:
    post = courier(sink, connections=2)
    hold = sink.hold("DOT")
    first = asyncio.create_task(sends(post, sink, numbered(1)))
    await hold.reached(1)
    busy = then_dies("421 4.7.0 too many connections")
    sink.at("GREETING", busy, busy)
    refused = SendReport(Verdict.UNREACHED, 421, "4.7.0 too many connections", alone=True)
    assert await sends(post, sink, numbered(2)) == refused
    hold.release()
    assert await first == ACCEPTED
    sink.hang_up()
    await sink.quiet()
    assert (await sends(post, sink, numbered(2))).alone is False
    await post.close()


@pytest.mark.parametrize("code", [250, 251, 252])
async def test_a_recipient_may_be_taken_unverified(sink: Sink, post: SmtpPool, code: int) -> None:
    sink.always("RCPT", f"{code} 2.1.5 cannot verify, but will try")
    assert await sends(post, sink) == ACCEPTED


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("GREETING", "220"),
        ("GREETING", Move(b"220-hello\r\n220-this is\r\n220 mx ESMTP\r\n")),
        ("EHLO", "250"),
        ("EHLO", Move(b"250-mx\r\n250-8BITMIME\r\n250-\r\n250 SIZE 0\r\n")),
        ("MAIL", "250"),
        ("RCPT", "250 "),
        ("DATA", "354"),
        ("DOT", "250"),
        ("MAIL", Move("250 2.1.0 Absender in Ordnung, schöne Grüße, 好\r\n".encode())),
        ("RCPT", Move(b"250 2.1.5 \xe9\xff ok\r\n")),
        ("DATA", Move(b"354-go\r\n354-on\r\n354 now\r\n")),
        ("DOT", Move(b"250 ok\n", takes=True)),
        ("DOT", Move(b"250-2.0.0 a\r\n250-\r\n250 taken\r\n", takes=True)),
    ],
)
async def test_unusual_replies_are_read(
    sink: Sink, post: SmtpPool, verb: str, reply: Move | str
) -> None:
    sink.at(verb, reply)
    assert (await sends(post, sink)).verdict is Verdict.ACCEPTED
    assert sink.accepted == {"<1@send.example>": 1}


@pytest.mark.parametrize(
    "move",
    [
        Move(b"250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n"),
        Move(b"250-ok\r\n" * 20_000),
        Move(b"\x00\x01\x02\r\n250 ok\r\n"),
        Move(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    ],
)
async def test_replies_that_nobody_asked_for_cost_one_connection(
    sink: Sink, post: SmtpPool, move: Move
) -> None:
    sink.pipelining = False
    sink.at("MAIL", move)
    go = Go(sink)
    assert (await sends(post, sink, go=go)).verdict is Verdict.UNREACHED
    assert go.asked == []
    assert await sends(post, sink) == ACCEPTED
    assert sink.connections == 2


async def test_a_mail_above_the_size_limit_fails_alone(sink: Sink, post: SmtpPool) -> None:
    sink.always("EHLO", Move(b"250-sink\r\n250 SIZE %d\r\n" % len(MESSAGE)))
    go = Go(sink)
    report = await sends(post, sink, MESSAGE + b"x", go=go)
    assert report == SendReport(Verdict.FAILED, None, "it is larger than the mail server accepts")
    assert go.asked == []
    assert await sends(post, sink) == ACCEPTED


async def test_where_one_connection_is_allowed_all_mail_takes_it(sink: Sink) -> None:
    """After a refusal, the others wait for the open connection, and do not knock again."""
    post = courier(sink, connections=2)
    hold = sink.hold("DOT")
    sendings = [asyncio.create_task(sends(post, sink, numbered(1)))]
    await hold.reached(1)
    sink.always("GREETING", then_dies("421 4.7.0 one connection only"))
    sendings += [asyncio.create_task(sends(post, sink, numbered(each))) for each in range(2, 9)]
    refused = await sendings[1]
    assert (refused.code, refused.alone) == (421, True)
    hold.release()
    reports = await asyncio.gather(*sendings)
    assert [report for report in reports if report != ACCEPTED] == [refused]
    assert sink.connections == 2
    await post.close()


async def test_a_lane_gets_its_connection_back(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "LIMIT_PAUSE", 0.01)
    post = courier(sink, connections=2)
    hold = sink.hold("DOT")
    first = asyncio.create_task(sends(post, sink, numbered(1)))
    await hold.reached(1)
    sink.at("GREETING", then_dies("421 4.7.0 busy"))
    assert (await sends(post, sink, numbered(2))).alone
    second = asyncio.create_task(sends(post, sink, numbered(3)))
    await hold.reached(2)
    hold.release()
    assert [await first, await second] == [ACCEPTED] * 2
    await post.close()
