"""The mail server, and the way to it."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from bot.doctor.finding import CheckContext, Finding, Status
from bot.doctor.server import login, mail_server
from bot.mail.smtp.connecting import ServerInfo
from bot.mail.smtp.server import parse_smtp_url
from tests.bot.doctor.clinic import AUTHORITY, Clinic
from tests.bot.mail.sink import sinking


def shows(days: float) -> ssl.SSLContext:
    """Return what a server shows whose certificate ends in so many days."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    until = datetime.now(UTC) + timedelta(days=days)
    AUTHORITY.issue_cert("127.0.0.1", not_after=until).configure_cert(context)
    return context


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize(("days", "well"), [(13.5, Status.WARNING), (14.5, Status.GOOD)])
async def test_a_certificate_that_ends_soon_is_told(
    clinic: Clinic, implicit: bool, days: float, well: Status
) -> None:
    async with sinking(shows(days), implicit=implicit, auth=True) as sink:
        _, tls = await mail_server(sink.url, clinic.tools)
    seen = f"TLSv1.3; the certificate of 127.0.0.1 expires in {days:.0f} days."
    seen = seen.replace(f"{days:.0f}", str(int(days)))
    assert (tls.subject, tls.status, tls.observed) == ("TLS", well, seen)


@pytest.mark.parametrize(
    ("verb", "answer", "seen", "fix"),
    [
        (
            "AUTH",
            "535 5.7.8 wrong",
            "It refuses user or password: 535 5.7.8 wrong.",
            "Fix them in smtp.url. Some providers want an app password instead of yours.",
        ),
        (
            "GREETING",
            "554 no",
            "It can't be used: 554 no.",
            "Its reply says why; ask the server's operator.",
        ),
    ],
)
async def test_a_server_that_will_not_have_us(
    clinic: Clinic, verb: str, answer: str, seen: str, fix: str
) -> None:
    clinic.sink.always(verb, answer)
    assert await clinic.found("mail server") == [
        Finding("mail server", Status.BAD, seen, "No mail is sent.", fix)
    ]
    assert await clinic.found("TLS") == []


async def test_a_certificate_that_nobody_knows(clinic: Clinic) -> None:
    (found,) = await mail_server(clinic.sink.url, CheckContext())
    seen = "It can't be used: certificate: unable to get local issuer certificate."
    assert (found.status, found.observed) == (Status.BAD, seen)
    assert found.fix.startswith("Its authority isn't known here")


async def test_a_certificate_that_is_not_good(clinic: Clinic) -> None:
    async with sinking(shows(-1)) as sink:
        (found,) = await mail_server(sink.url, clinic.tools)
        assert found.fix.startswith("It has expired.")
    async with sinking(shows(9)) as sink:
        (found,) = await mail_server(sink.url.replace("127.0.0.1", "localhost"), clinic.tools)
        assert found.fix.startswith("It is for another name.")
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(own)
    async with sinking(own) as sink:
        (found,) = await mail_server(sink.url, clinic.tools)
        assert found.fix.startswith("Its authority isn't known here")


async def test_on_this_machine_nothing_need_be_encrypted(clinic: Clinic) -> None:
    async with sinking() as sink:
        reached, tls = await mail_server(sink.url, clinic.tools)
    assert (reached.status, reached.observed) == (Status.GOOD, "Connected, without logging in.")
    assert (tls.status, tls.observed) == (Status.GOOD, "None: the mail server is on this machine.")


async def test_the_size_that_it_takes_is_told(clinic: Clinic) -> None:
    clinic.sink.always("EHLO", then("SIZE 10240000", "AUTH PLAIN", "8BITMIME"))
    (found,) = await clinic.found("mail server")
    assert found.observed == "Connected and logged in. It accepts messages of up to 10.2 MB."


async def test_a_server_without_a_limit_is_not_said_to_take_nothing(clinic: Clinic) -> None:
    clinic.sink.always("EHLO", then("SIZE 0", "AUTH PLAIN", "8BITMIME"))
    (found,) = await clinic.found("mail server")
    assert found.observed == "Connected and logged in."


def then(*offers: str) -> str:
    return "\r\n".join(("250-sink", *(f"250-{each}" for each in offers), "250 HELP"))


def test_elsewhere_somebody_has_to_know_us() -> None:
    found = login(parse_smtp_url("smtps://mail.river.example"), ServerInfo({"size": "nonsense"}))
    assert (found.status, found.observed) == (Status.WARNING, "Connected, without logging in.")
