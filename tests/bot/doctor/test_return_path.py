"""The way back, and the name of who sends."""

import pytest

from bot.doctor import return_path
from bot.doctor.checks import run_checks
from bot.doctor.finding import Finding, Status
from tests.bot.doctor.clinic import Clinic

DOMAIN = "send.river.example"
MAIL = "mail.river.example. 3600 IN A 192.0.2.1"


@pytest.mark.parametrize(
    ("zone", "well", "seen"),
    [
        ([f"{DOMAIN}. 3600 IN MX 1 mail.river.example.", MAIL], Status.GOOD, "mail.river.example."),
        ([], Status.BAD, "There is no MX record, and no IP address."),
        ([f"{DOMAIN}. 3600 IN MX 0 ."], Status.BAD, "Its MX record says that it accepts no mail."),
        (
            [f"{DOMAIN}. 3600 IN A 192.0.2.1"],
            Status.WARNING,
            "There is no MX record; mail goes to the domain's own IP address.",
        ),
        (
            [f"{DOMAIN}. 3600 IN MX 1 gone.example."],
            Status.BAD,
            "No IP address found for gone.example.",
        ),
        (
            [
                f"{DOMAIN}. 3600 IN MX 1 gone.example.",
                f"{DOMAIN}. 3600 IN MX 2 mail.river.example.",
                MAIL,
            ],
            Status.WARNING,
            "No IP address found for gone.example.",
        ),
    ],
)
async def test_who_takes_our_mail(clinic: Clinic, zone: list[str], well: Status, seen: str) -> None:
    clinic.zone(*zone)
    (found,) = await return_path.mx(clinic.sets().mail, DOMAIN, clinic.tools)
    assert (found.subject, found.about, found.status, found.observed) == ("MX", DOMAIN, well, seen)


@pytest.mark.parametrize(
    ("url", "zone", "well", "seen"),
    [
        (
            "smtp://ann:pw@mail.river.example:25",
            [],
            Status.BAD,
            "It's reserved for examples and tests.",
        ),
        ("smtp+plain://127.0.0.1", [], Status.BAD, "There is no MX record, and no IP address."),
        (
            "smtp+plain://127.0.0.1",
            ["ops.example. 3600 IN MX 1 mail.river.example.", MAIL],
            Status.GOOD,
            "mail.river.example.",
        ),
    ],
)
async def test_who_takes_urgent_alerts(
    clinic: Clinic, url: str, zone: list[str], well: Status, seen: str
) -> None:
    clinic.zone(*zone)
    (found,) = await return_path.alert_domain(url, "ops.example", clinic.tools)
    assert (found.subject, found.about, found.status, found.observed) == (
        "MX",
        "ops.example",
        well,
        seen,
    )


async def test_only_who_is_not_looked_at_already_is_asked_about_alerts(clinic: Clinic) -> None:
    settings = clinic.sets(mail={"alerts": ["a@ops.example", "b@ops.example", f"c@{DOMAIN}"]})
    found = [each.about for each in await run_checks(clinic.environment, clinic.tools)]
    assert settings.mail.domain == DOMAIN
    assert (found.count("ops.example"), found.count(DOMAIN)) == (1, found.count(DOMAIN))


async def reverse(
    clinic: Clinic, *zone: str, url: str = "smtp://ann:pw@mail.river.example:25"
) -> Finding:
    clinic.zone(MAIL, *zone)
    (found,) = await return_path.reverse_name(url, clinic.tools)
    return found


POINTER = "1.2.0.192.in-addr.arpa. 3600 IN PTR"


@pytest.mark.parametrize(
    ("zone", "well", "seen"),
    [
        (
            [f"{POINTER} mail.river.example."],
            Status.GOOD,
            "mail.river.example, which leads back to the address.",
        ),
        ([], Status.BAD, "The mail server's address has no name."),
        (
            [f"{POINTER} host.provider.example."],
            Status.BAD,
            "host.provider.example, which doesn't lead back to the address.",
        ),
    ],
)
async def test_the_name_of_who_sends(
    clinic: Clinic, zone: list[str], well: Status, seen: str
) -> None:
    found = await reverse(clinic, *zone)
    assert (found.status, found.observed, found.about) == (well, seen, "192.0.2.1")


async def test_the_name_of_a_longer_address(clinic: Clinic) -> None:
    pointer = ".".join(reversed(f"20010db8{'0' * 23}1"))
    found = await reverse(
        clinic,
        f"{pointer}.ip6.arpa. 3600 IN PTR six.river.example.",
        "six.river.example. 3600 IN AAAA 2001:db8::1",
        url="smtp://ann:pw@[2001:db8::1]:25",
    )
    assert (found.status, found.observed) == (
        Status.GOOD,
        "six.river.example, which leads back to the address.",
    )


@pytest.mark.parametrize("url", ["smtps://mail.river.example", "smtp://mail.river.example"])
async def test_a_provider_sees_to_it(clinic: Clinic, url: str) -> None:
    found = await reverse(clinic, url=url)
    seen = "Not checked: your mail provider is responsible for it."
    assert (found.status, found.observed) == (Status.GOOD, seen)
