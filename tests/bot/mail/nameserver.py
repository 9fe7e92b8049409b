"""A name server on loopback that answers from zones made up for tests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import dns.zone

WELL_KNOWN = "gmail.com"
"""A domain that a working resolver finds: the bot asks for it before it believes a denial."""

ZONES = Path(__file__).parent / "zones"

Records = Mapping[dns.name.Name, Mapping[dns.rdatatype.RdataType, dns.rrset.RRset]]


def read(*texts: str) -> Records:
    """Return the records of zones, written as in RFC 1035, section 5."""
    found: dict[dns.name.Name, dict[dns.rdatatype.RdataType, dns.rrset.RRset]] = {}
    for text in texts:
        zone = dns.zone.from_text(text, origin=".", relativize=False, check_origin=False)
        for name, ttl, record in zone.iterate_rdatas():
            kinds = found.setdefault(name, {})
            kinds.setdefault(
                record.rdtype, dns.rrset.RRset(name, record.rdclass, record.rdtype)
            ).add(record, ttl)
    return found


def recorded(*names: str) -> Records:
    """Return the records of the zones in files."""
    return read(*((ZONES / f"{name}.zone").read_text(encoding="ascii") for name in names))


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """Answers from `records`. At a name in `failing` it says so; at one in `silent`, nothing.

    If `mute`, it never says anything. If `denying`, it says that no name exists. Otherwise it also
    knows the mail server of WELL_KNOWN.
    """

    records: Records
    failing: dict[str, dns.rcode.Rcode] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    mute: bool = False
    denying: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        asked = question.name.to_text(omit_final_dot=True).lower()
        if asked != WELL_KNOWN:
            self.asked.append((asked, dns.rdatatype.to_text(question.rdtype)))
        if self.mute or asked in self.silent:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self.denying:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif asked == WELL_KNOWN and question.rdtype == dns.rdatatype.MX:
            self._fill_well_known(answer, question.name)
        elif asked in self.failing:
            answer.set_rcode(self.failing[asked])
        else:
            self._fill(answer, question.name, question.rdtype)
        self.transport.sendto(answer.to_wire(), addr)

    def _fill_well_known(self, answer: dns.message.Message, name: dns.name.Name) -> None:
        found = dns.rrset.from_text(name, 60, "IN", "MX", "10 mail.example.")
        answer.answer.append(found)

    def _fill(
        self, answer: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> None:
        """Follow aliases as a resolver does, and say NXDOMAIN of a name that leads nowhere."""
        kinds = self._at(name)
        if kinds is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
            return
        for wanted in (kind, dns.rdatatype.CNAME):
            if wanted in kinds:
                found = kinds[wanted]
                answer.answer.append(dns.rrset.from_rdata_list(name, found.ttl, list(found)))
                if wanted is not kind:
                    self._fill(answer, found[0].target, kind)
                return

    def _at(self, name: dns.name.Name) -> Mapping[dns.rdatatype.RdataType, dns.rrset.RRset] | None:
        if any(known.is_subdomain(name) for known in self.records):
            return self.records.get(name, {})
        wild = dns.name.Name((b"*", *name.labels[1:]))
        return self.records.get(wild)

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def resolver(self) -> dns.asyncresolver.Resolver:
        """Return one that asks this server alone."""
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.port
        return resolver

    def blocking_resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.port
        return resolver


@asynccontextmanager
async def serving(records: Records) -> AsyncIterator[NameServer]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: NameServer(records), local_addr=("127.0.0.1", 0)
    )
    yield server
    transport.close()
