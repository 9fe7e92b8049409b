"""What a domain wants done with mail that says it is from there, and is not (DMARC, RFC 9989).

Where the RFC lets a receiver be lenient (`t=y`, a value that is none), this is not: receivers
differ, and a letter that is turned away is worse than one that does not show an address.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from bot.mail.authentication.domains import DNS_ERRORS, LOOKUP_TIMEOUT, DomainResolver

_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_MOST_LABELS = 7
"""Of the first parent that is asked: with the domain itself, eight questions (section 4.10)."""

Tags = Mapping[str, str]


class Policy(StrEnum):
    """What is to be done. ABSENT: the domain says nothing. UNKNOWN: we could not find out."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    ABSENT = "absent"
    UNKNOWN = "unknown"


_PUBLISHED = {each.value: each for each in (Policy.NONE, Policy.QUARANTINE, Policy.REJECT)}


@dataclass(frozen=True)
class DiscoveredPolicy:
    """A domain's effective policy. `found_at` is the domain whose record says so, or empty.

    `strict` holds of `adkim` and `aspf` those for which a related domain does not do (section 4.7).
    """

    policy: Policy
    found_at: str = ""
    strict: frozenset[str] = field(default=frozenset(), compare=False)


async def discover(domains: DomainResolver, domain: str) -> DiscoveredPolicy:
    """Return the policy for mail from `domain` (section 4.10.1); UNKNOWN where DNS has trouble."""
    name = domain.rstrip(".").lower()
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await _walk(domains, name)
            if found is None:
                return DiscoveredPolicy(Policy.ABSENT)
            where, tags = found
            wanted = await _wanted(domains, name, where, tags)
    except DNS_ERRORS:
        return DiscoveredPolicy(Policy.UNKNOWN)
    strict = frozenset(tag for tag in ("adkim", "aspf") if tags.get(tag, "").lower() == "s")
    return DiscoveredPolicy(_PUBLISHED.get(wanted.lower(), Policy.UNKNOWN), where, strict)


async def organizational_domain(domains: DomainResolver, domain: str) -> str:
    """Return the domain under which `domain` and its relatives are (4.10.2). Raises TROUBLE."""
    name = domain.rstrip(".").lower()
    own = await _record(domains, name)
    if own is not None and own.get("psd", "").lower() in ("y", "n"):
        return name
    organisation, _ = await _climb(domains, name, {} if own is None else {name: own})
    return organisation


async def _walk(domains: DomainResolver, domain: str) -> tuple[str, Tags] | None:
    """Return the record that holds for `domain`, and where it stands (sections 4.10, 4.10.2)."""
    own = await _record(domains, domain)
    if own is not None:
        return domain, own
    _, found = await _climb(domains, domain, {})
    return found


async def _climb(
    domains: DomainResolver, domain: str, found: dict[str, Tags]
) -> tuple[str, tuple[str, Tags] | None]:
    """Return the organisation of `domain`, and the record that holds where it has none itself.

    `found` has what it has itself.
    """
    labels = domain.split(".")
    for start in range(max(1, len(labels) - _MOST_LABELS), len(labels)):
        name = ".".join(labels[start:])
        tags = await _record(domains, name)
        if tags is None:
            continue
        psd = tags.get("psd", "").lower()
        if psd == "y":
            # A registry's: what stands one label under it, at the organisation's, goes first.
            organisation = ".".join(labels[start - 1 :])
            holds = organisation if organisation in found else name
            return organisation, (holds, found.get(organisation, tags))
        found[name] = tags
        if psd == "n":
            break
    highest = next(reversed(found.items()), None)
    return (highest[0] if highest else domain), highest


async def _record(domains: DomainResolver, name: str) -> Tags | None:
    """Return the tags of the one record at `name`; several are as good as none (section 4.10)."""
    said = await domains.ask(f"_dmarc.{name}", dns.rdatatype.TXT)
    texts = [b"".join(each.strings) for each in said.records if isinstance(each, TXT)]
    records = [text for text in (each.decode(errors="replace") for each in texts) if _is(text)]
    return _tags(records[0]) if len(records) == 1 else None


def _is(text: str) -> bool:
    return _VERSION.match(text) is not None


def _tags(text: str) -> Tags:
    """Return the tags of a record. One that stands twice has no value: receivers differ on it."""
    tags: dict[str, str] = {}
    for part in text.split(";")[1:]:
        name, _, value = part.partition("=")
        key = name.strip().lower()
        tags[key] = "" if key in tags else value.strip()
    return tags


async def _wanted(domains: DomainResolver, domain: str, where: str, tags: Tags) -> str:
    """Return what the tags say of `domain` (section 4.7: p, sp, np; a missing p is none)."""
    wanted = tags.get("p", "none")
    if where == domain:
        return wanted
    wanted = tags.get("sp", wanted)
    other = tags.get("np", wanted)
    return wanted if other == wanted or await _exists(domains, domain) else other


async def _exists(domains: DomainResolver, domain: str) -> bool:
    """Return whether `domain` exists, by MX, A or AAAA (section 3.2, “Non-existent Domains”)."""
    mail = await domains.ask(domain, dns.rdatatype.MX)
    return bool(mail.records) or (mail.exists and await domains.has_address(domain))
