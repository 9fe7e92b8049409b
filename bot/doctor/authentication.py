"""Check whether receivers can tell that mail is really ours: SPF, DKIM and DMARC records in DNS."""

import ipaddress
from base64 import b64decode
from binascii import Error
from dataclasses import replace

import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from bot.doctor.finding import CheckContext, Finding, Status, check_failed
from bot.errors import CommandError
from bot.mail.authentication import dkim_keys
from bot.mail.authentication import dmarc as policies
from bot.mail.authentication import spf as senders
from bot.mail.authentication.dkim_keys import DnsRecord
from bot.mail.authentication.dmarc import Policy
from bot.mail.authentication.domains import DNS_ERRORS, DnsBroken, DomainResolver
from bot.mail.smtp.server import parse_smtp_url
from bot.settings.addresses import is_loopback
from bot.settings.mail_sections import MailSettings
from bot.settings.model import Settings

_ADD_RECORD = "Add the record below to your DNS."
_ADD_ALL = "End it with -all or ~all."


def dns_failed(subject: str, about: str) -> tuple[Finding, ...]:
    """Return the finding for a check whose DNS lookups failed."""
    fix = (
        "Try again. If it keeps happening, check the name servers of this machine and of the "
        "domain."
    )
    meaning = "So this couldn't be checked."
    return (Finding(subject, Status.WARNING, "DNS didn't answer.", meaning, fix, about),)


async def resolver(context: CheckContext) -> tuple[Finding, ...]:
    """Report a resolver that denies even well-known domains; nothing if it works."""
    try:
        await context.domains.require_working()
    except DnsBroken:
        observed = "This machine's resolver says that not even well-known domains exist."
        meaning = "Supporters' addresses are accepted without a check, and DNS can't be tested."
        fix = "Check /etc/resolv.conf, and whether a firewall or portal answers in its place."
        return (Finding("DNS", Status.BAD, observed, meaning, fix),)
    except DNS_ERRORS:
        pass  # the other checks report that DNS doesn't answer
    return ()


async def spf(settings: Settings, context: CheckContext) -> tuple[Finding, ...]:
    """Check that the SPF record of the envelope's domain allows our mail server to send."""
    domain = settings.mail.domain
    host = parse_smtp_url(settings.smtp.url.get_secret_value()).host
    try:
        record = await senders.read(context.domains, domain)
        addresses = [] if is_loopback(host) else await resolve_addresses(context.domains, host)
    except DNS_ERRORS:
        return dns_failed("SPF", domain)
    wanted = DnsRecord(domain, f"v=spf1 {'mx' if is_loopback(host) else f'a:{host}'} -all")
    return (_describe_spf(record, domain, wanted, addresses),)


async def resolve_addresses(domains: DomainResolver, host: str) -> list[senders.IpAddress]:
    """Return the IP addresses of `host`. Raises one of DNS_ERRORS."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    answers = [await domains.ask(host, kind) for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)]
    return [ipaddress.ip_address(each.to_text()) for answer in answers for each in answer.records]


def _describe_spf(
    spf: senders.Spf, domain: str, wanted: DnsRecord, addresses: list[senders.IpAddress]
) -> Finding:
    """Return what the record means; `addresses` are the mail server's, if they can be seen."""

    def bad(observed: str, meaning: str, fix: str, records: tuple[DnsRecord, ...] = ()) -> Finding:
        return Finding("SPF", Status.BAD, observed, meaning, fix, domain, records)

    refused = "Receivers distrust or refuse letters."
    if not spf.records:
        fix = f"{_ADD_RECORD} If your provider gives you another one, use that."
        return bad("There is no record.", refused, fix, (wanted,))
    if len(spf.records) > 1:
        observed, fix = f"There are {len(spf.records)} records.", "Merge them into one record."
        return bad(observed, f"That counts as an error: {refused.lower()}", fix)
    if spf.faults:
        return bad(" ".join(spf.faults), refused, "Fix the record.")
    if spf.end == "+":
        return bad("Its “all” lets anyone send.", "It protects nobody.", _ADD_ALL)
    if spf.end in ("", "?"):
        observed = "It doesn't end with -all or ~all."
        meaning = "It says nothing about mail from other servers."
        return Finding("SPF", Status.WARNING, observed, meaning, _ADD_ALL, domain)
    return _describe_allowed(spf, domain, addresses)


def _describe_allowed(spf: senders.Spf, domain: str, addresses: list[senders.IpAddress]) -> Finding:
    """Return whether a well-formed record allows the mail server at `addresses`."""
    observed = f"One record; lookups: {spf.lookups} of {senders.MAX_LOOKUPS}"
    if any(spf.allows(address) for address in addresses):
        observed = f"{observed}; it allows the mail server's address."
        return Finding("SPF", Status.GOOD, observed, about=domain)
    if not addresses:
        meaning = (
            "The mail server is on this machine, so the address its mail leaves from can't be "
            "seen here."
        )
    elif spf.veiled:
        meaning = "Whether it allows the mail server depends on each email, so it can't be seen."
    else:
        meaning = (
            "The mail server's own address isn't allowed, but mail may leave from another one."
        )
    fix = "Check that a test letter's headers say spf=pass: actionbot doctor --send you@…"
    return Finding("SPF", Status.WARNING, f"{observed}.", meaning, fix, domain)


async def dkim(mail: MailSettings, domain: str, context: CheckContext) -> tuple[Finding, ...]:
    """Compare the DKIM record of `domain` with the key that signs mail."""
    if mail.dkim_key is None:
        meaning = f"Your mail server must sign for {domain}, or large providers refuse the mail."
        fix = "Check that a test letter's headers say dkim=pass; if not: actionbot keys dkim"
        return (Finding("DKIM", Status.WARNING, "No key is set.", meaning, fix, domain),)
    try:
        key = dkim_keys.load_key(mail.dkim_key)
    except CommandError as error:
        return (check_failed("DKIM", error, domain),)
    record = dkim_keys.dns_records(mail, key)[mail.domains.index(domain)]
    try:
        answer = await context.domains.ask(record.name, dns.rdatatype.TXT)
    except DNS_ERRORS:
        return dns_failed("DKIM", domain)
    texts = [
        b"".join(each.strings).decode("utf-8", "replace")
        for each in answer.records
        if isinstance(each, TXT)
    ]
    return (_describe_dkim(texts, domain, record),)


def _describe_dkim(texts: list[str], domain: str, wanted: DnsRecord) -> Finding:
    """Return what receivers make of a key's records (RFC 6376, sections 3.6.1 and 3.6.2.2)."""

    def bad(observed: str) -> Finding:
        meaning = "Signatures can't be verified, so mail counts as unsigned or forged."
        return Finding("DKIM", Status.BAD, observed, meaning, _ADD_RECORD, domain, (wanted,))

    if not texts:
        return bad("The key has no DNS record.")
    if len(texts) > 1:
        return bad(f"The key has {len(texts)} DNS records, but may have only one.")
    tags = _tags(texts[0])
    public_key = _tags(wanted.value)["p"]
    if tags.get("p") == "":
        return bad("The key is revoked: its p is empty.")
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa").lower() != "rsa":
        return bad("The record is for another kind of key.")
    if "sha256" not in tags.get("h", "sha256") or not {"*", "email"} & set(
        tags.get("s", "*").split(":")
    ):
        return bad("The record doesn't allow this key to sign mail this way.")
    if _decode_base64(tags.get("p", "")) != _decode_base64(public_key):
        return bad("The record contains another key.")
    if "y" in tags.get("t", "").split(":"):
        observed = "The record is right, but says t=y."
        meaning = "That marks it as a test, so receivers may ignore it."
        return Finding("DKIM", Status.WARNING, observed, meaning, _ADD_RECORD, domain, (wanted,))
    return Finding("DKIM", Status.GOOD, "The record matches the key that signs.", about=domain)


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a DKIM record; whitespace is allowed anywhere and is removed."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in parts if name.strip()}


def _decode_base64(text: str) -> bytes:
    """Return the decoded bytes; none if the text isn't valid Base64."""
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        return b""


async def dmarc(mail: MailSettings, domain: str, context: CheckContext) -> tuple[Finding, ...]:
    """Check the DMARC policy of `domain`, and that our mail from it passes."""
    found = await policies.discover(context.domains, domain)
    try:
        organization = await policies.organizational_domain(context.domains, domain)
        ours = await policies.organizational_domain(context.domains, mail.domain)
    except DNS_ERRORS:
        return dns_failed("DMARC", domain)
    if found.policy is Policy.UNKNOWN and not found.found_at:
        return dns_failed("DMARC", domain)
    # One record at a parent domain covers all domains below it.
    parent = min((each for each in mail.domains if f".{domain}".endswith(f".{each}")), key=len)
    wanted = DnsRecord(f"_dmarc.{parent}", "v=DMARC1; p=none")
    aligned = domain == mail.domain if "aspf" in found.strict else organization == ours
    passing = [
        *(["the signature (DKIM)"] if mail.dkim_key is not None else []),
        *(["the envelope (SPF)"] if aligned else []),
    ]
    return (_describe_dmarc(found, domain, wanted, passing),)


def _describe_dmarc(
    found: policies.DiscoveredPolicy, domain: str, wanted: DnsRecord, passing: list[str]
) -> Finding:
    """Return what the policy means; `passing` are the ways in which mail from `domain` passes."""
    passes = (
        f"Mail from {domain} passes by {' or '.join(passing)}."
        if passing
        else f"Mail from {domain} passes only if your mail server signs it for {domain}."
    )
    where = "" if found.found_at == domain else f", set at {found.found_at}"
    strictly = "".join(f", {tag}=s" for tag in sorted(found.strict))
    observed = f"The policy is {found.policy}{strictly}{where}."
    create_key = "Create a key that signs for it: actionbot keys dkim"

    def finding(status: Status, observed: str, meaning: str, fix: str = "") -> Finding:
        return Finding("DMARC", status, observed, meaning, fix, domain)

    match found.policy:
        case Policy.ABSENT:
            meaning = f"Large providers expect one. {passes}"
            return replace(
                finding(Status.WARNING, "There is no record.", meaning, _ADD_RECORD),
                records=(wanted,),
            )
        case Policy.UNKNOWN:
            observed = f"The record at _dmarc.{found.found_at} is unclear."
            meaning = "Receivers may read its policy as anything."
            return finding(Status.BAD, observed, meaning, "Fix the record.")
        case _ if passing:
            return finding(Status.GOOD, observed, passes)
        case Policy.NONE:
            return finding(Status.WARNING, observed, passes, create_key)
        case _:
            meaning = f"{passes} Otherwise it is refused."
            return finding(Status.BAD, observed, meaning, create_key)
