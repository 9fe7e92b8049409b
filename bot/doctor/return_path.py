"""The way back, on which bounces and answers come, and the name of who sends."""

import ipaddress
from dataclasses import replace

import dns.rdatatype
import dns.reversename
from dns.rdtypes.ANY.MX import MX

from bot.doctor.authentication import dns_failed, resolve_addresses
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.authentication.domains import DNS_ERRORS, DomainResolver
from bot.mail.smtp.server import parse_smtp_url
from bot.settings.addresses import is_loopback, is_reserved
from bot.settings.model import MailSettings

_DIRECT = 25
"""The port between mail servers (RFC 5321, section 4.5.4.2); 465 and 587 are a provider's."""


async def mx(mail: MailSettings, domain: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Look at who takes mail for `domain`, from which ours comes."""
    means = "what comes back of letters, and “this wasn't me”, is lost."
    if domain != mail.domain:
        means = "who answers a code, or reports abuse, is not heard."
    hands = domain == mail.domain and mail.imap is None
    hint = " Have it hand answers to “actionbot bounce”." if hands else ""
    return await _mx(domain, tools, f"It takes no mail: {means}", hint)


async def alert_domain(url: str, domain: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Look at who takes the urgent alerts that go to `domain`; `url` is our mail server's."""
    means = "It takes no mail: urgent alerts reach nobody there."
    if is_reserved(domain) and not is_loopback(parse_smtp_url(url).host):
        seen, fix = "It is for examples and tests.", "Name an address that is read in mail.alerts."
        return (Finding("MX", Status.BAD, seen, means, fix, domain),)
    return await _mx(domain, tools, means)


async def _mx(domain: str, tools: CheckContext, means: str, hint: str = "") -> tuple[Finding, ...]:
    ask = tools.domains
    try:
        said = await ask.ask(domain, dns.rdatatype.MX)
        hosts = [str(each.exchange).rstrip(".") for each in said.records if isinstance(each, MX)]
        lost = [host for host in hosts if host and not await ask.has_address(host)]
        implicit = not hosts and await ask.has_address(domain)
    except DNS_ERRORS:
        return dns_failed("MX", domain)
    found = _taken(domain, sorted(hosts), lost, means, implicit=implicit)
    return (
        replace(found, meaning=f"{found.meaning}{hint}") if found.status is Status.GOOD else found,
    )


def _taken(
    domain: str, hosts: list[str], lost: list[str], means: str, *, implicit: bool
) -> Finding:
    """Return what becomes of mail to `domain` (RFC 5321, section 5.1; RFC 7505)."""
    fix = "Set an MX record that names the server which takes its mail."
    if not hosts and not implicit:
        return Finding(
            "MX", Status.BAD, "There is no MX record, and no address.", means, fix, domain
        )
    if hosts == [""]:
        return Finding("MX", Status.BAD, "It says that it takes no mail.", means, fix, domain)
    if lost:
        seen = f"No address is known of {', '.join(lost)}."
        well = Status.BAD if len(lost) == len(hosts) else Status.WARNING
        return Finding("MX", well, seen, means if well is Status.BAD else "", fix, domain)
    if implicit:
        seen = "There is no MX record; mail goes to its own address."
        return Finding("MX", Status.WARNING, seen, "Not every server does so.", fix, domain)
    means = f"Mail for {domain} goes there."
    return Finding("MX", Status.GOOD, f"{', '.join(hosts)}.", means, about=domain)


async def reverse_name(url: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Look at the name of the address from which mail leaves, where that can be seen."""
    to = parse_smtp_url(url)
    if is_loopback(to.host):
        means = "The mail server on this machine needs one for the address by which it sends."
        seen = "Not looked at: that address cannot be seen from here."
        return (Finding("reverse name", Status.GOOD, seen, means),)
    if to.port != _DIRECT:
        seen = "Not looked at: it is the business of your mail server's provider."
        return (Finding("reverse name", Status.GOOD, seen),)
    try:
        found = await resolve_addresses(tools.domains, to.host)
        return tuple([await _reverse_name(tools.domains, str(each)) for each in found])
    except DNS_ERRORS:
        return dns_failed("reverse name", to.host)


async def _reverse_name(domains: DomainResolver, address: str) -> Finding:
    """Return whether the address has a name that leads back to it (RFC 1912, section 2.1)."""
    pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
    said = await domains.ask(pointer, dns.rdatatype.PTR)
    names = sorted(each.to_text().rstrip(".") for each in said.records)
    means = "Large providers refuse mail from such an address."
    fix = "Have whoever gave you the address set its reverse name to the mail server's name."
    if not names:
        seen = "The mail server's address has no name."
        return Finding("reverse name", Status.BAD, seen, means, fix, address)
    kind = dns.rdatatype.AAAA if ipaddress.ip_address(address).version == 6 else dns.rdatatype.A
    for name in names:
        if address in {each.to_text() for each in (await domains.ask(name, kind)).records}:
            seen = f"{name}, which leads back to it."
            return Finding("reverse name", Status.GOOD, seen, about=address)
    seen = f"{', '.join(names)}, which does not lead back to it."
    return Finding("reverse name", Status.BAD, seen, means, fix, address)
