"""A mailbox that is watched: nothing of ours is lost, and nothing of others is touched."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
import trustme
from structlog.testing import capture_logs

from bot.mail.incoming.imap import (
    ImapAccount,
    ImapError,
    MailboxUrlError,
    parse_imap_url,
)
from bot.mail.incoming.inbound_mail import Disposition
from bot.mail.incoming.mailbox_reader import MAX_ATTEMPTS, MailboxReader
from tests.bot.mail.postoffice import PostOffice, open_post_office

OURS = b"To: a-token@send.example\r\n\r\nIt came back."
OTHER = b"To: a-token@send.example.org\r\n\r\nLet us have lunch."


@dataclass
class Desk:
    """Takes mail in; cannot, for as long as `busy` says so."""

    max_bytes: int = 1000
    taken: list[bytes] = field(default_factory=list)
    fates: dict[bytes, Disposition] = field(default_factory=dict)
    busy: Callable[[bytes], bool] = lambda raw: False

    def is_ours(self, head: bytes) -> bool:
        assert b"came back" not in head
        return b"@send.example\r\n" in head

    async def process(self, raw: bytes) -> Disposition:
        if self.busy(raw):
            raise RuntimeError("maria@mail.example")
        self.taken.append(raw)
        return self.fates.get(raw, Disposition.DONE)


@pytest_asyncio.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with open_post_office() as office:
        yield office


def collecting(office: PostOffice, desk: Desk) -> MailboxReader:
    return MailboxReader(parse_imap_url(office.url), desk)


async def test_what_is_ours_is_taken_and_deleted(office: PostOffice) -> None:
    desk = Desk()
    office.puts(OTHER, OURS, OTHER, OURS + b"!")
    await collecting(office, desk).poll()
    assert desk.taken == [OURS, OURS + b"!"]
    assert office.mails == {1: OTHER, 3: OTHER}
    assert office.flagged == set()
    assert office.log[-1] == "LOGOUT"


async def test_what_is_not_ours_is_looked_at_once(office: PostOffice) -> None:
    desk = Desk()
    watcher = collecting(office, desk)
    office.puts(OTHER, OTHER)
    await watcher.poll()
    office.log.clear()
    await watcher.poll()
    assert office.log.count("FETCH") == 0
    office.puts(OTHER, OURS)
    await watcher.poll()
    assert office.log.count("FETCH") == 3
    office.validity += 1
    await watcher.poll()
    assert office.log.count("FETCH") == 6
    assert desk.taken == [OURS]


async def test_a_server_without_uidplus_deletes_nobody_elses(office: PostOffice) -> None:
    office.capabilities = "IMAP4rev1"
    office.puts(OTHER, OURS)
    office.flagged.add(1)
    desk = Desk()
    for _ in "twice":
        await collecting(office, desk).poll()
    assert desk.taken == [OURS]
    assert office.flagged == {1, 2}
    assert "EXPUNGE" not in office.log


async def test_a_huge_mail_is_taken_as_far_as_it_is_looked_at(office: PostOffice) -> None:
    office.puts(OURS + b"x" * 5000)
    desk = Desk()
    await collecting(office, desk).poll()
    assert [len(raw) for raw in desk.taken] == [1000]
    assert office.mails == {}


async def test_what_cannot_be_taken_stays_and_stops_nothing(office: PostOffice) -> None:
    office.puts(OURS, OURS + b"!", OTHER)
    desk = Desk(busy=lambda raw: raw == OURS)
    watcher = collecting(office, desk)
    with capture_logs() as logs:
        await watcher.poll()
    assert logs[0].pop("where").startswith("bot/mail/incoming/mailbox_reader.py:")
    assert logs == [
        {
            "event": "mail cannot be taken in now",
            "error": "RuntimeError",
            "log_level": "warning",
        }
    ]
    assert (desk.taken, set(office.mails)) == ([OURS + b"!"], {1, 3})
    desk.busy = lambda raw: False
    await watcher.poll()
    assert (desk.taken, set(office.mails)) == ([OURS + b"!", OURS], {3})


async def test_what_nobody_can_take_in_is_tried_less_and_less_and_left_to_people(
    office: PostOffice,
) -> None:
    office.puts(OURS, OTHER)
    watcher = collecting(office, Desk(busy=lambda raw: True))
    looks = []
    for look in range(1, 1600):
        office.log.clear()
        await watcher.poll()
        if "FETCH" in office.log:
            looks.append(look)
    assert looks[:8] == [1, 2, 4, 8, 16, 32, 64, 124]
    assert (len(looks), office.stars, set(office.mails)) == (MAX_ATTEMPTS, {1}, {1, 2})


async def test_what_people_must_see_stays(office: PostOffice) -> None:
    left, shared = OURS + b"?", OURS + b"!"
    desk = Desk(fates={left: Disposition.LEFT, shared: Disposition.SHARED})
    office.puts(left, shared, OURS)
    watcher = collecting(office, desk)
    for _ in "twice":
        await watcher.poll()
    assert (desk.taken, office.mails) == ([left, shared, OURS], {1: left, 2: shared})
    assert office.stars == {1}


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE", "EXPUNGE"])
async def test_where_the_line_breaks_nothing_is_lost(office: PostOffice, command: str) -> None:
    office.puts(OURS)
    office.breaks.add(command)
    desk = Desk()
    watcher = collecting(office, desk)
    with pytest.raises((OSError, ImapError)):
        await watcher.poll()
    assert office.mails == {1: OURS}
    office.breaks.clear()
    await watcher.poll()
    assert set(desk.taken) == {OURS}
    assert office.mails == {} or office.flagged == {1}


async def test_it_begins_again_by_itself_and_tells_no_secret(office: PostOffice) -> None:
    office.puts(OURS)
    office.password = "another"
    desk, rests = Desk(), 0

    async def rest(seconds: float) -> None:
        nonlocal rests
        rests += 1
        assert seconds == 60
        office.password = "hunter2 \\ two"
        if rests == 2:
            raise asyncio.CancelledError

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await MailboxReader(parse_imap_url(office.url), desk, sleep=rest).run()
    assert logs[0].pop("where").startswith("bot/mail/incoming/imap.py:")
    assert logs == [{"event": "mailbox is out of reach", "error": "error", "log_level": "warning"}]
    assert desk.taken == [OURS]


async def test_it_ends_at_once_while_the_server_is_silent(office: PostOffice) -> None:
    office.hangs.add("SEARCH")
    looking = asyncio.create_task(collecting(office, Desk()).poll())
    async with asyncio.timeout(30):
        await office.hung.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await asyncio.get_running_loop().shutdown_default_executor()


async def test_only_a_server_that_proves_itself_is_trusted() -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    desk = Desk()
    async with open_post_office(tls) as office:
        office.puts(OURS)
        at = parse_imap_url(office.url.replace("imap+plain", "imaps"))
        with pytest.raises(ssl.SSLCertVerificationError):
            await MailboxReader(at, desk).poll()
        assert office.log == []
        await MailboxReader(at, desk, trust=trust).poll()
    assert desk.taken == [OURS]


def test_an_address_of_a_mailbox() -> None:
    assert parse_imap_url(
        "imaps://ann%40x.example:p%2Fw@imap.example/Codes%20%26%20more"
    ) == ImapAccount("imap.example", 993, True, "ann@x.example", "p/w", "Codes & more")
    assert parse_imap_url("imap+plain://ann:pw@[::1]:1143").folder == "INBOX"
    assert "secret" not in repr(parse_imap_url("imaps://ann:secret@imap.example"))


@pytest.mark.parametrize(
    "url",
    [
        "imap://ann:secret@imap.example",
        "imap+plain://ann:secret@imap.example",
        "imaps://imap.example",
        "imaps://ann@imap.example",
        "imaps://ann:secret@",
        "imaps://ann:secret@imap.example:99999",
        "imaps://ann:secret@[imap.example",
        "imaps://ann:secret%0D%0A@imap.example",
        "imaps://ann:secret@imap.example/a?b",
        "imaps://änn:secret@imap.example",
    ],
)
def test_an_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(MailboxUrlError) as raised:
        parse_imap_url(url)
    assert "secret" not in str(raised.value)
