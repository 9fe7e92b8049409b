"""What receivers see of us in DNS: SPF, DKIM and DMARC."""

import dns.rcode
import pytest

from bot.doctor import authentication
from bot.doctor.finding import Finding, Status
from bot.mail.authentication.dkim_keys import dns_records
from tests.bot.doctor.clinic import HEALTHY, Clinic
from tests.bot.mail.signatures import SIGNER

DOMAIN = "send.river.example"
SERVER = {"url": "smtps://ann:secret@mail.river.example"}
KEY = f"river._domainkey.{DOMAIN}"


async def spf(clinic: Clinic, *records: str, url: str = SERVER["url"]) -> Finding:
    """Look at these records, with a mail server at 192.0.2.1."""
    lines = [f'{DOMAIN}. 3600 IN TXT "{record}"' for record in records]
    clinic.zone("mail.river.example. 3600 IN A 192.0.2.1", *lines)
    (found,) = await authentication.spf(clinic.sets(smtp={"url": url}), clinic.tools)
    assert (found.subject, found.about) == ("SPF", DOMAIN)
    return found


async def test_a_record_that_allows_the_mail_server(clinic: Clinic) -> None:
    found = await spf(clinic, "v=spf1 a:mail.river.example -all")
    seen = "One record; lookups: 1 of 10; it allows the mail server's address."
    assert (found.status, found.observed) == (Status.GOOD, seen)
    found = await spf(clinic, "v=spf1 ip4:192.0.2.1 ~all", url="smtps://192.0.2.1")
    assert found.status is Status.GOOD


@pytest.mark.parametrize(
    ("records", "well", "seen"),
    [
        ([], Status.BAD, "There is no record."),
        (["v=spf1 -all", "v=spf1 mx -all"], Status.BAD, "There are 2 records."),
        (["v=spf1 mx +all"], Status.BAD, "Its “all” lets anyone send."),
        (["v=spf1 mx all"], Status.BAD, "Its “all” lets anyone send."),
        (
            ["v=spf1 include:gone.example -all"],
            Status.BAD,
            "It leads to gone.example, which has no SPF records.",
        ),
        (["v=spf1 mx ?all"], Status.WARNING, "It doesn't end with -all or ~all."),
        (["v=spf1 mx"], Status.WARNING, "It doesn't end with -all or ~all."),
        (["v=spf1 ip4:198.51.100.1 -all"], Status.WARNING, "One record; lookups: 0 of 10."),
        (
            ["v=spf1 exists:%{i}.river.example -all"],
            Status.WARNING,
            "One record; lookups: 1 of 10.",
        ),
    ],
)
async def test_records_of_senders(
    clinic: Clinic, records: list[str], well: Status, seen: str
) -> None:
    found = await spf(clinic, *records)
    assert (found.status, found.observed) == (well, seen)
    assert found.meaning
    assert found.fix


@pytest.mark.parametrize(
    ("url", "value"),
    [
        (SERVER["url"], "v=spf1 a:mail.river.example -all"),
        ("smtp+plain://127.0.0.1", "v=spf1 mx -all"),
    ],
)
async def test_a_record_to_paste(clinic: Clinic, url: str, value: str) -> None:
    (record,) = (await spf(clinic, url=url)).records
    assert (record.name, record.value) == (DOMAIN, value)


async def dkim(clinic: Clinic, *records: str) -> Finding:
    """Look at these records of the key."""
    clinic.zone(*(f"{KEY}. 3600 IN TXT {record}" for record in records))
    (found,) = await authentication.dkim(clinic.sets().mail, DOMAIN, clinic.tools)
    assert (found.subject, found.about) == ("DKIM", DOMAIN)
    return found


async def test_the_record_of_the_key(clinic: Clinic) -> None:
    (record, _) = dns_records(clinic.sets().mail, SIGNER.key)
    # Cut into more strings than it needs: what changes may be longer.
    right = " ".join(f'"{record.value[at : at + 100]}"' for at in range(0, 500, 100))
    found = await dkim(clinic, right)
    assert (found.status, found.observed) == (Status.GOOD, "The record matches the key that signs.")
    tested = await dkim(clinic, right.replace("k=rsa; ", "k=rsa; t=y:s; "))
    assert (tested.status, tested.observed) == (
        Status.WARNING,
        "The record is right, but says t=y.",
    )
    spaced = await dkim(clinic, right.replace("k=rsa; p=", "n=ours; h=sha256; s=email ; p= "))
    assert spaced.status is Status.GOOD
    for without in ("h=sha1", "s=tlsrpt"):
        found = await dkim(clinic, right.replace("k=rsa", without))
        seen = "The record doesn't allow this key to sign mail this way."
        assert (found.status, found.observed) == (Status.BAD, seen)


@pytest.mark.parametrize(
    ("records", "seen"),
    [
        ([], "The key has no DNS record."),
        (
            ['"v=DKIM1; p="', '"v=DKIM1; p=AAAA"'],
            "The key has 2 DNS records, but may have only one.",
        ),
        (['"v=DKIM1; k=rsa; p="'], "The key is revoked: its p is empty."),
        (['"v=DKIM1; k=ed25519; p=AAAA"'], "The record is for another kind of key."),
        (['"v=DKIM2; p=AAAA"'], "The record is for another kind of key."),
        (['"v=DKIM1; p=AAAA"'], "The record contains another key."),
        (['"v=DKIM1; p=no!key"'], "The record contains another key."),
        (['"v=spf1 -all"'], "The record is for another kind of key."),
        (['"p=AAAA"'], "The record contains another key."),
    ],
)
async def test_records_under_which_no_signature_holds(
    clinic: Clinic, records: list[str], seen: str
) -> None:
    found = await dkim(clinic, *records)
    assert (found.status, found.observed) == (Status.BAD, seen)
    (record,) = found.records
    assert record.name == KEY
    assert record.value.startswith("v=DKIM1; k=rsa; p=MII")


async def test_where_no_key_is_set_the_provider_signs(clinic: Clinic) -> None:
    clinic.sets(mail={"dkim_key": None})
    found = await clinic.found("DKIM")
    assert [(each.about, each.status, each.observed) for each in found] == [
        (DOMAIN, Status.WARNING, "No key is set."),
        ("river.example", Status.WARNING, "No key is set."),
    ]
    assert "actionbot keys dkim" in found[0].fix


BY_KEY, BY_ENVELOPE = "by the signature (DKIM).", "by the envelope (SPF)."
BY_EITHER = "by the signature (DKIM) or the envelope (SPF)."
BY_OTHERS = "only if your mail server signs it"
STRICT = "p=reject; adkim=s; aspf=s"
STRICTLY = "The policy is reject, adkim=s, aspf=s"
RIVER, MEMBERS = "river.example", "members.example"


@pytest.mark.parametrize(
    ("at", "tags", "domain", "key", "well", "seen", "passes"),
    [
        (RIVER, "p=none", RIVER, True, Status.GOOD, "The policy is none.", BY_EITHER),
        (RIVER, "p=reject", RIVER, False, Status.GOOD, "The policy is reject.", BY_ENVELOPE),
        (RIVER, STRICT, RIVER, True, Status.GOOD, f"{STRICTLY}.", BY_KEY),
        (RIVER, STRICT, RIVER, False, Status.BAD, f"{STRICTLY}.", BY_OTHERS),
        (RIVER, STRICT, DOMAIN, False, Status.GOOD, f"{STRICTLY}, set at {RIVER}.", BY_ENVELOPE),
        (MEMBERS, "p=reject", MEMBERS, True, Status.GOOD, "The policy is reject.", BY_KEY),
        (MEMBERS, "p=reject", MEMBERS, False, Status.BAD, "The policy is reject.", BY_OTHERS),
        (MEMBERS, "p=none", MEMBERS, False, Status.WARNING, "The policy is none.", BY_OTHERS),
        (RIVER, "p=no", RIVER, True, Status.BAD, f"The record at _dmarc.{RIVER} is unclear.", ""),
    ],
)
async def test_policies_and_what_passes(
    clinic: Clinic, at: str, tags: str, domain: str, key: bool, well: Status, seen: str, passes: str
) -> None:
    record = f'_dmarc.{at}. 3600 IN TXT "v=DMARC1; {tags}"'
    clinic.zone(HEALTHY.replace("_dmarc.", "gone."), record)
    own = {"own_domains": [MEMBERS]}
    settings = clinic.sets(mail=own if key else own | {"dkim_key": None})
    (found,) = await authentication.dmarc(settings.mail, domain, clinic.tools)
    assert (found.status, found.observed) == (well, seen)
    assert passes in found.meaning


async def test_a_policy_to_paste_does_for_all_that_is_under_it(clinic: Clinic) -> None:
    clinic.zone(HEALTHY.replace("_dmarc.", "gone."))
    found = await clinic.found("DMARC")
    assert [(each.about, each.status, each.observed) for each in found] == [
        (DOMAIN, Status.WARNING, "There is no record."),
        ("river.example", Status.WARNING, "There is no record."),
    ]
    assert {(record.name, record.value) for each in found for record in each.records} == {
        ("_dmarc.river.example", "v=DMARC1; p=none")
    }


async def test_trouble_of_dns_is_a_warning(clinic: Clinic) -> None:
    names = (DOMAIN, f"_dmarc.{DOMAIN}", KEY, "mail.river.example")
    clinic.names.failing = dict.fromkeys(names, dns.rcode.SERVFAIL)
    found = await clinic.amiss()
    assert {(each.subject, each.about, each.status, each.observed) for each in found} == {
        (what, about, Status.WARNING, "DNS didn't answer.")
        for what, about in (
            *(("SPF", DOMAIN), ("DKIM", DOMAIN), ("DMARC", DOMAIN), ("MX", DOMAIN)),
            *(("MX", "river.example"), ("DMARC", "river.example")),
        )
    }
