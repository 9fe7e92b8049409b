"""Whether a domain takes mail, asked of a name server of our own on loopback."""

from collections.abc import AsyncIterator

import dns.rcode
import dns.rdatatype
import pytest
import pytest_asyncio

from bot.mail.authentication import domains
from bot.mail.authentication.domains import DomainResolver
from tests.bot.mail.nameserver import NameServer, read, serving

ZONE = """
mail.example.   3600   MX   10 mx1.mail.example.
mail.example.   3600   MX   20 mx2.mail.example.
null.example.   60     MX   0 .
old.example.    3600   A    192.0.2.1
new.example.    3600   AAAA 2001:db8::1
web.example.    3600   TXT  "v=spf1 -all"
short.example.  0      MX   10 mx1.mail.example.
long.example.   604800 MX   10 mx1.mail.example.
alias.example.  600    CNAME mail.example.
"""


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
    async with serving(read(ZONE)) as server:
        yield server


@pytest.fixture
def asking(names: NameServer) -> DomainResolver:
    return DomainResolver(names.resolver(), {"known.example": True, "deaf.example": False})


@pytest.mark.parametrize(
    ("domain", "takes", "asked"),
    [
        ("mail.example", True, ["MX"]),
        ("null.example", False, ["MX"]),
        ("old.example", True, ["MX", "A"]),
        ("new.example", True, ["MX", "A", "AAAA"]),
        ("web.example", False, ["MX", "A", "AAAA"]),
        ("alias.example", True, ["MX"]),
        ("nowhere.example", False, ["MX"]),
        ("known.example", True, []),
        ("deaf.example", False, []),
    ],
)
async def test_what_dns_says(
    asking: DomainResolver, names: NameServer, domain: str, takes: bool, asked: list[str]
) -> None:
    assert await asking.takes_mail(domain) is takes
    assert names.asked == [(domain, kind) for kind in asked]
    assert await asking.takes_mail(domain) is takes
    assert names.asked == [(domain, kind) for kind in asked], "the answer is remembered"


@pytest.mark.parametrize(
    ("domain", "remembered"),
    [("mail.example", True), ("known.example", True), ("deaf.example", False)],
)
async def test_what_dns_said_is_remembered_without_waiting(
    asking: DomainResolver, names: NameServer, domain: str, remembered: bool
) -> None:
    assert await asking.takes_mail(domain) is remembered
    names.asked.clear()
    assert asking.remembered(domain) is remembered
    assert asking.remembered("new.example") is None
    assert names.asked == []


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_a_failure_says_nothing_and_is_not_remembered(
    asking: DomainResolver, names: NameServer, rcode: dns.rcode.Rcode
) -> None:
    names.failing["nowhere.example"] = rcode
    assert await asking.takes_mail("nowhere.example") is None
    names.failing.clear()
    assert await asking.takes_mail("nowhere.example") is False


async def test_silence_says_nothing_and_is_not_remembered(
    asking: DomainResolver, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "LOOKUP_TIMEOUT", 0.05)
    names.silent.add("mail.example")
    assert await asking.takes_mail("mail.example") is None
    monkeypatch.undo()
    names.silent.clear()
    assert await asking.takes_mail("mail.example") is True


@pytest.mark.parametrize("domain", ["", ".", "..", "a..example", "x" * 64 + ".example", "x." * 200])
async def test_what_is_no_domain_says_nothing(asking: DomainResolver, domain: str) -> None:
    assert await asking.takes_mail(domain) in (None, False)


async def test_no_domain_fills_our_memory(
    asking: DomainResolver, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "_MAX_CACHED_LENGTH", 30)
    for domain, times in (("mail.example", 2), ("short.example", 1)):
        names.asked.clear()
        assert await asking.takes_mail(domain) is await asking.takes_mail(domain) is True
        assert names.asked == [(domain, "MX")] * times


@pytest.mark.parametrize(
    ("domain", "seconds"),
    [
        ("short.example", 300),
        ("nowhere.example", 300),
        ("web.example", 300),
        ("mail.example", 3600),
        ("old.example", 300),
        ("alias.example", 600),
        ("long.example", 86_400),
    ],
)
async def test_how_long_an_answer_is_remembered(
    asking: DomainResolver, names: NameServer, clock: Clock, domain: str, seconds: float
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
    asking: DomainResolver, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "_MAX_CACHED_ANSWERS", 2)
    for domain in ("mail.example", "null.example", "short.example"):
        await asking.takes_mail(domain)
    names.asked.clear()
    for domain in ("null.example", "short.example", "mail.example"):
        await asking.takes_mail(domain)
    assert names.asked == [("mail.example", "MX")]


async def test_a_resolver_that_denies_every_name_is_not_believed(
    asking: DomainResolver, names: NameServer
) -> None:
    names.denying = True
    assert await asking.takes_mail("mail.example") is None
    with pytest.raises(domains.DnsBroken):
        await asking.ask("mail.example", dns.rdatatype.TXT)
    names.denying = False
    assert await asking.takes_mail("mail.example") is True, "nothing of it is remembered"
    assert await asking.takes_mail("nowhere.example") is False


async def test_a_denial_is_checked_again_after_minutes(
    asking: DomainResolver, names: NameServer, clock: Clock
) -> None:
    assert await asking.takes_mail("nowhere.example") is False
    names.denying = True
    assert await asking.takes_mail("elsewhere.example") is False
    clock.seconds += 301
    assert await asking.takes_mail("anywhere.example") is None
