"""Answers to the bot's own sender addresses are forwarded to the supporter they are for."""

from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from sqlalchemy import update

from bot.mail.incoming.inbound_mail import Disposition
from bot.playground.inbox import ReceivedEmail
from storage.mail import forwards
from storage.mail.forwards import TooManyForwards
from storage.schema.tables import outbox
from tests import returned
from tests.chat import Chat, Stage
from tests.returned import mail
from tests.stories.letters.test_settling import settle
from tests.stories.lines import TARGET
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint

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


def body(mail: ReceivedEmail) -> str:
    """Return the author's words: the text below our note."""
    text = next(part for part in mail.message.walk() if part.get_content_type() == "text/plain")
    payload = text.get_payload(decode=True)
    assert isinstance(payload, bytes)
    said = "\n".join(payload.decode().splitlines())
    note, rule, words = said.partition(f"\n\n{'-' * 40}\n\n")
    assert rule
    assert note
    return words.strip()


LEAD = (
    "ceo@gov.example wrote this in reply to a letter. It isn’t from Open Letters Hong Kong, and"
    " nobody has checked who wrote it."
)
LEFT_OUT = "[Attachments were left out. The author can send them to you directly.]"
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


async def test_three_a_day_and_ten_in_all(stage: Stage, maria: Chat) -> None:
    """What exceeds the limits leaves later; what would wait too long stays at the mail server."""
    ann = stage.person("Ann")
    appoint(stage, ann)
    await ann.starts()
    token = await letter(stage, maria)
    ann.heard()
    async with stage.bot() as app:
        for number in range(10):
            await app.mail.inbound.process(mail(AUTHOR, f"To: {token}", body=f"Buy {number}!"))
        for _ in "twice":
            with pytest.raises(TooManyForwards):
                await app.mail.inbound.process(mail(AUTHOR, f"To: {token}", body="Thank you."))
    seen = [len(await forwarded(stage))]
    ann.hears("More replies to letters for “Stand up for people's rights in Hong Kong” come in…")
    for _ in range(4):
        await stage.later(days=1, seconds=1)
        seen.append(len(await forwarded(stage)))
    assert seen == [3, 6, 9, 10, 10]
    await ann.presses("Mark as seen")
    ann.hears("✎ Marked as seen: many replies to letters for…")
    await stage.later(days=28)
    await stage.run_retention()
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    assert len(await forwarded(stage)) == 11


async def test_limits_of_a_campaign_and_of_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many letters of one campaign, with a few answers each."""
    monkeypatch.setattr(forwards, "MAX_PER_CAMPAIGN_AND_DAY", 2)
    monkeypatch.setattr(forwards, "MAX_PER_DAY", 3)
    stage.opens("hong-kong", "river")
    stage.edits("river/campaign.toml", 'reply_to = "organisation"', 'reply_to = "supporter"')
    chats = [stage.person(f"P{number}", "Silva") for number in range(3)]
    for number, chat in enumerate(chats):
        await chat.sends_the_letter(campaign="hong-kong", address=f"p{number}@mail.example")
    await stage.person("Rui").sends_the_letter(campaign="river", address="rui@mail.example")
    letters = [each.sender for each in stage.inbox.mails if each.sender.startswith("a-")]
    for to in (*letters, letters[3]):
        await stage.receive_mail(mail(AUTHOR, f"To: {to}", f"Message-ID: {to}", body=f"For {to}"))
        stage.clock.ahead += timedelta(seconds=1)
    await stage.receive_mail(mail(AUTHOR, f"To: {letters[3]}", body="Again."))
    seen = [len(await forwarded(stage))]
    for _ in range(2):
        await stage.later(days=1)
        seen.append(len(await forwarded(stage)))
    assert seen == [3, 5, 5]


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


async def test_after_forget_answers_are_dropped(stage: Stage, maria: Chat) -> None:
    """They may quote the letter, with the name. A report about a forwarded answer may, too."""
    token = await letter(stage, maria)
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Thank you."))
    (passed,) = await forwarded(stage)
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", body="Still in the outbox."))
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await read_table(stage, outbox) == []
    quoted = mail(AUTHOR, f"To: {token}", body="> Yours, Maria Silva\n\nI did not know.")
    away = "Subject: Automatic reply", "Auto-Submitted: auto-replied"
    unclear = mail(AUTHOR, f"To: {token}", *away, body="Maria Silva, please wait for my answer.")
    async with stage.bot() as app:
        for raw in (quoted, quoted, unclear):
            assert await app.mail.inbound.process(raw) is Disposition.DONE
        raw = returned.with_original(passed.sender, ADDRESS, passed.raw)
        assert await app.mail.inbound.process(raw) is Disposition.DONE
    assert await forwarded(stage) == [passed]
    assert await read_table(stage, outbox) == []


@pytest.mark.parametrize("late", ["organisation", "none"])
async def test_forget_says_that_a_settled_letter_may_still_be_answered(
    stage: Stage, maria: Chat, late: str
) -> None:
    stage.edits("hong-kong/campaign.toml", "undo_seconds", f'late_replies = "{late}"\nundo_seconds')
    await maria.sends_the_letter()
    await settle(stage, days=8)
    await maria.says("/forget")
    await maria.presses("Delete everything")
    (said,) = maria.heard()
    line = (
        "• Replies that I may still get to a letter whose details were already deleted: they go"
        " to Open Letters Hong Kong, even if they quote your name, because I no longer know that"
        " the letter was yours\n"
    )
    assert (line in said) == (late == "organisation")


@pytest.mark.parametrize("late", ["organisation", "none"])
async def test_answers_to_a_settled_letter(stage: Stage, maria: Chat, late: str) -> None:
    """Nothing leads to the supporter any more. The campaign says who gets replies then."""
    stage.edits("hong-kong/campaign.toml", "undo_seconds", f'late_replies = "{late}"\nundo_seconds')
    token = await letter(stage, maria)
    async with stage.bot() as app:
        settle = update(outbox).values(action=None, settled=True)
        await app.core.database.transact(lambda c: c.execute(settle))
    await stage.receive_mail(mail(AUTHOR, f"To: {token}", "Subject: Re: x", body="Thank you."))
    found = await forwarded(stage)
    if late == "none":
        assert found == []
        return
    (answer,) = found
    assert answer.recipients == (CONTACT,)
    assert str(answer.message["Subject"]) == "Please check: Forwarded: Re: x"
    assert "[The supporter’s details had already been deleted, so only you get" in answer.text
    assert body(answer) == "Thank you."


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
