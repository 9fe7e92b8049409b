"""With Debian's Postfix, TLS and a login: accepted letters arrive in the mailbox unchanged."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
import trustme
from pydantic import SecretStr

from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.bot.mail.couriers import trusts
from tests.bot.services.mailroom import MailRoom
from tests.peers.postfix import (
    ABROAD,
    BUSY,
    CHAN,
    LARGEST,
    MARIA,
    MINISTER,
    NOBODY,
    Postfix,
    postfix,
)
from tests.stage import staged
from tests.storage.people import NOW, letter

ENCRYPTED = ("starttls", "implicit")
ADDED = re.compile(rb"((Return-Path|X-Original-To|Delivered-To|Received): .*\n([ \t].*\n)*)+")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest_asyncio.fixture
async def peer(authority: trustme.CA) -> AsyncIterator[Postfix]:
    async with postfix(authority) as running:
        yield running


@pytest.fixture
def room(database: Database, vault: Vault, peer: Postfix) -> MailRoom:
    return MailRoom(database, vault, peer.url(), trust=peer.trust)


def as_sent(mail: bytes) -> bytes:
    """Return a delivered mail as it was sent: without added headers, with CRLF line ends."""
    added = ADDED.match(mail)
    assert added
    return mail[added.end() :].replace(b"\n", b"\r\n")


@pytest.mark.parametrize("way", ENCRYPTED)
async def test_letters_arrive_unchanged(
    peer: Postfix, database: Database, vault: Vault, way: str
) -> None:
    room = MailRoom(database, vault, peer.url(way), trust=peer.trust)
    await room.letter(1)
    everything = replace(
        letter(),
        sender_name="陳大文 “Ах, река”",
        subject="Let the river flow … 讓河水流 🌊 " * 4,
        body=".\n..\nFrom the river\n\n" + "讓河水流。" * 300 + "\n.",
    )
    await room.letter(2, like=everything)
    async with room.works():
        await room.become("accepted", "accepted")
    await peer.delivered(2)
    sent = [(mail.recipient, mail.message) for mail in room.assembled]
    came = [(MINISTER, as_sent(mail)) for mail in peer.mails(MINISTER)]
    assert sorted(came) == sorted(sent)
    for row in await room.rows():
        assert (row.smtp_code, row.possible_duplicate) == (250, False)
        assert (row.smtp_status, row.smtp_meaning) == ("", None)


async def test_refused_letters_have_a_reason(peer: Postfix, room: MailRoom) -> None:
    await room.letter(1, BUSY)
    await room.letter(2, NOBODY)
    await room.letter(3, like=replace(letter(), body="Let it flow.\n" * (LARGEST // 10)))
    async with room.works():
        await room.become("deferred", "failed", "failed")
    rows = [
        (row.state, row.smtp_code, row.smtp_status, row.smtp_meaning) for row in await room.rows()
    ]
    assert rows == [
        ("deferred", 451, "4.3.0", "later"),
        ("failed", 550, "5.1.1", "mailbox"),
        ("failed", None, "", "size"),
    ]
    assert (await room.row(1)).not_before > NOW
    assert await room.tally() == {"sent": 3}
    assert peer.mails(MINISTER) == peer.mails(BUSY) == []


async def test_a_letter_that_may_not_be_relayed_stays_queued(peer: Postfix, room: MailRoom) -> None:
    await room.letter(1, "somebody@elsewhere.example")
    async with room.works():
        await room.comes(lambda rows: rows[0].smtp_code == 554)
    row = await room.row()
    assert (row.state, row.smtp_status, row.smtp_meaning) == ("queued", "5.7.1", "sender")


async def test_an_internationalised_domain_is_sent_in_its_ascii_form(
    peer: Postfix, room: MailRoom
) -> None:
    await room.letter(1, ABROAD)
    async with room.works():
        await room.become("accepted")
    await peer.delivered(1)
    (came,) = peer.mails(ABROAD)
    assert as_sent(came) == room.assembled[0].message
    assert f"<{ABROAD}>".encode() in came


async def test_an_address_that_is_not_ascii_is_never_sent(peer: Postfix) -> None:
    courier = SmtpPool(parse_smtp_url(peer.url()), trust=peer.trust)
    report = await courier.send("a@send.example", "министр@gov.example", b"", _never)
    assert report == SendReport(Verdict.FAILED, None, "the address is not written in ASCII")
    assert not any("connect from" in line for line in peer.log)


@pytest.mark.parametrize("way", ENCRYPTED)
async def test_a_wrong_password_pauses_the_queue_and_loses_nothing(
    peer: Postfix, database: Database, vault: Vault, way: str
) -> None:
    room = MailRoom(database, vault, peer.url(way, password="wrong"), trust=peer.trust)
    await room.letter(1)
    await room.letter(2)
    async with room.works():
        await room.comes(lambda rows: all(row.smtp_code == 535 for row in rows))
    assert await room.states() == ["queued", "queued"]
    room.url = peer.url(way)
    room.later(minutes=2)
    async with room.works():
        await room.become("accepted", "accepted")
    await peer.delivered(2)
    assert len(peer.mails(MINISTER)) == 2


@pytest.mark.parametrize("way", ENCRYPTED)
async def test_an_untrusted_certificate_is_refused(peer: Postfix, way: str) -> None:
    report = await SmtpPool(parse_smtp_url(peer.url(way)), trust=trusts(trustme.CA())).check()
    text = "certificate: unable to get local issuer certificate"
    assert report == SendReport(Verdict.UNREACHED, None, text, certificate=20)
    assert not any("sasl_username" in line for line in peer.log)


async def test_without_tls_neither_side_continues(peer: Postfix) -> None:
    plain = peer.url("plain").replace("smtp+plain://", "smtp://")
    report = await SmtpPool(parse_smtp_url(plain), trust=peer.trust).check()
    assert isinstance(report, SendReport)
    assert (report.verdict, report.code) == (Verdict.OURS, None)
    assert "STARTTLS" in report.text

    port = peer.ports["starttls"]
    bare = SmtpPool(parse_smtp_url(f"smtp+plain://127.0.0.1:{port}"))
    report = await bare.send("a@send.example", MINISTER, b"", _never)
    text = "5.7.0 Must issue a STARTTLS command first"
    assert report == SendReport(Verdict.OURS, 530, text)
    await bare.close()


async def test_a_whole_journey_ends_in_the_mailbox(
    peer: Postfix,
    authority: trustme.CA,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        smtp = stage.settings.smtp.model_copy(update={"url": SecretStr(peer.url())})
        stage.settings = stage.settings.model_copy(update={"smtp": smtp})
        stage.opens("hong-kong")
        maria = stage.person("Maria", "Silva")
        await maria.starts("hong-kong")
        await maria.presses("Write the letter", "Continue", "Use “Maria Silva”")
        await maria.says("Portugal", MARIA)
        await stage.send_mail()
        await peer.delivered(1)
        (code,) = peer.mails(MARIA)
        found = re.search(rb"Subject: (\d{4} \d{4}) is your code", code)
        assert found
        await maria.says(found[1].decode())
        await maria.presses("Send in my name")
        await stage.later(seconds=31)
        assert maria.heard()[-1].startswith("✎ ✓ Your letter was sent at ")
        await peer.delivered(2)
        assert stage.inbox.mails == []
    (came,) = peer.mails(CHAN)
    for line in (
        b"\nFrom: Maria Silva\n <",
        b'\nTo: "Chief Executive, Government of Hong Kong"\n <' + CHAN.encode(),
        b"\nReply-To: Maria Silva\n <" + MARIA.encode(),
        b"\nRespectfully,\n\nMaria Silva\nPortugal\n",
    ):
        assert line in came


async def _never() -> bool:
    raise AssertionError("nothing was to be begun")
