"""The mailbox that is watched: is it there?"""

from bot.doctor.finding import Finding, Status
from tests.bot.doctor.clinic import Clinic
from tests.bot.mail.postoffice import open_post_office


async def test_a_mailbox_that_can_be_looked_into(clinic: Clinic) -> None:
    async with open_post_office() as office:
        office.puts(b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n")
        clinic.sets(mail={"imap": office.url})
        assert await clinic.found("mailbox") == [
            Finding(
                "mailbox",
                Status.GOOD,
                "Emails of the last 26 days in INBOX: 2.",
                about="127.0.0.1",
            )
        ]
        assert sorted(office.mails) == [1, 2]


async def test_a_mailbox_that_does_not_let_us_in(clinic: Clinic) -> None:
    async with open_post_office() as office:
        office.password = "another"
        clinic.sets(mail={"imap": office.url})
        (found,) = await clinic.found("mailbox")
    assert (found.status, found.observed) == (Status.BAD, "Can't open it (error).")
    assert "hunter2" not in repr(found)


async def test_without_a_mailbox_nothing_is_said(clinic: Clinic) -> None:
    assert await clinic.found("mailbox") == []
