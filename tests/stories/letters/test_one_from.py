"""With `from = "one"`, letters come from one address, and answers to it are recognised."""

from email import message_from_bytes

from bot.mail.incoming.inbound_mail import Disposition
from bot.playground.inbox import ReceivedEmail
from tests.chat import Chat
from tests.returned import mail
from tests.stage import Stage
from tests.stories.lines import TARGET

MAILBOX = "actions@send.example"
AUTHOR = "From: The Chief Executive <ceo@gov.example>"


async def letter(stage: Stage, maria: Chat) -> ReceivedEmail:
    await stage.change_mail_settings(from_="one")
    await maria.sends_the_letter()
    (sent,) = stage.mails_to(TARGET)
    return sent


async def received(stage: Stage, raw: bytes) -> Disposition:
    async with stage.bot() as app:
        return await app.mail.inbound.process(raw)


async def forwarded(stage: Stage) -> list[ReceivedEmail]:
    await stage.send_mail()
    return [each for each in stage.inbox.mails if each.sender.startswith("f-")]


async def test_only_the_envelope_is_random(stage: Stage, maria: Chat) -> None:
    sent = await letter(stage, maria)
    headers = message_from_bytes(sent.raw)
    assert " ".join(str(headers["From"]).split()) == (
        f"Maria Silva via Open Letters Hong Kong <{MAILBOX}>"
    )
    assert headers["Sender"] is None
    assert sent.sender.startswith("a-")
    assert str(headers["Message-ID"]) == f"<{sent.sender}>"


async def test_an_answer_to_the_one_address_reaches_the_supporter(
    stage: Stage, maria: Chat
) -> None:
    sent = await letter(stage, maria)
    raw = mail(
        AUTHOR,
        f"To: {MAILBOX}",
        "Subject: Re: your letter",
        "Message-ID: <1@gov.example>",
        f"In-Reply-To: <{sent.sender}>",
        body="Thank you.",
    )
    # People read the mailbox, too: the answer stays in it.
    assert await received(stage, raw) is Disposition.SHARED
    (answer,) = await forwarded(stage)
    assert answer.recipients == ("maria@mail.example",)


async def test_an_answer_later_in_the_conversation_is_recognised(stage: Stage, maria: Chat) -> None:
    sent = await letter(stage, maria)
    thread = f"References: <0@x.example> <{sent.sender}>\r\n <2@gov.example>"
    await stage.receive_mail(
        mail(AUTHOR, f"To: {MAILBOX}", "In-Reply-To: <2@gov.example>", thread, body="Once more.")
    )
    assert len(await forwarded(stage)) == 1


async def test_other_mail_to_the_one_address_is_left_to_people(stage: Stage, maria: Chat) -> None:
    sent = await letter(stage, maria)
    forged = sent.sender.replace("a-", "a-" + "0" * 8, 1)
    copied = f"In-Reply-To: <{sent.sender}>"
    for headers in (
        [f"To: {MAILBOX}"],
        [f"To: {MAILBOX}", f"In-Reply-To: <{forged}>"],
        [f"To: {MAILBOX}", f"In-Reply-To: <{sent.sender[:-1]}>"],
        # Reply-To sent this answer to the supporter already.
        ["To: maria@mail.example", f"Cc: {MAILBOX}", copied],
    ):
        raw = mail(AUTHOR, *headers, body="Hm.")
        assert await received(stage, raw) is Disposition.SHARED
    assert await forwarded(stage) == []
