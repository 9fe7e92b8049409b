"""Answers to the bot's own sender addresses are forwarded to the supporter they are for."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from bot.mail.incoming.inbound_mail import Disposition
from bot.playground.inbox import ReceivedEmail
from storage.schema.tables import outbox
from tests.chat import Chat
from tests.returned import mail
from tests.stage import Stage
from tests.stories.letters.incoming import (
    ADDRESS,
    AUTHOR,
    CONTACT,
    LEFT_OUT,
    body,
    forwarded,
    letter,
)
from tests.stories.records import read_table


def named(mail: ReceivedEmail, header: str) -> tuple[str, str]:
    """Return the name and the address in an address header."""
    name, address = parseaddr(str(message_from_bytes(mail.raw)[header]))
    return str(make_header(decode_header(name))), address


LEAD = (
    "ceo@gov.example wrote this in reply to a letter. It isn’t from Open Letters Hong Kong, and"
    " nobody has checked who wrote it."
)

MIXED = (
    "--edge\nContent-Type: multipart/alternative; boundary=both\n\n"
    "--both\nContent-Type: text/plain; charset=utf-8\n"
    "Content-Transfer-Encoding: quoted-printable\n\nThank you, Mar=C3=ADa: https://gov.example/1\n"
    "--both\nContent-Type: text/html\n\n"
    '<style>b{background:url(https://evil.example/1)}</style><p onclick="x()">Thank <b>you</b>'
    '<img src="https://evil.example/2.png"><img src="cid:1"> <a href="javascript:x()">here</a>'
    ' <a href="https://gov.example/1" style="x">there</a></p><form action="https://evil.example/3">'
    '<input name=password></form><iframe src="https://evil.example/4"></iframe>'
    '<link rel=stylesheet href="https://evil.example/5"><script>alert(1)</script>'
    '<meta http-equiv=refresh content="0;https://evil.example/6"><svg>'
    '<image href="//evil.example/7"/></svg>\n--both--\n'
    "--edge\nContent-Type: application/pdf; name=evil.html\n"
    "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n"
    "--edge\nContent-Type: text/html\nContent-Disposition: attachment; filename=a.html\n\n"
    "<img src=https://evil.example/8>\n"
    "--edge\nContent-Type: image/png\n\n<img src=https://evil.example/9>\n"
    "--edge\nContent-Type: message/rfc822\n\nSubject: x\nContent-Type: text/html\n\n"
    "<img src=https://evil.example/10>\n--edge--"
)


def answer_in_parts(token: str) -> bytes:
    """Return an answer with a text in two forms and four attachments."""
    return mail(
        "Received: from mx.gov.example by mx.send.example",
        "DKIM-Signature: v=1; d=gov.example",
        AUTHOR,
        f"To: Maria Silva <{token}>",
        "Bcc: secret@gov.example",
        "Subject: Re: =?utf-8?q?People=E2=80=99s?= rights",
        "Message-ID: <1@gov.example>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed;\r\n boundary=edge",
        "X-Spam: no",
        body=MIXED,
    )


async def test_of_an_answer_the_text_is_forwarded(stage: Stage, maria: Chat) -> None:
    """It comes from the organisation, and its first line says who wrote it."""
    token = await letter(stage, maria)
    maria.heard()
    await stage.receive_mail(answer_in_parts(token))
    (waiting,) = [row for row in await read_table(stage, outbox) if row["kind"] == "forward"]
    assert b"Thank you" not in waiting["encrypted_content"]
    (answer,) = await forwarded(stage)
    assert answer.recipients == (ADDRESS,)
    message = answer.message
    assert sorted(message.keys()) == [
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Reply-To",
        "Subject",
        "To",
        "X-Loop",
    ]
    assert str(message["From"]) == "Open Letters Hong Kong <actions@send.example>"
    assert str(message["Reply-To"]) == "ceo@gov.example"
    assert str(message["Subject"]) == "Forwarded: Re: People’s rights"
    assert "1@gov.example" not in str(message["Message-ID"])
    assert message.get_content_type() == "text/plain"
    assert answer.text.startswith(f"{LEAD}\n\n{LEFT_OUT}\n\n-----")
    assert body(answer) == "Thank you, María: https://gov.example/1"
    (waiting,) = [row for row in await read_table(stage, outbox) if row["kind"] == "forward"]
    assert (waiting["encrypted_content"], waiting["encrypted_message"]) == (None, None)
    maria.hears()


async def test_of_a_full_answer_nothing_runs_or_loads(stage: Stage, maria: Chat) -> None:
    """A campaign can allow the format and attachments. Names of files are ours."""
    stage.edits("hong-kong/campaign.toml", "undo_seconds", 'forward = "full"\nundo_seconds')
    token = await letter(stage, maria)
    await stage.receive_mail(answer_in_parts(token))
    (answer,) = await forwarded(stage)
    parts = [part for part in answer.message.walk() if not part.is_multipart()]
    kinds = ["text/plain", "text/html", "application/pdf"]
    assert [part.get_content_type() for part in parts] == kinds
    assert parts[2].get_filename() == "attachment-1.pdf"
    assert parts[2].get_payload(decode=True) == b"%PDF-1.4\n"
    assert body(answer) == "Thank you, María: https://gov.example/1"
    html = parts[1].get_payload(decode=True)
    assert isinstance(html, bytes)
    assert html.decode().splitlines() == [
        f'<p dir="auto">{LEAD}',
        "",
        f"{LEFT_OUT}</p>",
        "<hr>",
        '<p>Thank <b>you</b> <a rel="noopener noreferrer">here</a> <a'
        ' href="https://gov.example/1" rel="noopener noreferrer">there</a></p>',
    ]
    assert b"evil" not in answer.raw


async def test_whoever_writes_speaks_only_below_our_note(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    name = "Open Letters Hong Kong <actions@send.example>: open https://evil.example now"
    authors = (f'"{name}" <ceo@gov.example>', '"go to https://evil.example"@gov.example')
    for number, author in enumerate(authors):
        await stage.receive_mail(
            mail(f"From: {author}", f"To: {token}", f"Message-ID: <{number}@x.example>", body="!")
        )
    first, second = await forwarded(stage)
    for answer in (first, second):
        assert b"evil" not in answer.raw
        assert str(answer.message["From"]) == "Open Letters Hong Kong <actions@send.example>"
    leads = sorted(answer.text.splitlines()[0] for answer in (first, second))
    assert leads == [LEAD.replace("ceo@gov.example", "Someone without a usable address"), LEAD]


async def test_nobody_is_named_as_the_organisation(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    as_us = ("From: mallory@attacker.example", f"Reply-To: help@{CONTACT.partition('@')[2]}")
    await stage.receive_mail(mail(*as_us, f"To: {token}", "Subject: x", body="Your password?"))
    await stage.receive_mail(
        mail(f"From: {CONTACT}", f"To: {token}", "Subject: y", body="Your password, please?")
    )
    # Both are due at once, so they are sent in any order.
    second, first = sorted(await forwarded(stage), key=lambda each: each.text)
    assert first.text.startswith("mallory@attacker.example wrote this in reply to a letter. It isn")
    assert second.text.startswith("Someone without a usable address wrote this in reply")
    assert first.message["Reply-To"] == "mallory@attacker.example"
    assert "Reply-To" not in second.message


async def test_the_same_answer_is_forwarded_once(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    raw = mail(AUTHOR, f"To: {token}", "Subject: Thank you", "Message-ID: <1@x.example>", body="!")
    for _ in "twice":
        await stage.receive_mail(raw)
    assert len(await forwarded(stage)) == 1
    await stage.receive_mail(raw)
    assert len(await forwarded(stage)) == 1


async def test_8_bit_content_is_encoded(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    head = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    await stage.receive_mail(
        mail("From: ceo@gov.example", f"To: {token}", *head, body="Olá, Maria 香\x1b[2J\u202e!")
    )
    parts = "--e\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>Olá</b>\r\n--e--"
    mixed = "Content-Type: multipart/mixed; boundary=e"
    await stage.receive_mail(mail("From: ceo@gov.example", f"To: {token}", mixed, body=parts))
    first, second = await forwarded(stage)
    assert sorted((body(first), body(second))) == ["Olá", "Olá, Maria 香[2J!"]
    assert first.raw.isascii()
    assert second.raw.isascii()


async def test_of_a_mail_that_is_too_large_only_the_text_is_forwarded(
    stage: Stage, maria: Chat
) -> None:
    token = await letter(stage, maria)
    parts = (
        "--e\nContent-Type: text/plain\n\nSee the attached law.\n"
        "--e\nContent-Type: application/pdf\n\n" + "x" * 70 + "\n" + "y" * 1_200_000
    )
    mixed = "Content-Type: multipart/mixed; boundary=e"
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", "Subject: Law", mixed, body=parts))
    (answer,) = await forwarded(stage)
    assert LEFT_OUT in answer.text
    assert body(answer) == "See the attached law."
    assert len(answer.raw) < 2_000


@pytest.mark.parametrize("reply_to", ["organisation", "none"])
async def test_where_answers_go_to_the_organisation(
    stage: Stage, maria: Chat, reply_to: str
) -> None:
    stage.edits("hong-kong/campaign.toml", '"supporter"', f'"{reply_to}"')
    token = await letter(stage, maria)
    stage.edits("hong-kong/campaign.toml", f'"{reply_to}"', '"supporter"')
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    (answer,) = await forwarded(stage)
    assert answer.recipients == (CONTACT,)


async def test_nothing_is_forwarded_to_an_unproved_address(stage: Stage) -> None:
    stage.opens("river")
    proof = "allow_letters_in_other_peoples_names = "
    stage.edits("river/campaign.toml", f"{proof}false", f"{proof}true")
    stage.edits("river/campaign.toml", 'reply_to = "organisation"', 'reply_to = "supporter"')
    maria = stage.person("Maria", "Silva")
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria Silva", "Portugal", ADDRESS)
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    (sent,) = stage.inbox.mails
    await stage.receive_mail(mail(AUTHOR, f"To: {sent.sender}", body="Thank you."))
    (answer,) = await forwarded(stage)
    assert ADDRESS not in answer.recipients


async def test_which_mails_may_be_deleted_from_the_mailbox(stage: Stage, maria: Chat) -> None:
    """Mail only to our addresses may be deleted, unless a person wrote to a dead address."""
    token = await letter(stage, maria)
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    (passed,) = await forwarded(stage)
    about = {
        Disposition.DONE: (
            [f"To: {token}"],
            [f"To: ann@gov.example, {token}", "Delivered-To: codes@send.example"],
            [f"To: {CONTACT}", f"Cc: {token}", f"X-Original-To: {token}"],
            [f"To: {passed.sender}", "X-Loop: send.example"],
        ),
        Disposition.SHARED: (
            [f"To: {token}", f"Cc: {CONTACT}"],
            [f"To: {CONTACT}", f"Cc: {token}"],
            [f"To: {token}", "Delivered-To: Actions@send.example"],
            [f"To: {CONTACT}"],
        ),
        Disposition.LEFT: ([f"To: {passed.sender}"],),
    }
    async with stage.bot() as app:
        for fate, mails in about.items():
            for headers in mails:
                raw = mail(AUTHOR, *headers, "Message-ID: <1@gov.example>", body="Thank you.")
                assert await app.mail.inbound.process(raw) is fate, headers
