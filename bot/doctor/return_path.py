"""Check where replies and bounces arrive (MX), and the mail server's reverse name (PTR)."""

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
from bot.settings.mail_sections import MailSettings

_SERVER_TO_SERVER_PORT = 25
"""Mail servers use it between each other (RFC 5321, section 4.5.4.2).

A mail server on another port (465, 587) is a provider's, which sends from addresses of its own.
"""


async def mx(mail: MailSettings, domain: str, context: CheckContext) -> tuple[Finding, ...]:
    """Check which server accepts mail for `domain`, one of the domains that we send from."""
    lost = "bounces, replies and “this wasn't me” are lost."
    if domain != mail.domain:
        lost = "replies to code emails and reports of abuse are lost."
    needs_bounce_command = domain == mail.domain and mail.imap is None
    hint = " Have that server pass them to “actionbot bounce”." if needs_bounce_command else ""
    if hint and not mail.bounce_command:
        hint += " Then set [mail] bounce_command = true."
    return await _mx(domain, context, f"It accepts no mail, so {lost}", hint)


async def alert_domain(url: str, domain: str, context: CheckContext) -> tuple[Finding, ...]:
    """Check which server accepts urgent alerts for `domain`; `url` is our mail server's."""
    meaning = "It accepts no mail, so urgent alerts reach nobody there."
    if is_reserved(domain) and not is_loopback(parse_smtp_url(url).host):
        observed = "It's reserved for examples and tests."
        fix = "Use an address in mail.alerts that someone reads."
        return (Finding("MX", Status.BAD, observed, meaning, fix, domain),)
    return await _mx(domain, context, meaning)


async def _mx(
    domain: str, context: CheckContext, meaning_if_none: str, hint: str = ""
) -> tuple[Finding, ...]:
    """Look up where mail for `domain` goes. `hint` is added to a good finding."""
    resolver = context.domains
    try:
        answer = await resolver.ask(domain, dns.rdatatype.MX)
        hosts = [str(each.exchange).rstrip(".") for each in answer.records if isinstance(each, MX)]
        unresolved = [host for host in hosts if host and not await resolver.has_address(host)]
        implicit = not hosts and await resolver.has_address(domain)
    except DNS_ERRORS:
        return dns_failed("MX", domain)
    found = _describe_mx(domain, sorted(hosts), unresolved, meaning_if_none, implicit=implicit)
    if found.status is Status.GOOD:
        found = replace(found, meaning=f"{found.meaning}{hint}")
    return (found,)


def _describe_mx(
    domain: str, hosts: list[str], unresolved: list[str], meaning_if_none: str, *, implicit: bool
) -> Finding:
    """Return what happens to mail for `domain` (RFC 5321, section 5.1; RFC 7505).

    `unresolved` are the hosts without an IP address. `implicit`: there is no MX record, so mail
    goes to the domain's own address.
    """
    fix = "Set an MX record that names the server which accepts its mail."

    def bad(observed: str) -> Finding:
        return Finding("MX", Status.BAD, observed, meaning_if_none, fix, domain)

    if not hosts and not implicit:
        return bad("There is no MX record, and no IP address.")
    if hosts == [""]:
        return bad("Its MX record says that it accepts no mail.")
    if unresolved:
        observed = f"No IP address found for {', '.join(unresolved)}."
        if len(unresolved) == len(hosts):
            return bad(observed)
        return Finding("MX", Status.WARNING, observed, "", fix, domain)
    if implicit:
        observed = "There is no MX record; mail goes to the domain's own IP address."
        return Finding("MX", Status.WARNING, observed, "Not every server does so.", fix, domain)
    meaning = f"Mail for {domain} goes there."
    return Finding("MX", Status.GOOD, f"{', '.join(hosts)}.", meaning, about=domain)


async def reverse_name(url: str, context: CheckContext) -> tuple[Finding, ...]:
    """Check the name of the IP address that mail leaves from, if it can be seen from here."""
    server = parse_smtp_url(url)
    if is_loopback(server.host):
        observed = "Not checked: the address that mail leaves from can't be seen from here."
        meaning = "The mail server on this machine needs a reverse name for that address."
        return (Finding("reverse name", Status.GOOD, observed, meaning),)
    if server.port != _SERVER_TO_SERVER_PORT:
        observed = "Not checked: your mail provider is responsible for it."
        return (Finding("reverse name", Status.GOOD, observed),)
    try:
        found = await resolve_addresses(context.domains, server.host)
        return tuple([await _reverse_name(context.domains, str(each)) for each in found])
    except DNS_ERRORS:
        return dns_failed("reverse name", server.host)


async def _reverse_name(domains: DomainResolver, address: str) -> Finding:
    """Check that the name of an IP address leads back to the address (RFC 1912, section 2.1)."""
    pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
    answer = await domains.ask(pointer, dns.rdatatype.PTR)
    names = sorted(each.to_text().rstrip(".") for each in answer.records)
    meaning = "Large providers refuse mail from such an address."
    fix = "Ask the provider of the address to set its reverse name to the mail server's name."
    if not names:
        observed = "The mail server's address has no name."
        return Finding("reverse name", Status.BAD, observed, meaning, fix, address)
    kind = dns.rdatatype.AAAA if ipaddress.ip_address(address).version == 6 else dns.rdatatype.A
    for name in names:
        if address in {each.to_text() for each in (await domains.ask(name, kind)).records}:
            observed = f"{name}, which leads back to the address."
            return Finding("reverse name", Status.GOOD, observed, about=address)
    observed = f"{', '.join(names)}, which doesn't lead back to the address."
    return Finding("reverse name", Status.BAD, observed, meaning, fix, address)
