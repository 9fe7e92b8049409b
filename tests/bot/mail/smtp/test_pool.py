"""Connections: kept, few, encrypted, closed; and `go`, right before the content."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
import trustme

from bot.mail.smtp import pool
from bot.mail.smtp.connecting import ServerInfo
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from tests.bot.mail.couriers import (
    MESSAGE,
    RECIPIENT,
    SENDER,
    Go,
    courier,
    numbered,
    sends,
    shows,
    trusts,
)
from tests.bot.mail.sink import Move, Sink, sinking

ACCEPTED = SendReport(Verdict.ACCEPTED, 250, "2.0.0 taken")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest_asyncio.fixture
async def sink() -> AsyncIterator[Sink]:
    async with sinking() as sink:
        yield sink


@pytest_asyncio.fixture
async def post(sink: Sink) -> AsyncIterator[SmtpPool]:
    post = courier(sink)
    yield post
    await post.close()


async def test_go_may_call_it_off(sink: Sink, post: SmtpPool) -> None:
    go = Go(sink, yes=False)
    assert await sends(post, sink, go=go) == SendReport(Verdict.VOID)
    assert go.asked == [("EHLO", "MAIL", "RCPT", "DATA")]
    await sink.quiet()
    assert sink.accepted == {}
    assert await sends(post, sink) == ACCEPTED
    assert (sink.connections, sink.accepted) == (2, {"<1@send.example>": 1})


async def test_where_go_breaks_no_connection_is_left(sink: Sink, post: SmtpPool) -> None:
    with pytest.raises(RuntimeError):
        await sends(post, sink, go=Go(sink, breaks=True))
    await sink.quiet()
    assert sink.accepted == {}
    assert await sends(post, sink) == ACCEPTED


async def test_where_a_send_is_cancelled_no_connection_is_left(sink: Sink, post: SmtpPool) -> None:
    hold = sink.hold("RCPT")
    sending = asyncio.create_task(sends(post, sink))
    await hold.reached(1)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    hold.release()
    await sink.quiet()
    assert await sends(post, sink) == ACCEPTED


async def test_a_connection_is_used_again(sink: Sink, post: SmtpPool) -> None:
    sink.at("RCPT", "550 5.1.1 no")
    verdicts = [(await sends(post, sink, numbered(number))).verdict for number in range(3)]
    assert verdicts == [Verdict.FAILED, Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert sink.connections == 1
    assert sink.verbs == [
        *("EHLO", "MAIL", "RCPT", "RSET"),
        *("MAIL", "RCPT", "DATA"),
        *("MAIL", "RCPT", "DATA"),
    ]


async def test_commands_go_in_one_piece_where_the_server_takes_them_so() -> None:
    async def meets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readuntil(b"\r\n")
        writer.write(b"250-mx\r\n250 PIPELINING\r\n")
        # It answers nothing before it has heard all, and then all at once.
        said.append(await reader.readuntil(b"DATA\r\n"))
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        said.append(await reader.readuntil(b"\r\n.\r\n"))
        writer.write(b"250 2.0.0 taken\r\n")
        await writer.drain()
        writer.close()

    said: list[bytes] = []
    async with await asyncio.start_server(meets, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        post = SmtpPool(parse_smtp_url(f"smtp+plain://127.0.0.1:{port}"))
        assert await post.send(SENDER, RECIPIENT, MESSAGE, Go(Sink())) == ACCEPTED
        await post.close()
    announced = b"MAIL FROM:<a-1@send.example>\r\nRCPT TO:<minister@gov.example>\r\nDATA\r\n"
    assert said == [announced, MESSAGE + b".\r\n"]


@pytest.mark.parametrize(
    ("answer", "connections"), [("503 5.5.1 nobody to send it to", 1), ("354 go on", 2)]
)
async def test_what_is_refused_gets_no_content(
    sink: Sink, post: SmtpPool, answer: str, connections: int
) -> None:
    sink.pipelining = True
    sink.at("RCPT", "550 5.1.1 no")
    sink.at("DATA", answer)
    go = Go(sink)
    assert await sends(post, sink, go=go) == SendReport(Verdict.FAILED, 550, "5.1.1 no")
    assert go.asked == []
    assert await sends(post, sink) == ACCEPTED
    assert (sink.connections, sink.accepted) == (connections, {"<1@send.example>": 1})


async def test_what_nobody_asked_for_is_no_answer(sink: Sink, post: SmtpPool) -> None:
    sink.at("DOT", Move(b"250 2.0.0 taken\r\n250 2.0.0 again\r\n", takes=True))
    assert await sends(post, sink) == ACCEPTED
    assert await sends(post, sink, numbered(2)) == ACCEPTED
    assert (sink.connections, sink.accepted) == (
        2,
        {"<1@send.example>": 1, "<2@send.example>": 1},
    )


async def test_there_are_no_more_connections_than_allowed(sink: Sink, post: SmtpPool) -> None:
    hold = sink.hold("DOT")
    sendings = [asyncio.create_task(sends(post, sink, numbered(number))) for number in range(6)]
    await hold.reached(2)
    assert len(sink.sessions) == 2
    hold.release()
    assert await asyncio.gather(*sendings) == [ACCEPTED] * 6
    assert (sink.most, sink.connections) == (2, 2)
    assert sink.accepted == {f"<{number}@send.example>": 1 for number in range(6)}


async def test_close_says_goodbye(sink: Sink) -> None:
    post = courier(sink)
    await asyncio.gather(*(sends(post, sink, numbered(number)) for number in range(2)))
    await post.close()
    await sink.quiet()
    assert sink.verbs.count("QUIT") == sink.connections == 2


async def test_an_idle_connection_is_closed(
    sink: Sink, post: SmtpPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "IDLE_TIMEOUT", 0.0)
    assert await sends(post, sink) == ACCEPTED
    await sink.quiet()
    assert sink.verbs[-1] == "QUIT"
    monkeypatch.undo()
    assert await sends(post, sink) == ACCEPTED
    assert sink.connections == 2


async def test_what_the_server_closed_is_opened_again(sink: Sink, post: SmtpPool) -> None:
    assert await sends(post, sink) == ACCEPTED
    sink.hang_up()
    assert await sends(post, sink) == ACCEPTED
    sink.at("MAIL", "421 4.4.2 idle for too long")
    assert await sends(post, sink) == ACCEPTED
    assert (sink.connections, sink.accepted) == (3, {"<1@send.example>": 3})


@pytest.mark.parametrize(
    ("content", "arrives"),
    [
        (MESSAGE + b".\r\n..\r\n.a\r\n", MESSAGE + b".\r\n..\r\n.a\r\n"),
        (MESSAGE + b"a\nb\rc", MESSAGE + b"a\r\nb\r\nc\r\n"),
        (MESSAGE + b"\r\n\r\n", MESSAGE + b"\r\n\r\n"),
        (MESSAGE + b".\nMAIL FROM:<x@y>", MESSAGE + b".\r\nMAIL FROM:<x@y>\r\n"),
    ],
)
async def test_the_content_arrives_as_it_is(
    sink: Sink, post: SmtpPool, content: bytes, arrives: bytes
) -> None:
    assert await sends(post, sink, content) == ACCEPTED
    assert [mail.content for mail in sink.mails] == [arrives]


async def test_check_sends_nothing(sink: Sink, post: SmtpPool) -> None:
    assert await post.check() == ServerInfo({"help": ""})
    assert sink.verbs == ["EHLO", "NOOP"]
    assert await sends(post, sink) == ACCEPTED
    assert sink.connections == 1


@pytest.mark.parametrize("implicit", [True, False])
async def test_mail_goes_encrypted_and_logged_in(authority: trustme.CA, implicit: bool) -> None:
    async with sinking(shows(authority), implicit=implicit, auth=True) as sink:
        post = courier(sink, trust=trusts(authority))
        offer = await post.check()
        assert isinstance(offer, ServerInfo)
        assert (offer.tls, offer.extensions) == ("TLSv1.3", {"auth": "PLAIN", "help": ""})
        assert offer.until is not None and offer.until > datetime.now(UTC)
        assert await sends(post, sink) == ACCEPTED
        await post.close()
    start = ["EHLO"] if implicit else ["EHLO", "STARTTLS", "EHLO"]
    assert sink.verbs == [*start, "AUTH", "NOOP", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize(
    ("expired", "known", "text", "code"),
    [
        (True, True, "certificate: certificate has expired", 10),
        (False, False, "certificate: unable to get local issuer certificate", 20),
    ],
)
async def test_a_certificate_is_looked_at(
    authority: trustme.CA, implicit: bool, expired: bool, known: bool, text: str, code: int
) -> None:
    trust = trusts(authority if known else trustme.CA())
    async with sinking(shows(authority, expired=expired), implicit=implicit, auth=True) as sink:
        post = courier(sink, trust=trust)
        refused = SendReport(Verdict.UNREACHED, None, text, certificate=code)
        assert await post.check() == refused
        assert await sends(post, sink) == refused
    assert not {"AUTH", "MAIL"} & set(sink.verbs)


async def test_where_encryption_is_not_offered_nothing_is_said(authority: trustme.CA) -> None:
    async with sinking(shows(authority), auth=True) as sink:
        sink.always("EHLO", "250 AUTH PLAIN")
        post = courier(sink, trust=trusts(authority))
        report = await post.check()
        assert isinstance(report, SendReport)
        assert report.verdict is Verdict.OURS
        assert "STARTTLS" in report.text
        sink.mended()
        sink.at("STARTTLS", "454 4.7.0 not now")
        assert await sends(post, sink) == SendReport(Verdict.UNREACHED, 454, "4.7.0 not now")
    assert set(sink.verbs) == {"EHLO", "STARTTLS"}


async def test_older_encryption_than_1_2_is_refused(authority: trustme.CA) -> None:
    old, trust = shows(authority), trusts(authority)
    for context in (old, trust):
        context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = trust.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with sinking(old, implicit=True) as sink:
        post = courier(sink, trust=trust)
        assert trust.minimum_version is ssl.TLSVersion.TLSv1_2
        assert (await sends(post, sink)).verdict is Verdict.UNREACHED
    assert sink.verbs == []


@pytest.mark.parametrize("answer", ["535 5.7.8 wrong", "454 4.7.0 not now", "530 5.7.0 no"])
async def test_a_login_that_is_refused_is_ours(authority: trustme.CA, answer: str) -> None:
    async with sinking(shows(authority), implicit=True, auth=True) as sink:
        sink.always("AUTH", answer)
        post = courier(sink, trust=trusts(authority))
        go = Go(sink)
        expected = SendReport(Verdict.OURS, int(answer[:3]), answer[4:])
        assert await sends(post, sink, go=go) == expected
        assert await post.check() == expected
        assert go.asked == []
        sink.mended()
        assert await sends(post, sink, go=go) == ACCEPTED
        await post.close()


async def test_a_login_that_nobody_offers_is_ours(authority: trustme.CA) -> None:
    async with sinking(shows(authority), implicit=True, auth=True) as sink:
        sink.always("EHLO", "250 SIZE 1000")
        report = await courier(sink, trust=trusts(authority)).check()
    assert isinstance(report, SendReport)
    assert (report.verdict, "AUTH" in report.text) == (Verdict.OURS, True)
