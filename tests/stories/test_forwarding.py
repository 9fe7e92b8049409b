"""Answers to the bot's own sender addresses are forwarded to the supporter they are for."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from bot.mail.incoming.inbound_mail import Disposition
from bot.playground.inbox import ReceivedEmail
from storage.mail.forwards import TooManyForwards
from storage.schema.tables import outbox
from tests import returned
from tests.chat import Chat, Stage
from tests.returned import mail
from tests.stories.lines import TARGET
from tests.stories.records import read_table

ADDRESS = "maria@mail.example"
CONTACT = "people@open-letters-hk.example"
AUTHOR = "From: =?utf-8?q?Office_of_the_Chief_Executive=2C_=E9=A6=99=E6=B8=AF?= <ceo@gov.example>"


def named(mail: ReceivedEmail, header: str) -> tuple[str, str]:
    """Return the name and the address in an address header."""
    name, address = parseaddr(str(message_from_bytes(mail.raw)[header]))
    return str(make_header(decode_header(name))), address


async def letter(stage: Stage, maria: Chat) -> str:
    """Send a letter, and return its From address."""
    await maria.sends_the_letter()
    (sent,) = stage.mails_to(TARGET)
    return sent.sender


async def forwarded(stage: Stage) -> list[ReceivedEmail]:
    """Return all forwarded mails."""
    await stage.send_mail()
    return [each for each in stage.inbox.mails if each.sender.startswith("f-")]


async def test_an_answer_is_forwarded(stage: Stage, maria: Chat) -> None:
    """The forwarded mail comes from our address, with the author's name and unchanged content."""
    token = await letter(stage, maria)
    maria.heard()
    content = (
        "--edge\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n\nThank you, Mar=C3=ADa.\n"
        "--edge\nContent-Type: application/pdf; name=law.pdf\n"
        "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--edge--"
    )
    raw = mail(
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
        body=content,
    )
    await stage.receive_mail(raw)
    (waiting,) = [row for row in await read_table(stage, outbox) if row["kind"] == "forward"]
    assert b"Thank you" not in waiting["encrypted_content"]
    (answer,) = await forwarded(stage)
    assert answer.recipients == (ADDRESS,)
    message = answer.message
    assert sorted(message.keys()) == [
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
    author = "Office of the Chief Executive, 香港"
    assert named(answer, "From") == (f"{author} via Open Letters Hong Kong", "actions@send.example")
    assert named(answer, "Reply-To") == (author, "ceo@gov.example")
    assert str(message["Subject"]) == "Re: People’s rights"
    assert "1@gov.example" not in str(message["Message-ID"])
    assert answer.raw.partition(b"\r\n\r\n")[2].rstrip() == content.replace("\n", "\r\n").encode()
    (waiting,) = [row for row in await read_table(stage, outbox) if row["kind"] == "forward"]
    assert (waiting["encrypted_content"], waiting["encrypted_message"]) == (None, None)
    maria.hears()


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
        mail("From: ceo@gov.example", f"To: {token}", *head, body="Olá, Maria 香")
    )
    parts = "--e\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOlá\r\n--e--"
    mixed = "Content-Type: multipart/mixed; boundary=e"
    await stage.receive_mail(mail("From: ceo@gov.example", f"To: {token}", mixed, body=parts))
    first, second = await forwarded(stage)
    assert sorted((first.text.strip(), second.text.strip())) == ["Olá", "Olá, Maria 香"]
    assert first.raw.isascii()
    assert second.raw.isascii()
    assert str(first.message["From"]) == "ceo via Open Letters Hong Kong <actions@send.example>"


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
    assert answer.text == (
        "[Only the text of this reply could be passed on. Its author can send you the rest"
        " directly.]\n\nSee the attached law.\n"
    )
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


async def test_no_more_than_twenty_a_day(stage: Stage, maria: Chat) -> None:
    """The next one must wait: the mail server keeps it and tries again."""
    token = await letter(stage, maria)
    async with stage.bot() as app:
        for number in range(20):
            await app.mail.inbound.process(mail(AUTHOR, f"To: {token}", body=f"Buy {number}!"))
        with pytest.raises(TooManyForwards):
            await app.mail.inbound.process(mail(AUTHOR, f"To: {token}", body="Thank you."))
    assert len(await forwarded(stage)) == 20
    await stage.later(days=1)
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    assert len(await forwarded(stage)) == 21


async def test_what_nobody_wrote_is_not_forwarded(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    for about in returned.AWAY.values():
        await stage.receive_mail(returned.away(token, "ceo@gov.example", *about))
    await stage.receive_mail(returned.delayed(token, TARGET))
    await stage.receive_mail(returned.forged(token, TARGET))
    await stage.receive_mail(mail(AUTHOR, f"To: {token[:-1]}x", body="Thank you."))
    assert await forwarded(stage) == []


async def test_a_mail_loop_ends(stage: Stage, maria: Chat) -> None:
    """A forwarded mail comes back to us: unchanged, as a bounce, and as an automatic answer."""
    token = await letter(stage, maria)
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    (answer,) = await forwarded(stage)
    await stage.receive_mail(answer.raw, token)
    await stage.receive_mail(answer.raw, answer.sender)
    await stage.receive_mail(returned.postfix(answer.sender, ADDRESS))
    await stage.receive_mail(
        mail(f"From: {ADDRESS}", f"To: {answer.sender}", body="You are welcome.")
    )
    assert len(await forwarded(stage)) == 1
    (row,) = [row for row in await read_table(stage, outbox) if row["kind"] == "forward"]
    assert row["state"] == "bounced"


async def test_mail_from_our_own_addresses_is_not_forwarded(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    await stage.receive_mail(mail(f"From: x <{token}>", f"To: {token}", body="Thank you."))
    (answer,) = await forwarded(stage)
    assert answer.message["Reply-To"] is None


async def test_forwarded_mail_is_deleted_in_time(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await read_table(stage, outbox) == []
    for _ in "twice":
        await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="I did not know."))
    (answer,) = await forwarded(stage)
    assert answer.recipients == ("actions@send.example",), "nobody else is known any more"
    assert named(answer, "Reply-To")[1] == "ceo@gov.example"
    assert answer.text.strip() == "I did not know."


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
