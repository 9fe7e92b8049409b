"""What a domain's SPF record comes to, beside checkdmarc, on the same zone."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address

import dns.rcode
import pytest
import pytest_asyncio
from checkdmarc.spf import SPFError, parse_spf_record

from bot.mail.authentication import spf
from bot.mail.authentication.domains import DNS_ERRORS, DomainResolver
from tests.bot.mail.nameserver import NameServer, recorded, serving


@pytest_asyncio.fixture
async def names() -> AsyncIterator[NameServer]:
    async with serving(recorded("senders")) as server:
        yield server


@pytest.fixture
def asking(names: NameServer) -> DomainResolver:
    return DomainResolver(names.resolver())


def oracle(names: NameServer, domain: str, record: str) -> int:
    """Return how many look-ups checkdmarc counts. Raises SPFError."""
    found = parse_spf_record(record, domain, resolver=names.blocking_resolver(), retries=0)
    return int(found["dns_lookups"])


BOTH = [
    ("plain.example", "-", 0, ["192.0.2.9", "2001:db8::9"], ["198.51.100.1"]),
    ("soft.example", "~", 1, ["192.0.2.1"], ["192.0.2.2"]),
    ("post.example", "-", 2, ["192.0.2.1"], ["192.0.2.9"]),
    ("wide.example", "-", 1, ["192.0.2.200", "2001:db8::ffff"], ["192.0.3.1"]),
    ("included.example", "-", 3, ["192.0.2.9", "192.0.2.1"], ["198.51.100.1"]),
    ("led.example", "-", 1, ["192.0.2.9"], ["198.51.100.1"]),
    ("refusing.example", "~", 0, [], ["192.0.2.1"]),
    ("ending.example", "-", 0, ["192.0.2.1"], ["198.51.100.1"]),
    ("explained.example", "-", 0, ["192.0.2.1"], []),
    ("ten.example", "-", 10, ["192.0.2.1"], []),
]


@pytest.mark.parametrize(("domain", "end", "lookups", "may", "may_not"), BOTH)
async def test_what_both_read(
    asking: DomainResolver,
    names: NameServer,
    domain: str,
    end: str,
    lookups: int,
    may: list[str],
    may_not: list[str],
) -> None:
    said = await spf.read(asking, domain)
    assert (said.end, said.lookups, said.faults) == (end, lookups, [])
    assert [each for each in may if not said.allows(ip_address(each))] == []
    assert [each for each in may_not if said.allows(ip_address(each))] == []
    assert await asyncio.to_thread(oracle, names, domain, said.records[0]) == lookups


@pytest.mark.parametrize(
    ("domain", "fault"),
    [
        ("eleven.example", "It needs more than 10 DNS lookups."),
        ("loop.example", "It needs more than 10 DNS lookups."),
        ("void.example", "More than 2 of its lookups find nothing."),
        ("dead.example", "It leads to gone.example, which has no SPF records."),
        ("double.example", "It leads to two.example, which has 2 SPF records."),
        ("slip.example", "“ipv4:192.0.2.1” is unknown to SPF."),
        ("nameless.example", "“include:” is unknown to SPF."),
        ("number.example", "“192.0.2.300” isn't a valid network."),
    ],
)
async def test_what_makes_receivers_give_up(
    asking: DomainResolver, names: NameServer, domain: str, fault: str
) -> None:
    said = await spf.read(asking, domain)
    assert said.faults == [fault]
    with pytest.raises(SPFError):
        await asyncio.to_thread(oracle, names, domain, said.records[0])


async def test_records_are_counted_and_others_are_none(asking: DomainResolver) -> None:
    assert (await spf.read(asking, "gone.example")).records == ()
    assert (await spf.read(asking, "later.example")).records == ()
    assert len((await spf.read(asking, "two.example")).records) == 2


@pytest.mark.parametrize("domain", ["macro.example", "pointer.example", "veiled.example"])
async def test_what_depends_on_the_mail_is_veiled(asking: DomainResolver, domain: str) -> None:
    said = await spf.read(asking, domain)
    assert (said.veiled, said.networks, said.faults) == (True, [], [])


async def test_capitals_mean_the_same(asking: DomainResolver) -> None:
    """RFC 5234, section 2.3: what stands in quotes in a grammar is either case."""
    said = await spf.read(asking, "loud.example")
    assert (said.end, said.lookups, said.faults) == ("-", 1, [])


async def test_trouble_is_no_answer(asking: DomainResolver, names: NameServer) -> None:
    names.failing["spf.post.example"] = dns.rcode.SERVFAIL
    with pytest.raises(DNS_ERRORS):
        await spf.read(asking, "included.example")
