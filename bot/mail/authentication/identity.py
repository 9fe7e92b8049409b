"""Decide which address a letter comes from, when it is assembled for the first time.

The supporter's own address is used only where that does not hurt delivery: receivers refuse mail
that a domain does not authenticate if the domain's DMARC policy says so.
"""

from collections.abc import Collection

from bot.mail.authentication.dmarc import Policy, discover
from bot.mail.authentication.domains import DomainResolver
from bot.mail.messages.mime import is_plain_address
from bot.settings.addresses import domain_of
from conversations.model.letters.identity import SenderDecision
from conversations.model.letters.letter import Letter

PROVIDERS = frozenset(
    """
    126.com 139.com 163.com aim.com aliyun.com att.net bk.ru bol.com.br comcast.net daum.net
    fastmail.com fastmail.fm foxmail.com free.fr gmail.com googlemail.com hanmail.net hey.com
    hushmail.com icloud.com inbox.ru laposte.net libero.it list.ru mac.com mail.com mail.ru
    mailbox.org me.com naver.com o2.pl onet.pl orange.fr passport.com pm.me posteo.de qq.com
    rambler.ru rediffmail.com rocketmail.com sapo.pt seznam.cz sina.com sohu.com t-online.de
    terra.com.br tuta.com tutanota.com ukr.net uol.com.br verizon.net wanadoo.fr web.de wp.pl
    ya.ru yeah.net ymail.com
    """.split()  # noqa: SIM905 - one to a line, they would fill a page
)
"""Large mailbox providers. Mail from their addresses is refused even where their policy is lax.

Gmail, whose policy is none, replies 550 5.7.26 to an unauthenticated From of its own.
"""

PROVIDER_FAMILIES = frozenset(
    "aol gmx hotmail live msn outlook proton protonmail yahoo yandex zoho zohomail".split()  # noqa: SIM905 - as above
)
"""Providers with one name under many top-level domains, such as yahoo.co.uk."""


async def decide_identity(
    letter: Letter, own_domains: Collection[str], domains: DomainResolver
) -> SenderDecision:
    """Return the identity to send as: the one agreed to, or “relay” with the reason."""
    domain = domain_of(letter.sender_address)
    if letter.identity != "relay" and not is_plain_address(letter.sender_address):
        return SenderDecision("relay", "address")
    match letter.identity:
        case "relay":
            return SenderDecision("relay")
        case "own":
            return (
                SenderDecision("own")
                if domain in own_domains
                else SenderDecision("relay", "not-own")
            )
        case "author":
            reason = await _objection(domain, domains)
            return SenderDecision("relay", reason) if reason else SenderDecision("author")


async def _objection(domain: str, domains: DomainResolver) -> str:
    """Return the reason why we should not send from `domain`; "" if there is none."""
    if domain in PROVIDERS or domain.partition(".")[0] in PROVIDER_FAMILIES:
        return "provider"
    found = await discover(domains, domain)
    match found.policy:
        case Policy.NONE | Policy.ABSENT:
            return ""
        case Policy.UNKNOWN if not found.found_at:
            return "dns"
        case _:
            return f"dmarc-{found.policy}"
