"""Find a domain's DMARC policy: what receivers should do with unauthenticated mail (RFC 9989).

Where the RFC lets a receiver be lenient (`t=y`, an invalid value, a malformed record, several
records), this module is strict: receivers differ, and a refused letter is worse than one sent from
our own address.
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
_TAG = re.compile(r"[ \t]*([a-zA-Z][a-zA-Z0-9_-]*)[ \t]*=(.*)", re.DOTALL)
_KNOWN_TAGS = frozenset(
    ("p", "sp", "np", "adkim", "aspf", "fo", "psd", "rua", "ruf", "t", "pct", "rf", "ri")
)
"""RFC 9989, section 4.7; and pct, rf and ri of RFC 7489, section 6.3."""

_OTHER_PROTOCOL = re.compile(r"v=(?:spf1|DKIM1|STSv1|TLSRPTv1|BIMI1)\b", re.IGNORECASE)
_LOOKS_LIKE_DMARC = re.compile(
    r"dmarc|(?:^|[;\s\"'])(?:p|sp|np)\s*[=:]|\breject\b|\bquarantine\b", re.IGNORECASE
)
_UNCLEAR = "?"
"""Stands for a policy in a record that receivers may read as anything."""

_MAX_PARENT_LABELS = 7
"""Labels of the longest parent that is queried: with the domain, eight queries (section 4.10)."""

Tags = Mapping[str, str]


class Policy(StrEnum):
    """What receivers should do. ABSENT: no record. UNKNOWN: DNS failed or the record is unclear."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    ABSENT = "absent"
    UNKNOWN = "unknown"


_PUBLISHED = {each.value: each for each in (Policy.NONE, Policy.QUARANTINE, Policy.REJECT)}


@dataclass(frozen=True)
class DiscoveredPolicy:
    """A domain's effective policy."""

    policy: Policy

    found_at: str = ""
    """The domain whose record says so; "" if there is none."""

    strict: frozenset[str] = field(default=frozenset(), compare=False)
    """Which of `adkim` and `aspf` require the same domain, not only a related one (section 4.7)."""


async def discover(domains: DomainResolver, domain: str) -> DiscoveredPolicy:
    """Return the policy for mail from `domain` (section 4.10.1); UNKNOWN if DNS fails."""
    name = domain.rstrip(".").lower()
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await _find_record(domains, name)
            if found is None:
                return DiscoveredPolicy(Policy.ABSENT)
            where, tags = found
            policy = await _policy_for(domains, name, where, tags)
    except DNS_ERRORS:
        return DiscoveredPolicy(Policy.UNKNOWN)
    strict = frozenset(tag for tag in ("adkim", "aspf") if tags.get(tag, "").lower() == "s")
    return DiscoveredPolicy(_PUBLISHED.get(policy.lower(), Policy.UNKNOWN), where, strict)


async def organizational_domain(domains: DomainResolver, domain: str) -> str:
    """Return the organizational domain of `domain` (section 4.10.2). Raises one of DNS_ERRORS."""
    name = domain.rstrip(".").lower()
    own = await _record(domains, name)
    if own is not None and own.get("psd", "").lower() in ("y", "n"):
        return name
    organisation, _ = await _search_parents(domains, name, {} if own is None else {name: own})
    return organisation


async def _find_record(domains: DomainResolver, domain: str) -> tuple[str, Tags] | None:
    """Return the domain and the tags of the record that applies to `domain` (section 4.10)."""
    own = await _record(domains, domain)
    if own is not None:
        return domain, own
    _, found = await _search_parents(domains, domain, {})
    return found


async def _search_parents(
    domains: DomainResolver, domain: str, found: dict[str, Tags]
) -> tuple[str, tuple[str, Tags] | None]:
    """Return the organizational domain of `domain`, and the record that its parents give it.

    `found` has the domain's own record, if any.
    """
    labels = domain.split(".")
    for start in range(max(1, len(labels) - _MAX_PARENT_LABELS), len(labels)):
        name = ".".join(labels[start:])
        tags = await _record(domains, name)
        if tags is None:
            continue
        psd = tags.get("psd", "").lower()
        if psd == "y":
            # A registry's record: that of the organisation, one label below, takes precedence.
            organisation = ".".join(labels[start - 1 :])
            applies = organisation if organisation in found else name
            return organisation, (applies, found.get(organisation, tags))
        found[name] = tags
        if psd == "n":
            break
    highest = next(reversed(found.items()), None)
    return (highest[0] if highest else domain), highest


async def _record(domains: DomainResolver, name: str) -> Tags | None:
    """Return the tags of the record at `name`; None if no text there is meant to be one.

    Of several records, and of one that is malformed, the policy is unclear.
    """
    answer = await domains.ask(f"_dmarc.{name}", dns.rdatatype.TXT)
    texts = (b"".join(each.strings) for each in answer.records if isinstance(each, TXT))
    records = [
        text for text in (each.decode(errors="replace") for each in texts) if _is_meant(text)
    ]
    if not records:
        return None
    tags = _tags(records[0]) if len(records) == 1 else None
    return {"p": _UNCLEAR} if tags is None else tags


def _is_meant(text: str) -> bool:
    """Whether a text is a DMARC record or an attempt at one.

    A wildcard may answer with the texts of other protocols.
    """
    if _OTHER_PROTOCOL.match(text):
        return False
    return not text.strip() or _LOOKS_LIKE_DMARC.search(text) is not None


def _tags(text: str) -> Tags | None:
    """Return the tags of a record (section 4.8); None if it is malformed.

    A repeated tag has no value: receivers treat it differently.
    """
    if _VERSION.match(text) is None:
        return None
    tags: dict[str, str] = {}
    for part in text.split(";")[1:]:
        if not part.strip():
            continue
        tag = _TAG.fullmatch(part)
        if tag is None:
            return None
        key = tag[1].lower()
        tags[key] = "" if key in tags else tag[2].strip()
    if "p" not in tags and not _may_lack_policy(tags):
        return None
    return tags


def _may_lack_policy(tags: Tags) -> bool:
    """Whether a record without p means none (section 4.7), and not a slip of the pen."""
    return tags.keys() <= _KNOWN_TAGS and not {"sp", "np"} & tags.keys()


async def _policy_for(domains: DomainResolver, domain: str, where: str, tags: Tags) -> str:
    """Return the policy that the tags p, sp and np give `domain` (section 4.7)."""
    wanted = tags.get("p", "none")
    if where == domain:
        return wanted
    wanted = tags.get("sp", wanted)
    other = tags.get("np", wanted)
    return wanted if other == wanted or await _exists(domains, domain) else other


async def _exists(domains: DomainResolver, domain: str) -> bool:
    """Return whether `domain` has MX, A or AAAA records (section 3.2, “Non-existent Domains”)."""
    mail = await domains.ask(domain, dns.rdatatype.MX)
    return bool(mail.records) or (mail.exists and await domains.has_address(domain))
