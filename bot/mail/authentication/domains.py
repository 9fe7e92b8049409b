"""What DNS says of domains: asked quickly, and remembered for as long as the answer allows."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.rdata
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.MX import MX

LOOKUP_TIMEOUT = 2.0
"""Seconds, for all questions about one domain."""

DNS_ERRORS = (TimeoutError, dns.exception.DNSException, OSError)
"""What is raised where DNS does not say. It is never remembered."""

_MOST = 10_000
_LARGEST = 10_000
"""Letters of an answer that is remembered: whoever has a domain chooses what it says."""

_SHORTEST, _LONGEST = 300.0, 86_400.0


@dataclass(frozen=True)
class DnsAnswer:
    """The records of one kind that a name has. `exists` tells whether there is such a name."""

    exists: bool
    records: tuple[dns.rdata.Rdata, ...] = ()


class DomainResolver:
    """Asks DNS and remembers what it said for its TTL, but for 5 minutes to 24 hours."""

    def __init__(
        self,
        resolver: dns.asyncresolver.Resolver | None = None,
        known: Mapping[str, bool] | None = None,
    ) -> None:
        """Use `resolver`, or the system's at the first question; of `known`, mail is not asked."""
        self._resolver = resolver
        self._known = dict(known or {})
        self._answers: OrderedDict[tuple[str, dns.rdatatype.RdataType], tuple[DnsAnswer, float]]
        self._answers = OrderedDict()

    async def takes_mail(self, domain: str) -> bool | None:
        """Return whether `domain` takes mail; None where DNS did not say in time.

        It does with an MX record (RFC 5321, 5.1), but for a null MX (RFC 7505), or with an address.
        """
        if domain in self._known:
            return self._known[domain]
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                mail = await self.ask(domain, dns.rdatatype.MX)
                if mail.records:
                    hosts = [str(each.exchange) for each in mail.records if isinstance(each, MX)]
                    return hosts != ["."]
                return mail.exists and await self.has_address(domain)
        except DNS_ERRORS:
            return None

    async def has_address(self, domain: str) -> bool:
        """Return whether `domain` has an address of a machine. Raises TROUBLE."""
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            if (await self.ask(domain, kind)).records:
                return True
        return False

    async def ask(self, name: str, kind: dns.rdatatype.RdataType) -> DnsAnswer:
        """Return what DNS says of `name`, or said not long ago. Raises TROUBLE."""
        kept = self._answers.get((name, kind))
        if kept is not None and kept[1] > time.monotonic():
            return kept[0]
        said, seconds = await self._resolve(name, kind)
        if sum(len(each.to_text()) for each in said.records) > _LARGEST:
            return said
        until = time.monotonic() + min(max(seconds, _SHORTEST), _LONGEST)
        self._answers[name, kind] = (said, until)
        self._answers.move_to_end((name, kind))
        while len(self._answers) > _MOST:
            self._answers.popitem(last=False)
        return said

    async def _resolve(self, name: str, kind: dns.rdatatype.RdataType) -> tuple[DnsAnswer, float]:
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver()
        try:
            answer = await self._resolver.resolve(
                f"{name}.", kind, lifetime=LOOKUP_TIMEOUT, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return DnsAnswer(exists=False), _SHORTEST
        if answer.rrset is None:
            return DnsAnswer(exists=True), _SHORTEST
        # An alias may hold for less long than what it leads to.
        return DnsAnswer(True, tuple(answer.rrset)), float(answer.chaining_result.minimum_ttl)
