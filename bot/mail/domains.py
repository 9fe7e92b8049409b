"""Whether a domain takes mail: asked of DNS, quickly; doubt never stops anyone."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

PATIENCE = 2.0
"""Seconds, for all questions about one domain."""

_MOST = 10_000
_SHORTEST, _LONGEST = 300.0, 86_400.0


class Domains:
    """Asks DNS and remembers what it said for as long as the answer allows."""

    def __init__(
        self,
        resolver: dns.asyncresolver.Resolver | None = None,
        known: Mapping[str, bool] | None = None,
    ) -> None:
        """Use `resolver`, or the system's at the first question; `known` is never asked about."""
        self._resolver = resolver
        self._known = dict(known or {})
        self._answers: OrderedDict[str, tuple[bool, float]] = OrderedDict()

    async def takes_mail(self, domain: str) -> bool | None:
        """Return whether `domain` takes mail; None where DNS did not say in time.

        It does with an MX record (RFC 5321, 5.1), but for a null MX (RFC 7505), or with an address.
        """
        if domain in self._known:
            return self._known[domain]
        kept = self._answers.get(domain)
        if kept is not None and kept[1] > time.monotonic():
            return kept[0]
        try:
            async with asyncio.timeout(PATIENCE):
                takes, seconds = await self._ask(domain)
        except (TimeoutError, dns.exception.DNSException, OSError):
            return None
        self._remember(domain, takes, seconds)
        return takes

    async def _ask(self, domain: str) -> tuple[bool, float]:
        try:
            answer = await self._resolve(domain, dns.rdatatype.MX)
        except dns.resolver.NXDOMAIN:
            return False, _SHORTEST
        except dns.resolver.NoAnswer:
            return await self._has_address(domain)
        hosts = [str(record.exchange) for record in answer]
        return hosts != ["."], float(answer.rrset.ttl if answer.rrset else 0)

    async def _has_address(self, domain: str) -> tuple[bool, float]:
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                answer = await self._resolve(domain, kind)
            except dns.resolver.NoAnswer:
                continue
            return True, float(answer.rrset.ttl if answer.rrset else 0)
        return False, _SHORTEST

    async def _resolve(self, domain: str, kind: dns.rdatatype.RdataType) -> dns.resolver.Answer:
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver()
        return await self._resolver.resolve(f"{domain}.", kind, lifetime=PATIENCE)

    def _remember(self, domain: str, takes: bool, seconds: float) -> None:
        until = time.monotonic() + min(max(seconds, _SHORTEST), _LONGEST)
        self._answers[domain] = (takes, until)
        self._answers.move_to_end(domain)
        while len(self._answers) > _MOST:
            self._answers.popitem(last=False)
