"""Each fault of a mail server, and the honest report of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.mail.smtp import smtp_transaction
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from tests.bot.mail.couriers import MESSAGE, Go, courier, sends
from tests.bot.mail.sink import DIES, TAKES_AND_DIES, Move, Sink, sinking, then_dies

BROKE = SendReport(Verdict.UNKNOWN, None, "the connection broke off")
GONE = SendReport(Verdict.UNREACHED, None, "SMTPServerDisconnected")
GARBAGE = Move(b"\xff\x00 what?\r\n")
MALFORMED = "Malformed SMTP response line: what?"


@pytest_asyncio.fixture(params=[False, True], ids=["one by one", "pipelining"])
async def sink(request: pytest.FixtureRequest) -> AsyncIterator[Sink]:
    async with sinking() as sink:
        sink.pipelining = request.param
        yield sink


@pytest_asyncio.fixture
async def post(sink: Sink) -> AsyncIterator[SmtpPool]:
    post = courier(sink)
    yield post
    await post.close()


async def test_accepted_is_what_the_server_took_with_250(sink: Sink, post: SmtpPool) -> None:
    go = Go(sink)
    report = await sends(post, sink, go=go)
    assert report == SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken")
    assert [(mail.sender, mail.recipient, mail.content) for mail in sink.mails] == [
        ("a-1@send.example", "minister@gov.example", MESSAGE)
    ]
    assert go.asked == [("EHLO", "MAIL", "RCPT", "DATA")]
    assert sink.verbs == ["EHLO", "MAIL", "RCPT", "DATA"]


BEFORE_THE_CONTENT = [
    ("GREETING", DIES, SendReport(Verdict.UNREACHED, None, "SMTPServerDisconnected")),
    (
        "GREETING",
        "554 5.3.2 no service",
        SendReport(Verdict.UNREACHED, 554, "5.3.2 no service"),
    ),
    (
        "GREETING",
        then_dies("421 4.3.2 too many connections"),
        SendReport(Verdict.UNREACHED, 421, "4.3.2 too many connections"),
    ),
    ("GREETING", GARBAGE, SendReport(Verdict.UNREACHED, None, MALFORMED)),
    ("EHLO", DIES, GONE),
    ("EHLO", GARBAGE, SendReport(Verdict.UNREACHED, None, MALFORMED)),
    ("EHLO", then_dies("421 4.3.2 later"), SendReport(Verdict.UNREACHED, 421, "4.3.2 later")),
    ("MAIL", DIES, GONE),
    ("MAIL", GARBAGE, SendReport(Verdict.UNREACHED, None, MALFORMED)),
    ("MAIL", "354 what?", SendReport(Verdict.UNREACHED, 354, "what?")),
    ("MAIL", "451 4.3.0 later", SendReport(Verdict.DEFERRED, 451, "4.3.0 later")),
    ("MAIL", then_dies("421 4.3.2 later"), SendReport(Verdict.DEFERRED, 421, "4.3.2 later")),
    ("MAIL", "530 5.7.0 log in first", SendReport(Verdict.OURS, 530, "5.7.0 log in first")),
    ("MAIL", "550 5.7.1 <a@b.example> no", SendReport(Verdict.OURS, 550, "5.7.1 … no")),
    ("RCPT", DIES, GONE),
    ("RCPT", GARBAGE, SendReport(Verdict.UNREACHED, None, MALFORMED)),
    ("RCPT", "450 4.2.1 <m@gov.example> later", SendReport(Verdict.DEFERRED, 450, "4.2.1 … later")),
    ("RCPT", then_dies("421 4.7.0 later"), SendReport(Verdict.DEFERRED, 421, "4.7.0 later")),
    (
        "RCPT",
        "550 5.1.1 <m@gov.example> unknown",
        SendReport(Verdict.FAILED, 550, "5.1.1 … unknown"),
    ),
    (
        "RCPT",
        "554 5.7.1 <m@gov.example>: Relay access denied",
        SendReport(Verdict.OURS, 554, "5.7.1 … Relay access denied", alone=True),
    ),
    (
        "RCPT",
        "550 5.7.1 relaying denied",
        SendReport(Verdict.OURS, 550, "5.7.1 relaying denied", alone=True),
    ),
    (
        "RCPT",
        "550 5.1.1 <relay@gov.example>: unknown, says relay.gov.example",
        SendReport(Verdict.FAILED, 550, "5.1.1 … unknown, says relay.gov.example"),
    ),
    (
        "RCPT",
        "530 5.7.0 log in first",
        SendReport(Verdict.OURS, 530, "5.7.0 log in first"),
    ),
    ("RCPT", "552 5.2.2 mailbox full", SendReport(Verdict.DEFERRED, 552, "5.2.2 mailbox full")),
    (
        "RCPT",
        "550 5.7.1 client 185.2.2.10 is listed",
        SendReport(Verdict.FAILED, 550, "5.7.1 client 185.2.2.10 is listed"),
    ),
    ("DATA", DIES, GONE),
    ("DATA", GARBAGE, SendReport(Verdict.UNREACHED, None, MALFORMED)),
    ("DATA", "250 what?", SendReport(Verdict.UNREACHED, 250, "what?")),
    ("DATA", "451 4.3.0 later", SendReport(Verdict.DEFERRED, 451, "4.3.0 later")),
    ("DATA", then_dies("421 4.3.2 later"), SendReport(Verdict.DEFERRED, 421, "4.3.2 later")),
    ("DATA", "554 5.6.0 no", SendReport(Verdict.FAILED, 554, "5.6.0 no")),
]
FROM_THE_CONTENT_ON = [
    ("DATA", then_dies("354 go on"), BROKE),
    ("TEXT", DIES, BROKE),
    ("DOT", DIES, BROKE),
    ("DOT", GARBAGE, BROKE),
    ("DOT", "251 what?", SendReport(Verdict.UNKNOWN, 251, "what?")),
    ("DOT", "354 what?", SendReport(Verdict.UNKNOWN, 354, "what?")),
    ("DOT", "451 4.3.0 later", SendReport(Verdict.DEFERRED, 451, "4.3.0 later")),
    ("DOT", then_dies("421 4.3.2 later"), SendReport(Verdict.DEFERRED, 421, "4.3.2 later")),
    ("DOT", "550 5.7.1 spam", SendReport(Verdict.FAILED, 550, "5.7.1 spam")),
    ("DOT", "552 5.2.2 mailbox full", SendReport(Verdict.DEFERRED, 552, "5.2.2 mailbox full")),
    (
        "DOT",
        "554 5.7.1 relay access denied",
        SendReport(Verdict.OURS, 554, "5.7.1 relay access denied", alone=True),
    ),
]


@pytest.mark.parametrize(("verb", "move", "report"), BEFORE_THE_CONTENT)
async def test_before_the_content_nothing_has_begun(
    sink: Sink, post: SmtpPool, verb: str, move: Move | str, report: SendReport
) -> None:
    sink.at(verb, move)
    if verb == "EHLO":
        # Refused once, it is tried as HELO.
        sink.at("HELO", move)
    go = Go(sink)
    assert await sends(post, sink, go=go) == report
    assert go.asked == []
    assert sink.accepted == {}
    assert (await sends(post, sink)).verdict is Verdict.ACCEPTED
    assert sink.accepted == {"<1@send.example>": 1}


@pytest.mark.parametrize(("verb", "move", "report"), FROM_THE_CONTENT_ON)
async def test_from_the_content_on_the_attempt_has_begun(
    sink: Sink, post: SmtpPool, verb: str, move: Move | str, report: SendReport
) -> None:
    sink.at(verb, move)
    go = Go(sink)
    assert await sends(post, sink, go=go) == report
    assert go.asked == [("EHLO", "MAIL", "RCPT", "DATA")]
    assert sink.accepted == {}
    assert (await sends(post, sink)).verdict is Verdict.ACCEPTED
    assert sink.accepted == {"<1@send.example>": 1}


async def test_what_was_taken_without_a_word_is_unknown(sink: Sink, post: SmtpPool) -> None:
    sink.at("DOT", TAKES_AND_DIES)
    assert await sends(post, sink) == BROKE
    assert sink.accepted == {"<1@send.example>": 1}


async def test_a_server_that_goes_right_after_250_has_taken_it(sink: Sink, post: SmtpPool) -> None:
    sink.at("DOT", then_dies("250 2.0.0 taken"))
    assert await sends(post, sink) == SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken")
    assert (await sends(post, sink)).verdict is Verdict.ACCEPTED
    assert sink.connections == 2


async def test_a_slow_greeting_is_waited_for(sink: Sink, post: SmtpPool) -> None:
    hold = sink.hold("GREETING")
    sending = asyncio.create_task(sends(post, sink))
    await hold.reached(1)
    assert not sending.done()
    hold.release()
    assert (await sending).verdict is Verdict.ACCEPTED


async def test_answers_may_come_a_byte_at_a_time(sink: Sink, post: SmtpPool) -> None:
    sink.bytewise = True
    sink.at("DOT", Move(b"250-2.0.0 taken\r\n250 2.0.0 as 7\r\n"))
    assert await sends(post, sink) == SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken 2.0.0 as 7")


async def test_words_that_no_database_keeps_are_left_out(sink: Sink, post: SmtpPool) -> None:
    sink.at("DOT", Move(b"250 2.0.0 \xe9\x00 taken\r\n", takes=True))
    assert await sends(post, sink) == SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken")


@pytest.mark.parametrize(
    ("verb", "limit", "verdict"),
    [
        ("GREETING", "COMMAND_TIMEOUT", Verdict.UNREACHED),
        ("RCPT", "COMMAND_TIMEOUT", Verdict.UNREACHED),
        ("DATA", "DATA_TIMEOUT", Verdict.UNREACHED),
        ("DOT", "FINAL_DOT_TIMEOUT", Verdict.UNKNOWN),
    ],
)
async def test_patience_ends(
    sink: Sink,
    post: SmtpPool,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    limit: str,
    verdict: Verdict,
) -> None:
    monkeypatch.setattr(smtp_transaction, limit, 0.05)
    sink.hold(verb)
    assert (await sends(post, sink)).verdict is verdict
    sink.mended()
    assert sink.accepted == {}


async def test_where_nobody_listens_nothing_is_reached(sink: Sink) -> None:
    async with sinking() as gone:
        pass
    assert (await sends(courier(gone), sink)).verdict is Verdict.UNREACHED
    report = await courier(gone).check()
    assert isinstance(report, SendReport)
    assert report.verdict is Verdict.UNREACHED


async def test_an_address_outside_ascii_fails_alone(sink: Sink, post: SmtpPool) -> None:
    report = await sends(post, sink, to="minister@gov.example\r\nDATA")
    assert report.verdict is Verdict.FAILED
    report = await sends(post, sink, to="ministér@gov.example")
    assert report == SendReport(Verdict.FAILED, None, "the address is not written in ASCII")
    assert sink.connections == 0
