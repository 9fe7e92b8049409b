"""Whether receivers can tell that mail is ours: SPF, DKIM and DMARC, as DNS has them."""

import ipaddress
from base64 import b64decode
from binascii import Error

import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from bot.doctor.finding import (
    CheckContext,
    Finding,
    Status,
    check_failed,
)
from bot.errors import CommandError
from bot.mail.authentication import dkim_keys
from bot.mail.authentication import dmarc as policies
from bot.mail.authentication import spf as senders
from bot.mail.authentication.dkim_keys import DnsRecord
from bot.mail.authentication.dmarc import Policy
from bot.mail.authentication.domains import DNS_ERRORS, DomainResolver
from bot.mail.smtp.server import parse_smtp_url
from bot.settings.addresses import is_loopback
from bot.settings.model import MailSettings, Settings

_PASTE = "Put the record below into your DNS."


def dns_failed(what: str, domain: str) -> tuple[Finding, ...]:
    """Return what is to be said where DNS has trouble."""
    seen = "DNS did not answer."
    fix = "Try again; if it stays so, see to this machine's resolver and to the domain's."
    return (Finding(what, Status.WARNING, seen, "What it says is not known.", fix, domain),)


async def spf(settings: Settings, tools: CheckContext) -> tuple[Finding, ...]:
    """Look at who may send for the domain of the envelope."""
    domain, host = settings.mail.domain, parse_smtp_url(settings.smtp.url.get_secret_value()).host
    try:
        said = await senders.read(tools.domains, domain)
        found = [] if is_loopback(host) else await resolve_addresses(tools.domains, host)
    except DNS_ERRORS:
        return dns_failed("SPF", domain)
    wanted = DnsRecord(domain, f"v=spf1 {'mx' if is_loopback(host) else f'a:{host}'} -all")
    return (_spf(said, domain, wanted, found),)


async def resolve_addresses(domains: DomainResolver, host: str) -> list[senders.IpAddress]:
    """Return the addresses of `host`. Raises TROUBLE."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    said = [await domains.ask(host, kind) for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)]
    return [ipaddress.ip_address(each.to_text()) for kind in said for each in kind.records]


def _spf(
    said: senders.Spf, domain: str, wanted: DnsRecord, addresses: list[senders.IpAddress]
) -> Finding:
    """Return what the record means; `addresses` are the mail server's, where they can be seen."""

    def found(
        well: Status, seen: str, means: str = "", fix: str = "", *, paste: bool = False
    ) -> Finding:
        return Finding("SPF", well, seen, means, fix, domain, (wanted,) if paste else ())

    refused = "Receivers distrust or refuse letters."
    if not said.records:
        fix = f"{_PASTE} If your provider names another one, paste that."
        return found(Status.BAD, "There is no record.", refused, fix, paste=True)
    if len(said.records) > 1:
        seen, fix = f"There are {len(said.records)} records.", "Make one of them, with all terms."
        return found(Status.BAD, seen, f"That counts as an error: {refused.lower()}", fix)
    if said.faults:
        return found(Status.BAD, " ".join(said.faults), refused, "Mend the record.")
    if said.end == "+":
        fix = "End it in -all, or in ~all."
        return found(Status.BAD, "Its “all” lets anybody send.", "It protects nobody.", fix)
    if said.end in ("", "?"):
        means, fix = "It says nothing of mail from elsewhere.", "End it in -all, or in ~all."
        return found(Status.WARNING, "It does not end in -all or ~all.", means, fix)
    seen = f"One record; look-ups: {said.lookups} of {senders.MAX_LOOKUPS}"
    if any(said.allows(address) for address in addresses):
        return found(Status.GOOD, f"{seen}; it allows the mail server's address.")
    fix = "See in a test letter's headers that spf=pass: actionbot doctor --send you@…"
    if not addresses:
        means = (
            "The mail server is on this machine: whence its mail leaves cannot be seen from here."
        )
    elif said.veiled:
        means = "Whether it allows the mail server cannot be seen: it depends on each mail."
    else:
        means = "The address that takes our mail is not allowed; but mail may leave by others."
    return found(Status.WARNING, f"{seen}.", means, fix)


async def dkim(mail: MailSettings, domain: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Compare the record of `domain` with the key that signs."""
    if mail.dkim_key is None:
        means = f"Your mail server must sign for {domain}, or large providers refuse the mail."
        fix = "See in a test letter's headers that dkim=pass; if not: actionbot keys dkim"
        return (Finding("DKIM", Status.WARNING, "No key is set.", means, fix, domain),)
    try:
        key = dkim_keys.load_key(mail.dkim_key)
    except CommandError as mistaken:
        return (check_failed("DKIM", mistaken, domain),)
    record = dkim_keys.dns_records(mail, key)[mail.domains.index(domain)]
    try:
        said = await tools.domains.ask(record.name, dns.rdatatype.TXT)
    except DNS_ERRORS:
        return dns_failed("DKIM", domain)
    texts = [
        b"".join(each.strings).decode("utf-8", "replace")
        for each in said.records
        if isinstance(each, TXT)
    ]
    return (_dkim(texts, domain, record),)


def _dkim(texts: list[str], domain: str, wanted: DnsRecord) -> Finding:
    """Return what receivers make of the records of a key (RFC 6376, sections 3.6.1, 3.6.2.2)."""

    def bad(seen: str) -> Finding:
        means = "No signature holds: mail counts as unsigned, or as forged."
        return Finding("DKIM", Status.BAD, seen, means, _PASTE, domain, (wanted,))

    if not texts:
        return bad("The key has no record.")
    if len(texts) > 1:
        return bad(f"The key has {len(texts)} records, and may have one only.")
    tags = _tags(texts[0])
    public = _tags(wanted.value)["p"]
    if tags.get("p") == "":
        return bad("The key is revoked: its p is empty.")
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa").lower() != "rsa":
        return bad("The record is for another kind of key.")
    if "sha256" not in tags.get("h", "sha256") or not {"*", "email"} & set(
        tags.get("s", "*").split(":")
    ):
        return bad("The record keeps the key from signing mail as it does.")
    if _octets(tags.get("p", "")) != _octets(public):
        return bad("The record holds another key.")
    if "y" in tags.get("t", "").split(":"):
        seen, means = (
            "The record is right, but says t=y.",
            "That is a test: receivers need not heed it.",
        )
        return Finding("DKIM", Status.WARNING, seen, means, _PASTE, domain, (wanted,))
    return Finding("DKIM", Status.GOOD, "The record holds the key that signs.", about=domain)


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a record, without the white space that may stand anywhere in them."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in parts if name.strip()}


def _octets(public: str) -> bytes:
    try:
        return b64decode(public, validate=True)
    except (Error, ValueError):
        return b""


async def dmarc(mail: MailSettings, domain: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Look at what `domain` wants done with mail that is not its own, and whether ours is."""
    found = await policies.discover(tools.domains, domain)
    try:
        organisation = await policies.organizational_domain(tools.domains, domain)
        ours = await policies.organizational_domain(tools.domains, mail.domain)
    except DNS_ERRORS:
        return dns_failed("DMARC", domain)
    if found.policy is Policy.UNKNOWN and not found.found_at:
        return dns_failed("DMARC", domain)
    # One record does for all that is under it.
    above = min((each for each in mail.domains if f".{domain}".endswith(f".{each}")), key=len)
    wanted = DnsRecord(f"_dmarc.{above}", "v=DMARC1; p=none")
    strict = "aspf" in found.strict
    aligned = domain == mail.domain if strict else organisation == ours
    return (_dmarc(found, domain, wanted, aligned=aligned, signed=mail.dkim_key is not None),)


def _dmarc(
    found: policies.DiscoveredPolicy, domain: str, wanted: DnsRecord, *, aligned: bool, signed: bool
) -> Finding:
    """Return whether mail from `domain` passes: by the envelope's domain if `aligned`, by ours."""
    by = [
        *(["the signature (DKIM)"] if signed else []),
        *(["the envelope (SPF)"] if aligned else []),
    ]
    passes = (
        f"Mail from {domain} passes by {' or '.join(by)}."
        if by
        else (f"Mail from {domain} passes only if your mail server signs it for {domain}.")
    )
    where = "" if found.found_at == domain else f", said at {found.found_at}"
    strictly = "".join(f", {tag}=s" for tag in sorted(found.strict))
    seen = f"The policy is {found.policy}{strictly}{where}."
    make_sure = "actionbot keys dkim makes a key that signs for it."
    match found.policy:
        case Policy.ABSENT:
            means = f"Large providers want one. {passes}"
            return Finding(
                "DMARC", Status.WARNING, "There is no record.", means, _PASTE, domain, (wanted,)
            )
        case Policy.UNKNOWN:
            means, fix = "Receivers may take its policy for any.", "Mend the record."
            seen = f"The record at _dmarc.{found.found_at} is not clear."
            return Finding("DMARC", Status.BAD, seen, means, fix, domain)
        case Policy.NONE:
            if by:
                return Finding("DMARC", Status.GOOD, seen, passes, about=domain)
            return Finding("DMARC", Status.WARNING, seen, passes, make_sure, domain)
        case _:
            if by:
                return Finding("DMARC", Status.GOOD, seen, passes, about=domain)
            return Finding(
                "DMARC", Status.BAD, seen, f"{passes} If not, it is refused.", make_sure, domain
            )
