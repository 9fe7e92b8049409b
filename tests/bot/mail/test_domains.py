"""Whether a domain takes mail, asked of a name server of our own on loopback."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import pytest_asyncio

from bot.mail import domains
from bot.mail.domains import Domains

ZONE = {
    ("mail.example", "MX"): ("3600", "10 mx1.mail.example.", "20 mx2.mail.example."),
    ("null.example", "MX"): ("60", "0 ."),
    ("old.example", "A"): ("3600", "192.0.2.1"),
    ("new.example", "AAAA"): ("3600", "2001:db8::1"),
    ("web.example", "TXT"): ("3600", '"v=spf1 -all"'),
    ("short.example", "MX"): ("0", "10 mx1.mail.example."),
    ("long.example", "MX"): ("604800", "10 mx1.mail.example."),
}
NAMES = {name for name, _ in ZONE}


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """Answers from ZONE, or as `rcode` says, or not at all."""

    rcode: dns.rcode.Rcode | None = None
    silent: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if self.silent:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        answer.set_rcode(self.rcode or (dns.rcode.NOERROR if name in NAMES else dns.rcode.NXDOMAIN))
        if self.rcode is None and (found := ZONE.get((name, kind))):
            seconds, *records = found
            answer.answer.append(
                dns.rrset.from_text(question.name, int(seconds), "IN", kind, *records)
            )
        self.transport.sendto(answer.to_wire(), addr)


class Clock:
    """Stands in for the module `time`."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(domains, "time", clock)
    return clock


@pytest_asyncio.fixture
async def names() -> AsyncIterator[NameServer]:
    transport, names = await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, local_addr=("127.0.0.1", 0)
    )
    yield names
    transport.close()


@pytest.fixture
def asking(names: NameServer) -> Domains:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = names.transport.get_extra_info("sockname")[1]
    return Domains(resolver, {"known.example": True, "deaf.example": False})


@pytest.mark.parametrize(
    ("domain", "takes", "asked"),
    [
        ("mail.example", True, ["MX"]),
        ("null.example", False, ["MX"]),
        ("old.example", True, ["MX", "A"]),
        ("new.example", True, ["MX", "A", "AAAA"]),
        ("web.example", False, ["MX", "A", "AAAA"]),
        ("nowhere.example", False, ["MX"]),
        ("known.example", True, []),
        ("deaf.example", False, []),
    ],
)
async def test_what_dns_says(
    asking: Domains, names: NameServer, domain: str, takes: bool, asked: list[str]
) -> None:
    assert await asking.takes_mail(domain) is takes
    assert names.asked == [(domain, kind) for kind in asked]
    assert await asking.takes_mail(domain) is takes
    assert names.asked == [(domain, kind) for kind in asked], "the answer is remembered"


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_a_failure_says_nothing_and_is_not_remembered(
    asking: Domains, names: NameServer, rcode: dns.rcode.Rcode
) -> None:
    names.rcode = rcode
    assert await asking.takes_mail("nowhere.example") is None
    names.rcode = None
    assert await asking.takes_mail("nowhere.example") is False


async def test_silence_says_nothing_and_is_not_remembered(
    asking: Domains, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "PATIENCE", 0.05)
    names.silent = True
    assert await asking.takes_mail("mail.example") is None
    monkeypatch.undo()
    names.silent = False
    assert await asking.takes_mail("mail.example") is True


@pytest.mark.parametrize("domain", ["", ".", "..", "a..example", "x" * 64 + ".example", "x." * 200])
async def test_what_is_no_domain_says_nothing(asking: Domains, domain: str) -> None:
    assert await asking.takes_mail(domain) in (None, False)


@pytest.mark.parametrize(
    ("domain", "seconds"),
    [
        ("short.example", 300),
        ("nowhere.example", 300),
        ("web.example", 300),
        ("mail.example", 3600),
        ("old.example", 3600),
        ("long.example", 86_400),
    ],
)
async def test_how_long_an_answer_is_remembered(
    asking: Domains, names: NameServer, clock: Clock, domain: str, seconds: float
) -> None:
    takes = await asking.takes_mail(domain)
    names.asked.clear()
    clock.seconds += seconds - 1
    assert await asking.takes_mail(domain) is takes
    assert names.asked == []
    clock.seconds += 2
    assert await asking.takes_mail(domain) is takes
    assert names.asked[0] == (domain, "MX")


async def test_the_oldest_answers_are_forgotten_first(
    asking: Domains, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "_MOST", 2)
    for domain in ("mail.example", "null.example", "short.example"):
        await asking.takes_mail(domain)
    names.asked.clear()
    for domain in ("null.example", "short.example", "mail.example"):
        await asking.takes_mail(domain)
    assert names.asked == [("mail.example", "MX")]
