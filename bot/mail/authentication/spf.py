"""Read a domain's SPF record: which servers may send for the domain (RFC 7208).

A receiver evaluates the record for one sender. This module reads it for all senders, so that
`doctor` can report what is wrong with it.
"""

import ipaddress
import re
from dataclasses import dataclass, field

import dns.rdatatype
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from bot.mail.authentication.domains import DomainResolver

MAX_LOOKUPS, MAX_VOID_LOOKUPS = 10, 2
"""Terms that need DNS, and lookups with empty answers; more are an error (section 4.6.4)."""

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_VERSION = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_MECHANISMS = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
_TERM = re.compile(
    rf"([-+~?]?)({'|'.join(_MECHANISMS)})(?::([^/]*))?((?:/\d+)?(?://\d+)?)", re.IGNORECASE
)
_MODIFIER = re.compile(r"([a-z][\w.-]*)=(\S*)", re.IGNORECASE)
_NEEDS_NAME = ("include", "exists")


@dataclass
class Spf:
    """What a domain's SPF record says."""

    records: tuple[str, ...] = ()
    """The SPF records of the domain; there should be exactly one."""

    end: str = ""
    """The qualifier of `all`: "+", "-", "~" or "?"; "" without `all`."""

    networks: list[IpNetwork] = field(default_factory=list)
    """The networks that may send."""

    veiled: bool = False
    """Whether others may send, too, depending on each email (macros, `exists`, `ptr`)."""

    lookups: int = 0
    """How many terms need DNS."""

    void: int = 0
    """How many lookups had empty answers."""

    faults: list[str] = field(default_factory=list)
    """Errors for which receivers ignore the record, as sentences."""

    def allows(self, address: IpAddress) -> bool:
        """Whether the record lets `address` send."""
        return any(address in network for network in self.networks)


async def read(domains: DomainResolver, domain: str) -> Spf:
    """Return what the SPF record of `domain` says. Raises one of DNS_ERRORS."""
    reading = _SpfReader(domains)
    reading.spf.records = await reading.records(domain)
    if len(reading.spf.records) == 1:
        reading.spf.end = await reading.follow(domain, reading.spf.records[0])
    if reading.spf.lookups > MAX_LOOKUPS:
        reading.fault(f"It needs more than {MAX_LOOKUPS} DNS lookups.")
    if reading.spf.void > MAX_VOID_LOOKUPS:
        reading.fault(f"More than {MAX_VOID_LOOKUPS} of its lookups find nothing.")
    return reading.spf


class _SpfReader:
    """Reads a record and all records that it refers to."""

    def __init__(self, domains: DomainResolver) -> None:
        self._domains = domains
        self.spf = Spf()

    def fault(self, what: str) -> None:
        if what not in self.spf.faults:
            self.spf.faults.append(what)

    async def records(self, domain: str) -> tuple[str, ...]:
        """Return the SPF records at `domain` (section 4.5)."""
        answer = await self._domains.ask(domain, dns.rdatatype.TXT)
        texts = (b"".join(each.strings) for each in answer.records if isinstance(each, TXT))
        decoded = (text.decode("ascii", errors="replace") for text in texts)
        return tuple(text for text in decoded if _VERSION.match(text))

    async def follow(self, domain: str, record: str, *, passes: bool = True) -> str:
        """Read `record` and return the qualifier of its `all`. `passes`: matches may send."""
        redirect = ""
        for written in record.split()[1:]:
            if modifier := _MODIFIER.fullmatch(written):
                if modifier[1].lower() == "redirect":
                    redirect = modifier[2]
                continue
            term = _TERM.fullmatch(written)
            if term is None or (term[2].lower() in _NEEDS_NAME and not term[3]):
                self.fault(f"“{_printable(written)}” is unknown to SPF.")
                continue
            if term[2].lower() == "all":
                # Terms after `all`, and a redirect, are ignored (sections 5.1 and 6.1).
                return term[1] or "+"
            if self.spf.lookups > MAX_LOOKUPS:
                return ""
            await self._match(term, domain, passes=passes and term[1] in ("", "+"))
        return await self._follow_name(redirect, passes=passes) if redirect else ""

    async def _match(self, term: re.Match[str], domain: str, *, passes: bool) -> None:
        """Add the networks that a mechanism matches (section 5)."""
        kind, value, length = term[2].lower(), term[3] or "", term[4]
        if kind in ("ip4", "ip6"):
            self._add_network(f"{value}{length}", passes=passes)
            return
        if kind == "include":
            await self._follow_name(value, passes=passes)
            return
        self.spf.lookups += 1
        name = value or domain
        if kind in ("ptr", "exists") or "%" in name:
            self.spf.veiled = self.spf.veiled or passes
            return
        hosts = [name] if kind == "a" else await self._mail_hosts(name)
        bits_v4, _, bits_v6 = length.partition("//")
        for host in hosts:
            for address in await self._addresses(host):
                is_v6 = ":" in address
                bits = (f"/{bits_v6}" if bits_v6 else "") if is_v6 else bits_v4
                self._add_network(f"{address}{bits}", passes=passes)

    async def _follow_name(self, name: str, *, passes: bool) -> str:
        """Follow `include` or `redirect`, which must lead to one record (sections 5.2 and 6.1)."""
        self.spf.lookups += 1
        if "%" in name:
            self.spf.veiled = self.spf.veiled or passes
            return ""
        records = await self.records(name)
        if len(records) != 1:
            self.fault(
                f"It leads to {_printable(name)}, which has {len(records) or 'no'} SPF records."
            )
            return ""
        return await self.follow(name, records[0], passes=passes)

    async def _mail_hosts(self, name: str) -> list[str]:
        answer = await self._domains.ask(name, dns.rdatatype.MX)
        self.spf.void += not answer.records
        return [str(each.exchange).rstrip(".") for each in answer.records if isinstance(each, MX)]

    async def _addresses(self, host: str) -> list[str]:
        found = []
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            found += [each.to_text() for each in (await self._domains.ask(host, kind)).records]
        self.spf.void += not found
        return found

    def _add_network(self, network: str, *, passes: bool) -> None:
        try:
            read = ipaddress.ip_network(network, strict=False)
        except ValueError:
            self.fault(f"“{_printable(network)}” isn't a valid network.")
            return
        if passes:
            self.spf.networks.append(read)


def _printable(text: str) -> str:
    """Return the beginning of a stranger's text, safe to print."""
    return "".join(each if each.isprintable() else "?" for each in text)[:80]
