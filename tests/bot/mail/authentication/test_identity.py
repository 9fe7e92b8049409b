"""Who a letter is from: as agreed to, or by relay, with the reason."""

from dataclasses import replace

import dns.rcode
import pytest

from bot.mail.authentication.domains import DomainResolver
from bot.mail.authentication.identity import decide_identity
from conversations.model.campaigns.campaign import Identity
from conversations.model.letters.identity import SenderDecision
from tests.bot.mail.nameserver import recorded, serving
from tests.storage.people import letter

RECORDS = recorded("plain", "broken", "trees")


@pytest.mark.parametrize(
    ("identity", "address", "decided"),
    [
        ("relay", "maria@none.example", SenderDecision("relay")),
        ("author", "maria@none.example", SenderDecision("author")),
        ("author", "maria@NONE.example", SenderDecision("author")),
        ("author", "maria@silent.example", SenderDecision("author")),
        ("author", "maria@quarantine.example", SenderDecision("relay", "dmarc-quarantine")),
        ("author", "maria@reject.example", SenderDecision("relay", "dmarc-reject")),
        ("author", "maria@mail.firm.test", SenderDecision("relay", "dmarc-reject")),
        ("author", "maria@slip.example", SenderDecision("relay", "dmarc-unknown")),
        ("author", "maria@trouble.example", SenderDecision("relay", "dns")),
        ("own", "maria@members.example", SenderDecision("own")),
        ("own", "maria@MEMBERS.example", SenderDecision("own")),
        ("own", "maria@of.members.example", SenderDecision("relay", "not-own")),
        ("own", "maria@none.example", SenderDecision("relay", "not-own")),
    ],
)
async def test_whose_address_it_is(
    identity: Identity, address: str, decided: SenderDecision
) -> None:
    async with serving(RECORDS) as names:
        names.failing["_dmarc.trouble.example"] = dns.rcode.SERVFAIL
        written = replace(letter(address), identity=identity)
        assert (
            await decide_identity(written, ("members.example",), DomainResolver(names.resolver()))
            == decided
        )


@pytest.mark.parametrize(
    "domain",
    (
        *("gmail.com", "Gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "hotmail.fr"),
        *("outlook.com", "live.nl", "msn.com", "icloud.com", "me.com", "mac.com", "aol.com"),
        *("proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "163.com", "126.com"),
        *("qq.com", "mail.ru", "naver.com", "yandex.ru", "zoho.eu", "fastmail.com"),
    ),
)
async def test_big_providers_are_not_even_asked(domain: str) -> None:
    async with serving(RECORDS) as names:
        written = replace(letter(f"maria@{domain}"), identity="author")
        decided = await decide_identity(written, (), DomainResolver(names.resolver()))
        assert (decided, names.asked) == (SenderDecision("relay", "provider"), [])
