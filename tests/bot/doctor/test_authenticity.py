"""What receivers see of us in DNS: SPF, DKIM and DMARC."""

import dns.rcode
import pytest

from bot.cli.dkim_keys import records
from bot.doctor import authenticity
from bot.doctor.finding import Finding, Well
from tests.bot.doctor.clinic import HEALTHY, Clinic
from tests.bot.mail.signatures import SIGNER

DOMAIN = "send.river.example"
SERVER = {"url": "smtps://ann:secret@mail.river.example"}
KEY = f"river._domainkey.{DOMAIN}"


async def spf(clinic: Clinic, *records: str, url: str = SERVER["url"]) -> Finding:
    """Look at these records, with a mail server at 192.0.2.1."""
    lines = [f'{DOMAIN}. 3600 IN TXT "{record}"' for record in records]
    clinic.zone("mail.river.example. 3600 IN A 192.0.2.1", *lines)
    (found,) = await authenticity.spf(clinic.sets(smtp={"url": url}), clinic.tools)
    assert (found.what, found.about) == ("SPF", DOMAIN)
    return found


async def test_a_record_that_allows_the_mail_server(clinic: Clinic) -> None:
    found = await spf(clinic, "v=spf1 a:mail.river.example -all")
    seen = "One record; look-ups: 1 of 10; it allows the mail server's address."
    assert (found.well, found.seen) == (Well.GOOD, seen)
    found = await spf(clinic, "v=spf1 ip4:192.0.2.1 ~all", url="smtps://192.0.2.1")
    assert found.well is Well.GOOD


@pytest.mark.parametrize(
    ("records", "well", "seen"),
    [
        ([], Well.BAD, "There is no record."),
        (["v=spf1 -all", "v=spf1 mx -all"], Well.BAD, "There are 2 records."),
        (["v=spf1 mx +all"], Well.BAD, "Its “all” lets anybody send."),
        (["v=spf1 mx all"], Well.BAD, "Its “all” lets anybody send."),
        (
            ["v=spf1 include:gone.example -all"],
            Well.BAD,
            "It leads to gone.example, which has no SPF records.",
        ),
        (["v=spf1 mx ?all"], Well.WARNING, "It does not end in -all or ~all."),
        (["v=spf1 mx"], Well.WARNING, "It does not end in -all or ~all."),
        (["v=spf1 ip4:198.51.100.1 -all"], Well.WARNING, "One record; look-ups: 0 of 10."),
        (["v=spf1 exists:%{i}.river.example -all"], Well.WARNING, "One record; look-ups: 1 of 10."),
    ],
)
async def test_records_of_senders(
    clinic: Clinic, records: list[str], well: Well, seen: str
) -> None:
    found = await spf(clinic, *records)
    assert (found.well, found.seen) == (well, seen)
    assert found.means
    assert found.mend


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
    (found,) = await authenticity.dkim(clinic.sets().mail, DOMAIN, clinic.tools)
    assert (found.what, found.about) == ("DKIM", DOMAIN)
    return found


async def test_the_record_of_the_key(clinic: Clinic) -> None:
    (record, _) = records(clinic.sets().mail, SIGNER.key)
    # Cut into more strings than it needs: what changes may be longer.
    right = " ".join(f'"{record.value[at : at + 100]}"' for at in range(0, 500, 100))
    found = await dkim(clinic, right)
    assert (found.well, found.seen) == (Well.GOOD, "The record holds the key that signs.")
    tested = await dkim(clinic, right.replace("k=rsa; ", "k=rsa; t=y:s; "))
    assert (tested.well, tested.seen) == (Well.WARNING, "The record is right, but says t=y.")
    spaced = await dkim(clinic, right.replace("k=rsa; p=", "n=ours; h=sha256; s=email ; p= "))
    assert spaced.well is Well.GOOD
    for without in ("h=sha1", "s=tlsrpt"):
        found = await dkim(clinic, right.replace("k=rsa", without))
        seen = "The record keeps the key from signing mail as it does."
        assert (found.well, found.seen) == (Well.BAD, seen)


@pytest.mark.parametrize(
    ("records", "seen"),
    [
        ([], "The key has no record."),
        (['"v=DKIM1; p="', '"v=DKIM1; p=AAAA"'], "The key has 2 records, and may have one only."),
        (['"v=DKIM1; k=rsa; p="'], "The key is revoked: its p is empty."),
        (['"v=DKIM1; k=ed25519; p=AAAA"'], "The record is for another kind of key."),
        (['"v=DKIM2; p=AAAA"'], "The record is for another kind of key."),
        (['"v=DKIM1; p=AAAA"'], "The record holds another key."),
        (['"v=DKIM1; p=no!key"'], "The record holds another key."),
        (['"v=spf1 -all"'], "The record is for another kind of key."),
        (['"p=AAAA"'], "The record holds another key."),
    ],
)
async def test_records_under_which_no_signature_holds(
    clinic: Clinic, records: list[str], seen: str
) -> None:
    found = await dkim(clinic, *records)
    assert (found.well, found.seen) == (Well.BAD, seen)
    (record,) = found.records
    assert record.name == KEY
    assert record.value.startswith("v=DKIM1; k=rsa; p=MII")


async def test_where_no_key_is_set_the_provider_signs(clinic: Clinic) -> None:
    clinic.sets(mail={"dkim_key": None})
    found = await clinic.found("DKIM")
    assert [(each.about, each.well, each.seen) for each in found] == [
        (DOMAIN, Well.WARNING, "No key is set."),
        ("river.example", Well.WARNING, "No key is set."),
    ]
    assert "actionbot keys dkim" in found[0].mend


BY_KEY, BY_ENVELOPE = "by the signature (DKIM).", "by the envelope (SPF)."
BY_EITHER = "by the signature (DKIM) or the envelope (SPF)."
BY_OTHERS = "only if your mail server signs it"
STRICT = "p=reject; adkim=s; aspf=s"
STRICTLY = "The policy is reject, adkim=s, aspf=s"
RIVER, MEMBERS = "river.example", "members.example"


@pytest.mark.parametrize(
    ("at", "tags", "domain", "key", "well", "seen", "passes"),
    [
        (RIVER, "p=none", RIVER, True, Well.GOOD, "The policy is none.", BY_EITHER),
        (RIVER, "p=reject", RIVER, False, Well.GOOD, "The policy is reject.", BY_ENVELOPE),
        (RIVER, STRICT, RIVER, True, Well.GOOD, f"{STRICTLY}.", BY_KEY),
        (RIVER, STRICT, RIVER, False, Well.BAD, f"{STRICTLY}.", BY_OTHERS),
        (RIVER, STRICT, DOMAIN, False, Well.GOOD, f"{STRICTLY}, said at {RIVER}.", BY_ENVELOPE),
        (MEMBERS, "p=reject", MEMBERS, True, Well.GOOD, "The policy is reject.", BY_KEY),
        (MEMBERS, "p=reject", MEMBERS, False, Well.BAD, "The policy is reject.", BY_OTHERS),
        (MEMBERS, "p=none", MEMBERS, False, Well.WARNING, "The policy is none.", BY_OTHERS),
        (RIVER, "p=no", RIVER, True, Well.BAD, f"The record at _dmarc.{RIVER} is not clear.", ""),
    ],
)
async def test_policies_and_what_passes(
    clinic: Clinic, at: str, tags: str, domain: str, key: bool, well: Well, seen: str, passes: str
) -> None:
    record = f'_dmarc.{at}. 3600 IN TXT "v=DMARC1; {tags}"'
    clinic.zone(HEALTHY.replace("_dmarc.", "gone."), record)
    own = {"own_domains": [MEMBERS]}
    settings = clinic.sets(mail=own if key else own | {"dkim_key": None})
    (found,) = await authenticity.dmarc(settings.mail, domain, clinic.tools)
    assert (found.well, found.seen) == (well, seen)
    assert passes in found.means


async def test_a_policy_to_paste_does_for_all_that_is_under_it(clinic: Clinic) -> None:
    clinic.zone(HEALTHY.replace("_dmarc.", "gone."))
    found = await clinic.found("DMARC")
    assert [(each.about, each.well, each.seen) for each in found] == [
        (DOMAIN, Well.WARNING, "There is no record."),
        ("river.example", Well.WARNING, "There is no record."),
    ]
    assert {(record.name, record.value) for each in found for record in each.records} == {
        ("_dmarc.river.example", "v=DMARC1; p=none")
    }


async def test_trouble_of_dns_is_a_warning(clinic: Clinic) -> None:
    names = (DOMAIN, f"_dmarc.{DOMAIN}", KEY, "mail.river.example")
    clinic.names.failing = dict.fromkeys(names, dns.rcode.SERVFAIL)
    found = await clinic.amiss()
    assert {(each.what, each.about, each.well, each.seen) for each in found} == {
        (what, about, Well.WARNING, "DNS did not answer.")
        for what, about in (
            *(("SPF", DOMAIN), ("DKIM", DOMAIN), ("DMARC", DOMAIN), ("MX", DOMAIN)),
            *(("MX", "river.example"), ("DMARC", "river.example")),
        )
    }
