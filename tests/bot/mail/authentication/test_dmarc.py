"""What domains want done with mail that is not theirs, beside checkdmarc, on the same zones.

Both follow RFC 9989. checkdmarc tells what is amiss in a record where a receiver, and we, go on:
there, what is expected stands alone, with its section.
"""

import asyncio
from collections.abc import AsyncIterator

import dns.rcode
import pytest
import pytest_asyncio
from checkdmarc.dmarc import (
    DMARCError,
    DMARCRecordNotFound,
    parse_dmarc_record,
    query_dmarc_record,
)

from bot.mail.authentication import dmarc, domains
from bot.mail.authentication.dmarc import DiscoveredPolicy, Policy, discover
from bot.mail.authentication.domains import DomainResolver
from tests.bot.mail.nameserver import NameServer, recorded, serving

NONE, QUARANTINE, REJECT = Policy.NONE, Policy.QUARANTINE, Policy.REJECT
ABSENT, UNKNOWN = Policy.ABSENT, Policy.UNKNOWN
RECORDS = recorded("plain", "broken", "trees")

BOTH = [
    ("none.example", NONE, "none.example"),
    ("quarantine.example", QUARANTINE, "quarantine.example"),
    ("reject.example", REJECT, "reject.example"),
    ("REJECT.Example", REJECT, "reject.example"),
    ("reject.example.", REJECT, "reject.example"),
    ("bare.example", NONE, "bare.example"),
    ("closed.example", NONE, "closed.example"),
    ("missing.example", NONE, "missing.example"),
    ("silent.example", ABSENT, ""),
    ("loud.example", REJECT, "loud.example"),
    ("tight.example", REJECT, "tight.example"),
    ("wide.example", REJECT, "wide.example"),
    ("turned.example", REJECT, "turned.example"),
    ("cut.example", REJECT, "cut.example"),
    ("unknown.example", REJECT, "unknown.example"),
    ("testing.example", REJECT, "testing.example"),
    ("neighbours.example", REJECT, "neighbours.example"),
    ("hosted.example", QUARANTINE, "hosted.example"),
    ("xn--bcher-kva.example", REJECT, "xn--bcher-kva.example"),
    ("wild.example", ABSENT, ""),
    ("spf.example", ABSENT, ""),
    ("apex.example", ABSENT, ""),
    ("firm.test", REJECT, "firm.test"),
    ("mail.firm.test", REJECT, "firm.test"),
    ("mail.lenient.test", NONE, "lenient.test"),
    ("strict.test", NONE, "strict.test"),
    ("mail.strict.test", REJECT, "strict.test"),
    ("part.strict.test", QUARANTINE, "part.strict.test"),
    ("mail.near.far.test", QUARANTINE, "far.test"),
    ("mail.own.group.test", NONE, "own.group.test"),
    ("mail.guarded.test", NONE, "guarded.test"),
    ("mail.member.registry.test", REJECT, "member.registry.test"),
    ("a.b.member.registry.test", REJECT, "member.registry.test"),
    ("other.registry.test", QUARANTINE, "registry.test"),
    ("x.other.registry.test", QUARANTINE, "registry.test"),
    ("registry.test", NONE, "registry.test"),
    ("a.b.c.d.e.f.deep.test", REJECT, "b.c.d.e.f.deep.test"),
    ("skip.a.b.c.d.e.f.g.h.far-down.test", QUARANTINE, "d.e.f.g.h.far-down.test"),
    ("skip.a.b.c.d.e.f.g.h.left-out.test", ABSENT, ""),
]

ALONE = [
    # 4.10: several records are all discarded. Not by all receivers.
    ("several.example", UNKNOWN, "several.example"),
    ("both.firm.test", UNKNOWN, "both.firm.test"),
    # 4.8: what is not in the grammar, and meant to be a record.
    *(
        (f"{name}.example", UNKNOWN, f"{name}.example")
        for name in (
            *("spaced", "small", "later", "next", "longer", "unparted", "empty", "quoted"),
            *(
                "colon",
                "colons",
                "commas",
                "halves",
                "partless",
                "policy",
                "only-sp",
                "versionless",
            ),
            *("word", "invisible", "full-width", "upper", "blank", "mixed", "typo"),
        )
    ),
    ("mail.colon.example", UNKNOWN, "colon.example"),
    # Other texts, which a wildcard may bring.
    ("words.example", ABSENT, ""),
    ("dkim.example", ABSENT, ""),
    # 4.7: a receiver goes on as if p were none, or as if there were no record. Not all do.
    ("slip.example", UNKNOWN, "slip.example"),
    ("valueless.example", UNKNOWN, "valueless.example"),
    ("ours.example", UNKNOWN, "ours.example"),
    ("foreign.example", UNKNOWN, "foreign.example"),
    ("bytes.example", UNKNOWN, "bytes.example"),
    # 4.8: each tag once; which of two holds is not said.
    ("twice.example", UNKNOWN, "twice.example"),
    # An alias that leads nowhere is no record.
    ("dangling.example", ABSENT, ""),
    # 4.7, np: of names that have neither MX nor address; of others, sp or p.
    ("web.guarded.test", NONE, "guarded.test"),
    ("six.guarded.test", NONE, "guarded.test"),
    ("text.guarded.test", REJECT, "guarded.test"),
    ("ghost.guarded.test", REJECT, "guarded.test"),
    ("ghost.open.test", NONE, "open.test"),
    ("ghost.firm.test", REJECT, "firm.test"),
    ("ghost.registry.test", REJECT, "registry.test"),
    ("nowhere.invalid", ABSENT, ""),
]

NO_NAMES = ["", ".", "a..example", f"{'x' * 64}.example", "x." * 130 + "example"]


@pytest_asyncio.fixture
async def names() -> AsyncIterator[NameServer]:
    async with serving(RECORDS) as server:
        yield server


@pytest.fixture
def asking(names: NameServer) -> DomainResolver:
    return DomainResolver(names.resolver())


def oracle(names: NameServer, domain: str) -> DiscoveredPolicy:
    """What checkdmarc finds, for a domain that exists."""
    resolver = names.blocking_resolver()
    try:
        found = query_dmarc_record(
            domain, resolver=resolver, retries=0, ignore_unrelated_records=True
        )
    except DMARCRecordNotFound:
        return DiscoveredPolicy(ABSENT)
    where = found["location"]
    parsed = parse_dmarc_record(found["record"], where, resolver=resolver, retries=0)
    own = where == domain.rstrip(".").lower()
    return DiscoveredPolicy(Policy(parsed["tags"]["p" if own else "sp"]["value"]), where)


@pytest.mark.parametrize(("domain", "policy", "found_at"), BOTH)
async def test_what_both_find(
    asking: DomainResolver, names: NameServer, domain: str, policy: Policy, found_at: str
) -> None:
    assert await discover(asking, domain) == DiscoveredPolicy(policy, found_at)
    assert await asyncio.to_thread(oracle, names, domain) == DiscoveredPolicy(policy, found_at)


@pytest.mark.parametrize(("domain", "policy", "found_at"), ALONE)
async def test_what_receivers_make_of_the_rest(
    asking: DomainResolver, domain: str, policy: Policy, found_at: str
) -> None:
    assert await discover(asking, domain) == DiscoveredPolicy(policy, found_at)


@pytest.mark.parametrize(
    "domain", ["several.example", "spaced.example", "slip.example", "twice.example"]
)
async def test_what_checkdmarc_says_is_amiss(names: NameServer, domain: str) -> None:
    with pytest.raises(DMARCError):
        await asyncio.to_thread(oracle, names, domain)


@pytest.mark.parametrize("domain", NO_NAMES)
async def test_what_is_no_name_says_nothing(asking: DomainResolver, domain: str) -> None:
    assert (await discover(asking, domain)).policy in (UNKNOWN, ABSENT)


@pytest.mark.parametrize(
    ("domain", "at"),
    [
        ("none.example", "_dmarc.none.example"),
        ("mail.firm.test", "_dmarc.mail.firm.test"),
        ("mail.firm.test", "_dmarc.firm.test"),
        # A registry could end the walk otherwise: what is found before is not enough.
        ("mail.firm.test", "_dmarc.test"),
        ("mail.guarded.test", "mail.guarded.test"),
    ],
)
@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_trouble_anywhere_is_unknown_and_not_remembered(
    asking: DomainResolver, names: NameServer, rcode: dns.rcode.Rcode, domain: str, at: str
) -> None:
    names.failing[at] = rcode
    assert await discover(asking, domain) == DiscoveredPolicy(UNKNOWN)
    names.failing.clear()
    assert (await discover(asking, domain)).policy in (NONE, REJECT)


async def test_silence_is_unknown_and_soon_over(
    asking: DomainResolver, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dmarc, "LOOKUP_TIMEOUT", 0.05)
    names.silent.add("_dmarc.none.example")
    assert await discover(asking, "none.example") == DiscoveredPolicy(UNKNOWN)
    names.silent.clear()
    monkeypatch.setattr(dmarc, "LOOKUP_TIMEOUT", domains.LOOKUP_TIMEOUT)
    assert await discover(asking, "none.example") == DiscoveredPolicy(NONE, "none.example")


async def test_no_more_is_asked_than_needed(asking: DomainResolver, names: NameServer) -> None:
    await discover(asking, "reject.example")
    assert names.asked == [("_dmarc.reject.example", "TXT")]
    names.asked.clear()
    await discover(asking, "skip.a.b.c.d.e.f.g.h.left-out.test")
    assert [name for name, _ in names.asked] == [
        "_dmarc.skip.a.b.c.d.e.f.g.h.left-out.test",
        "_dmarc.d.e.f.g.h.left-out.test",
        "_dmarc.e.f.g.h.left-out.test",
        "_dmarc.f.g.h.left-out.test",
        "_dmarc.g.h.left-out.test",
        "_dmarc.h.left-out.test",
        "_dmarc.left-out.test",
        "_dmarc.test",
    ]


async def test_what_was_found_is_remembered(asking: DomainResolver, names: NameServer) -> None:
    await discover(asking, "mail.guarded.test")
    names.asked.clear()
    assert await discover(asking, "mail.guarded.test") == DiscoveredPolicy(NONE, "guarded.test")
    assert names.asked == []
    await discover(asking, "web.guarded.test")
    assert names.asked == [
        ("_dmarc.web.guarded.test", "TXT"),
        ("web.guarded.test", "MX"),
        ("web.guarded.test", "A"),
    ], "what parents say is known"
