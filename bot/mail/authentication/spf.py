"""Who may send mail in a domain's name (SPF, RFC 7208), as far as that can be read beforehand.

A receiver evaluates a record for one sender; this reads it for all of them, to tell a domain's
owner what is wrong with it before a receiver does.
"""

import ipaddress
import re
from dataclasses import dataclass, field

import dns.rdatatype
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from bot.mail.authentication.domains import DomainResolver

MAX_LOOKUPS, MAX_VOID_LOOKUPS = 10, 2
"""Of terms that ask DNS, and of answers that are empty: past either, an error (section 4.6.4)."""

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
    """What a domain's record comes to.

    `end` is the qualifier of its `all`, empty where there is none. `networks` may send; where
    `veiled`, others may, too, which depends on each mail. `faults` make receivers give up on it.
    """

    records: tuple[str, ...] = ()
    end: str = ""
    networks: list[IpNetwork] = field(default_factory=list)
    veiled: bool = False
    lookups: int = 0
    void: int = 0
    faults: list[str] = field(default_factory=list)

    def allows(self, address: IpAddress) -> bool:
        """Whether the record lets `address` send."""
        return any(address in network for network in self.networks)


async def read(domains: DomainResolver, domain: str) -> Spf:
    """Return what `domain` says. Raises TROUBLE of `domains`."""
    reading = _SpfReader(domains)
    reading.spf.records = await reading.records(domain)
    if len(reading.spf.records) == 1:
        reading.spf.end = await reading.follow(domain, reading.spf.records[0])
    if reading.spf.lookups > MAX_LOOKUPS:
        reading.fault(f"It needs more than {MAX_LOOKUPS} look-ups in DNS.")
    if reading.spf.void > MAX_VOID_LOOKUPS:
        reading.fault(f"More than {MAX_VOID_LOOKUPS} of its look-ups find nothing.")
    return reading.spf


class _SpfReader:
    """A record that is followed wherever it leads."""

    def __init__(self, domains: DomainResolver) -> None:
        self._domains = domains
        self.spf = Spf()

    def fault(self, what: str) -> None:
        if what not in self.spf.faults:
            self.spf.faults.append(what)

    async def records(self, domain: str) -> tuple[str, ...]:
        """Return the records at `domain` (section 4.5): there must be one."""
        said = await self._domains.ask(domain, dns.rdatatype.TXT)
        texts = (b"".join(each.strings) for each in said.records if isinstance(each, TXT))
        decoded = (text.decode("ascii", errors="replace") for text in texts)
        return tuple(text for text in decoded if _VERSION.match(text))

    async def follow(self, domain: str, record: str, *, passes: bool = True) -> str:
        """Read `record` and return the qualifier of its `all`. `passes`: who matches may send."""
        onward = ""
        for written in record.split()[1:]:
            if modifier := _MODIFIER.fullmatch(written):
                if modifier[1].lower() == "redirect":
                    onward = modifier[2]
                continue
            term = _TERM.fullmatch(written)
            if term is None or (term[2].lower() in _NEEDS_NAME and not term[3]):
                self.fault(f"“{_shown(written)}” is not known to SPF.")
                continue
            if term[2].lower() == "all":
                # What stands behind it is never read, nor is a redirect (sections 5.1, 6.1).
                return term[1] or "+"
            if self.spf.lookups > MAX_LOOKUPS:
                return ""
            await self._match(term, domain, passes=passes and term[1] in ("", "+"))
        return await self._lead(onward, passes=passes) if onward else ""

    async def _match(self, term: re.Match[str], domain: str, *, passes: bool) -> None:
        """Note who matches a mechanism (section 5)."""
        kind, value, length = term[2].lower(), term[3] or "", term[4]
        if kind in ("ip4", "ip6"):
            self._note(f"{value}{length}", passes=passes)
            return
        if kind == "include":
            await self._lead(value, passes=passes)
            return
        self.spf.lookups += 1
        name = value or domain
        if kind in ("ptr", "exists") or "%" in name:
            self.spf.veiled = self.spf.veiled or passes
            return
        hosts = [name] if kind == "a" else await self._exchanges(name)
        narrow, _, wide = length.partition("//")
        for host in hosts:
            for address in await self._addresses(host):
                bits = f"/{wide}" if ":" in address and wide else "" if ":" in address else narrow
                self._note(f"{address}{bits}", passes=passes)

    async def _lead(self, name: str, *, passes: bool) -> str:
        """Follow `include` or `redirect`: where these lead to no record, SPF fails (5.2, 6.1)."""
        self.spf.lookups += 1
        if "%" in name:
            self.spf.veiled = self.spf.veiled or passes
            return ""
        records = await self.records(name)
        if len(records) != 1:
            self.fault(f"It leads to {_shown(name)}, which has {len(records) or 'no'} SPF records.")
            return ""
        return await self.follow(name, records[0], passes=passes)

    async def _exchanges(self, name: str) -> list[str]:
        said = await self._domains.ask(name, dns.rdatatype.MX)
        self.spf.void += not said.records
        return [str(each.exchange).rstrip(".") for each in said.records if isinstance(each, MX)]

    async def _addresses(self, host: str) -> list[str]:
        found = []
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            found += [each.to_text() for each in (await self._domains.ask(host, kind)).records]
        self.spf.void += not found
        return found

    def _note(self, network: str, *, passes: bool) -> None:
        try:
            read = ipaddress.ip_network(network, strict=False)
        except ValueError:
            self.fault(f"“{_shown(network)}” is no network.")
            return
        if passes:
            self.spf.networks.append(read)


def _shown(text: str) -> str:
    """Return what a stranger's record says, fit to be printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:80]
