"""The test letter."""

import json
from email import message_from_bytes, policy

import dkim
import pytest

from bot.doctor import test_letter
from bot.doctor.finding import Finding, Status
from bot.errors import CommandError
from bot.mail.authentication.dkim_keys import dns_records
from tests.bot.doctor.clinic import Clinic
from tests.bot.mail.signatures import SIGNER
from tests.bot.mail.sink import DIES
from tests.bot.organisation import Organisation


async def sends(clinic: Clinic) -> Finding:
    settings = clinic.sets()
    return await test_letter.send(
        settings, test_letter.parse_recipient("ann@mailbox.example", settings), clinic.tools
    )


async def test_it_goes_as_letters_go(clinic: Clinic) -> None:
    clinic.sink.at("DOT", "250 2.0.0 Ok: queued as 4F2A91")
    found = await sends(clinic)
    assert (found.status, found.observed) == (
        Status.GOOD,
        "The mail server accepted it: 250 2.0.0 Ok: queued as 4F2A91",
    )
    assert "Authentication-Results" in found.fix
    (mail,) = clinic.sink.mails
    message = message_from_bytes(mail.content, policy=policy.default)
    assert mail.sender.endswith("@send.river.example")
    assert mail.sender.startswith("a-")
    assert message["From"] == f"actionbot <{mail.sender}>"
    assert (mail.recipient, message["To"]) == ("ann@mailbox.example", "ann@mailbox.example")
    assert message["Reply-To"] == "actions@river.example"
    assert message["Subject"] == "[TEST] This is how a letter from actionbot arrives"
    assert "spf=pass" in message.get_content()
    (record, _) = dns_records(clinic.sets().mail, SIGNER.key)
    zone = {f"{record.name}.".encode(): record.value.encode()}
    assert dkim.verify(mail.content, dnsfunc=lambda name, timeout: zone.get(name))


@pytest.mark.parametrize(
    ("verb", "answer", "seen", "means"),
    [
        (
            "RCPT",
            "550 5.1.1 no such user ann@mailbox.example",
            "The mail server refused it: 550 5.1.1 no such user …",
            "A letter would have failed.",
        ),
        (
            "RCPT",
            "451 4.7.1 later",
            "The mail server refused it: 451 4.7.1 later",
            "A letter would wait, and be sent again.",
        ),
        ("DOT", DIES, "It may or may not have been sent: the connection broke off", ""),
    ],
)
async def test_what_the_server_answers_is_told(
    clinic: Clinic, verb: str, answer: str, seen: str, means: str
) -> None:
    clinic.sink.at(verb, answer)
    found = await sends(clinic)
    assert (found.status, found.observed, found.meaning) == (Status.BAD, seen, means)


async def test_a_key_that_cannot_sign_ends_it(clinic: Clinic) -> None:
    settings = clinic.sets()
    (clinic.folder / "keys" / "dkim.pem").unlink()
    found = await test_letter.send(settings, "ann@mailbox.example", clinic.tools)
    assert (found.subject, found.status) == ("test letter", Status.BAD)
    assert clinic.sink.mails == []


async def test_a_silent_server_is_not_waited_for(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_letter, "SEND_TIMEOUT", 0.2)
    clinic.sink.hold("MAIL")
    assert (await sends(clinic)).observed == "No answer within 0.2 seconds."


@pytest.mark.parametrize("text", ["ann", "ann@mailbox.example", "ann@example.org", "a@b.test"])
def test_to_whom_it_cannot_go(clinic: Clinic, text: str) -> None:
    settings = clinic.sets(smtp={"url": "smtps://ann:secret@mail.river.example"})
    with pytest.raises(CommandError):
        test_letter.parse_recipient(text, settings)


async def test_it_is_typed(organisation: Organisation) -> None:
    outcome = await organisation.types("doctor", "--json", "--send", "ann@mailbox.example")
    letter = json.loads(outcome.out)[-1]
    assert (letter["what"], letter["well"]) == ("test letter", "good")
    (mail,) = await organisation.inbox.until(bool)
    assert mail.recipients == ("ann@mailbox.example",)
    refused = await organisation.types("doctor", "--send", "ann")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith("✗ A test letter can't be sent there.")
