"""Look up domains in DNS, with short timeouts and a cache."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dns.exception
import dns.rdata
import dns.rdatatype
from dns.rdtypes.ANY.MX import MX

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

LOOKUP_TIMEOUT = 2.0
"""Seconds for all lookups about one domain."""

DNS_ERRORS = (TimeoutError, dns.exception.DNSException, OSError)
"""What a lookup raises if DNS does not answer. Such failures are never cached."""

_MAX_CACHED_ANSWERS = 10_000

_MAX_CACHED_LENGTH = 10_000
"""Characters of a cached answer: a domain's owner chooses how long the answer is."""

_MIN_TTL, _MAX_TTL = 300.0, 86_400.0
"""Seconds for which an answer is cached, whatever its own TTL is."""


_KNOWN_GOOD = ("gmail.com", "outlook.com", "yahoo.com")
"""Domains that accept mail. If DNS denies that of all of them, it is broken."""

_TRUST_SECONDS = 300.0
"""How long DNS is taken to work after it has found a domain that is known to exist."""


class DnsBroken(dns.exception.DNSException):
    """The resolver denies that well-known domains exist, so no denial of it can be believed."""


@dataclass(frozen=True)
class DnsAnswer:
    """The answer to one DNS query."""

    exists: bool
    """Whether there is such a name, with records of any type."""

    records: tuple[dns.rdata.Rdata, ...] = ()
    """The records of the requested type."""


class DomainResolver:
    """Looks up domains in DNS and caches the answers for their TTL, from 5 minutes to 24 hours."""

    def __init__(
        self,
        resolver: "Resolver | None" = None,
        known: Mapping[str, bool] | None = None,
    ) -> None:
        """Create the resolver; without `resolver`, the system's is used.

        `known` says of some domains whether they accept mail, so that DNS is not asked.
        """
        self._resolver = resolver
        self._known = dict(known or {})
        self._answers: OrderedDict[tuple[str, dns.rdatatype.RdataType], tuple[DnsAnswer, float]]
        self._answers = OrderedDict()
        self._trusted_until = 0.0
        """Until when, by the monotonic clock, denials are believed."""

    async def takes_mail(self, domain: str) -> bool | None:
        """Return whether `domain` accepts mail; None if DNS did not answer in time.

        It does if it has an MX record (RFC 5321, section 5.1) other than a null MX (RFC 7505), or
        if it has an IP address.
        """
        if domain in self._known:
            return self._known[domain]
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                mail = await self.ask(domain, dns.rdatatype.MX)
                if mail.records:
                    return _has_mail_server(mail)
                return mail.exists and await self.has_address(domain)
        except DNS_ERRORS:
            return None

    def remembered(self, domain: str) -> bool | None:
        """Return what `takes_mail` would return from memory; None if it would ask DNS.

        It may be called from any thread.
        """
        if domain in self._known:
            return self._known[domain]
        cached = self._answers.get((domain, dns.rdatatype.MX))
        if cached is None or cached[1] <= time.monotonic() or not cached[0].records:
            return None
        return _has_mail_server(cached[0])

    async def has_address(self, domain: str) -> bool:
        """Return whether `domain` has an IP address. Raises one of DNS_ERRORS."""
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            if (await self.ask(domain, kind)).records:
                return True
        return False

    async def ask(self, name: str, kind: dns.rdatatype.RdataType) -> DnsAnswer:
        """Return the records of type `kind` of `name`, maybe cached. Raises one of DNS_ERRORS."""
        cached = self._answers.get((name, kind))
        if cached is not None and cached[1] > time.monotonic():
            return cached[0]
        answer, ttl = await self._resolve(name, kind)
        if not answer.records:
            await self.require_working()
        if sum(len(each.to_text()) for each in answer.records) > _MAX_CACHED_LENGTH:
            return answer
        until = time.monotonic() + min(max(ttl, _MIN_TTL), _MAX_TTL)
        self._answers[name, kind] = (answer, until)
        self._answers.move_to_end((name, kind))
        while len(self._answers) > _MAX_CACHED_ANSWERS:
            self._answers.popitem(last=False)
        return answer

    async def require_working(self) -> None:
        """Raise DnsBroken if the resolver denies the mail servers of well-known domains, too.

        A resolver of a captive portal or a blocked network denies every name.
        """
        if time.monotonic() < self._trusted_until:
            return
        for domain in _KNOWN_GOOD:
            answer, _ = await self._resolve(domain, dns.rdatatype.MX)
            if answer.records:
                self._trusted_until = time.monotonic() + _TRUST_SECONDS
                return
        raise DnsBroken

    async def _resolve(self, name: str, kind: dns.rdatatype.RdataType) -> tuple[DnsAnswer, float]:
        """Query DNS; return the answer and its TTL in seconds."""
        # Imported here: the resolver loads an HTTP client, which takes 10 MB.
        from dns.asyncresolver import Resolver
        from dns.resolver import NXDOMAIN

        if self._resolver is None:
            self._resolver = Resolver()
        try:
            answer = await self._resolver.resolve(
                f"{name}.", kind, lifetime=LOOKUP_TIMEOUT, raise_on_no_answer=False
            )
        except NXDOMAIN:
            return DnsAnswer(exists=False), _MIN_TTL
        if answer.rrset is None:
            return DnsAnswer(exists=True), _MIN_TTL
        # An alias (CNAME) may have a shorter TTL than the records that it leads to.
        return DnsAnswer(True, tuple(answer.rrset)), float(answer.chaining_result.minimum_ttl)


def _has_mail_server(mail: DnsAnswer) -> bool:
    """Whether MX records name a server, and are not a null MX (RFC 7505)."""
    return [str(each.exchange) for each in mail.records if isinstance(each, MX)] != ["."]
