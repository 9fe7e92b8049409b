"""Optional headers, and the From of letters, as the settings choose them."""

from dataclasses import replace

import pytest

from bot.mail.messages.envelopes import AddressPurpose
from bot.mail.messages.identification import MailLook
from bot.mail.messages.message import MessageBuilder
from bot.mail.messages.mime import is_plain_address
from conversations.model.letters.identity import SenderDecision
from tests.bot.mail.messages.test_message import (
    CODE_MAIL,
    ENVELOPES,
    MAIL,
    POST,
    SIGNING,
    read,
    sent,
)
from tests.bot.mail.signatures import holds
from tests.storage.people import letter

SHOWN = ENVELOPES.public_id(AddressPurpose.LETTER, MAIL)
LONG = "office-for-letters-and-actions@send.river-friends.example"
HIDDEN = "=?utf-8?q?=40evil.com=00?=@mail.example"


def looks(look: MailLook, builder: MessageBuilder = POST) -> MessageBuilder:
    return replace(builder, look=look)


def head(builder: MessageBuilder) -> list[bytes]:
    mail = sent(letter(), builder)
    return mail.message.partition(b"\r\n\r\n")[0].split(b"\r\n")


@pytest.mark.parametrize("mailbox", ["actions@send.example", LONG])
@pytest.mark.parametrize("report_abuse", ["on", "Write to the office, and name this:"])
def test_no_header_line_of_ours_is_long(mailbox: str, report_abuse: str) -> None:
    builder = replace(looks(MailLook(report_abuse=report_abuse), SIGNING), mailbox=mailbox)
    assert max(map(len, head(builder))) < 78


@pytest.mark.parametrize(
    ("mailbox", "report_abuse", "header"),
    [
        ("actions@send.example", "on", f"<mailto:actions@send.example?subject=abuse-{SHOWN}>"),
        (LONG, "on", f"{LONG} abuse-{SHOWN}"),
        (LONG, "Tell the office:", f"Tell the office: abuse-{SHOWN}"),
        (LONG, "off", None),
    ],
)
def test_whom_to_tell_of_abuse(mailbox: str, report_abuse: str, header: str | None) -> None:
    message = read(
        sent(letter(), replace(looks(MailLook(report_abuse=report_abuse)), mailbox=mailbox))
    )
    told = message["X-Report-Abuse"]
    assert (told and told.strip()) == header


def test_complaints_are_counted_by_campaign_and_kind() -> None:
    assert read(sent(letter()))["Feedback-ID"] == "river:letter:actionbot"
    assert read(sent(CODE_MAIL))["Feedback-ID"] == "code:actionbot"
    for content in (letter(), CODE_MAIL):
        assert read(sent(content, looks(MailLook(feedback_id=False))))["Feedback-ID"] is None
        signed = sent(content, SIGNING).message
        assert b"Feedback-ID" in signed.partition(b"\r\n\tbh=")[0]
        assert holds(signed)
        assert not holds(signed.replace(b":actionbot", b":somebody"))


def test_letters_may_come_from_one_address() -> None:
    builder = replace(looks(MailLook(one_from=True), SIGNING), mailbox="actions@river.example")
    content = replace(letter(), organisation="River Friends")
    mail = sent(content, builder)
    message = read(mail)
    assert str(message["From"]) == "Maria Silva via River Friends <actions@river.example>"
    assert mail.sender == ENVELOPES.address(AddressPurpose.LETTER, MAIL)
    assert str(message["Message-ID"]) == f"<{mail.sender}>"
    assert str(message["Reply-To"]) == "Maria Silva <maria@mail.example>"
    assert b"\td=river.example;\r\n" in mail.message
    assert mail.decided == SenderDecision("relay")
    own = replace(letter("maria@members.example"), identity="own")
    author = replace(letter(), identity="author")
    for other in (own, author):
        assert str(read(sent(other, builder))["From"]) == f"Maria Silva <{other.sender_address}>"


@pytest.mark.parametrize(
    "address",
    [
        "maria@mail.example",
        "maria.silva+river@mail.example",
        "o'neill_{x}=y@xn--mnchen-3ya.example",
        "a@b.test",
        "x" * 64 + "@mail.example",
    ],
)
def test_plain_addresses(address: str) -> None:
    assert is_plain_address(address)
    assert sent(replace(letter(), reply_address=address)).message.count(address.encode()) == 1


@pytest.mark.parametrize(
    "address",
    [
        HIDDEN,
        "=?utf-8?b?ZXZpbA==?=@mail.example",
        "maria@mail.example\r\nBcc: all@gov.example",
        "maria@mail.example, all@gov.example",
        "maria@gov.example@mail.example",
        "<maria@mail.example>",
        '"maria silva"@mail.example',
        "maria..silva@mail.example",
        ".maria@mail.example",
        "maria@mail",
        "maria@[192.0.2.1]",
        "maria@-mail.example",
        "maría@mail.example",
        "maria@mаil.example",
        "maria\0@mail.example",
        "maria(comment)@mail.example",
        "x" * 65 + "@mail.example",
        f"x@{'y' * 60}.{'y' * 60}.{'y' * 60}.{'y' * 60}.{'y' * 20}.example",
        "@mail.example",
        "maria",
        "",
    ],
)
def test_what_is_no_address_reaches_no_header(address: str) -> None:
    assert not is_plain_address(address)
    written = replace(letter(), reply_address=address, sender_address=address, identity="author")
    mail = sent(replace(written, target_address=address))
    message = read(mail)
    assert (message["Reply-To"], message["Sender"], message["Cc"], message["Bcc"]) == (None,) * 4
    assert str(message["To"]) == "undisclosed-recipients:;"
    assert mail.decided == SenderDecision("relay", "address")
    assert "@" not in address or address.encode() not in mail.message
