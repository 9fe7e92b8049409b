"""What comes back to the bot's addresses, and what becomes of it: nobody's words are lost."""

from base64 import b64encode
from random import Random

import pytest

from bot.mail.incoming.inbound_mail import Disposition
from bot.playground.inbox import ReceivedEmail
from storage.schema.tables import actions, alerts, counters, disowned_addresses, outbox
from tests import replies, returned
from tests.chat import Chat
from tests.replies import Reply
from tests.returned import mail
from tests.returned_words import IN_WORDS
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_code
from tests.stories.journey.test_languages import CHINESE
from tests.stories.letters.incoming import (
    ADDRESS,
    CONTACT,
    LEFT_OUT,
    body,
    forwarded,
    letter,
)
from tests.stories.lines import TARGET
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint

CLERK = "From: Jane Clerk <office@gov.example>"
RECEIPT = "📬 The office has confirmed automatically that it received your letter."
UNCLEAR = (
    "[This came as a reply to an email of your campaign. I can’t tell whether a person or a program"
    " wrote it, so please take a look.]"
)


def written(to: str, reply: Reply, author: str = CLERK) -> bytes:
    subject, mark, text = reply
    sender = () if mark.startswith("Return-Path") else ("Return-Path: <office@gov.example>",)
    marks = (mark,) if mark else ()
    return mail(*sender, author, f"To: {to}", f"Subject: {subject}", *marks, body=text)


async def processed(stage: Stage, raw: bytes) -> Disposition:
    """Deliver a mail, and return what should happen to it in a mailbox."""
    async with stage.bot() as app:
        disposition = await app.mail.inbound.process(raw)
    await stage.report_bounces()
    return disposition


async def state(stage: Stage) -> tuple[str, int]:
    """Return the letter's state, and how many letters count."""
    (row,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    return row["state"], sum(each["accepted"] for each in await read_table(stage, counters))


def note(answer: ReceivedEmail) -> str:
    """Return the text above the author's words."""
    first = next(part for part in answer.message.walk() if part.get_content_type() == "text/plain")
    payload = first.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return "\n".join(payload.decode().splitlines()).partition("\n\n-----")[0]


# --- what people write --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bulk", "rt", "empty", "empty submitted", "list", "zendesk"])
async def test_a_clerks_answer_reaches_the_supporter(stage: Stage, maria: Chat, name: str) -> None:
    token = await letter(stage, maria)
    assert await processed(stage, written(token, replies.PEOPLE[name])) is Disposition.DONE
    (answer,) = await forwarded(stage)
    assert answer.recipients == (ADDRESS,)
    assert body(answer) == replies.PEOPLE[name][2]


@pytest.mark.parametrize("name", replies.UNCLEAR)
async def test_what_may_be_an_answer_goes_to_the_organisation(
    stage: Stage, maria: Chat, name: str
) -> None:
    """The email stays in a watched mailbox, too."""
    token = await letter(stage, maria)
    maria.heard()
    for _ in "twice":
        raw = written(token, replies.UNCLEAR[name])
        assert await processed(stage, raw) is Disposition.UNCLEAR
    (answer,) = await forwarded(stage)
    assert answer.recipients == (CONTACT,)
    subject = f"Please check: Forwarded: {replies.UNCLEAR[name][0]}".strip()
    assert str(answer.message["Subject"]) == subject
    assert UNCLEAR in note(answer)
    assert replies.UNCLEAR[name][2] in body(answer)
    maria.hears()


async def test_a_challenge_is_no_answer_but_somebody_can_meet_it(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    maria.heard()
    raw = written(token, replies.CHALLENGES["boxtrapper"])
    assert await processed(stage, raw) is Disposition.UNCLEAR
    (passed,) = await forwarded(stage)
    assert passed.recipients == (CONTACT,)
    maria.hears()


async def test_html_above_a_large_attachment(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    big = b64encode(Random(1).randbytes(900_000)).decode()  # noqa: S311 -- no secret
    lines = "\n".join(big[at : at + 76] for at in range(0, len(big), 76))
    pdf = 'Content-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64'
    html = "<p>Dear Ms Q, the minister will see you on <b>Monday</b>.</p>"
    text = f"--s\nContent-Type: text/html; charset=utf-8\n\n{html}\n"
    file = f"--s\n{pdf}\n\n{lines}\n"
    for number, parts in enumerate((text + file, file + file + text)):
        head = [f"Message-ID: <{number}@gov.example>", "Content-Type: multipart/mixed; boundary=s"]
        raw = mail(CLERK, f"To: {token}", *head, body=f"{parts}--s--")
        assert await processed(stage, raw) is Disposition.DONE
    for answer in await forwarded(stage):
        assert LEFT_OUT in note(answer)
        assert body(answer) == "Dear Ms Q, the minister will see you on Monday."


async def test_a_second_answer_under_the_same_message_id(stage: Stage, maria: Chat) -> None:
    """Each answer is passed on once, whatever servers on its way add to its headers."""
    token = await letter(stage, maria)
    head = [CLERK, f"To: {token}", "Message-ID: <1@gov.example>"]
    for number, text in enumerate(("Yes.", "Yes.", "No: I was wrong.")):
        await stage.receive_mail(mail(f"Received: from {number}.example", *head, body=text))
    both = sorted(body(each) for each in await forwarded(stage))
    assert both == ["No: I was wrong.", "Yes."]


async def test_a_conversation_stays_together(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    (sent,) = stage.mails_to(TARGET)
    own = str(sent.message["Message-ID"])
    thread = [f"In-Reply-To: {own}", f"References: <0@gov.example>\r\n {own} =?utf-8?q?x?="]
    await stage.receive_mail(mail(CLERK, f"To: {token}", *thread, body="Yes."))
    (answer,) = await forwarded(stage)
    assert answer.message["In-Reply-To"] == own
    assert str(answer.message["References"]).split() == ["<0@gov.example>", own]


async def test_no_reply_to_elsewhere_in_mail_from_the_readers_own_domain(
    stage: Stage, maria: Chat
) -> None:
    """Spam filters take it for fraud, so the text gives the author's address."""
    stage.edits("hong-kong/campaign.toml", '"supporter"', '"organisation"')
    stage.edits("hong-kong/campaign.toml", CONTACT, "people@send.example")
    token = await letter(stage, maria)
    await stage.receive_mail(mail(CLERK, f"To: {token}", body="Yes."))
    (answer,) = await forwarded(stage)
    assert answer.recipients == ("people@send.example",)
    assert answer.message["Reply-To"] is None
    assert note(answer).endswith(
        "[The author’s address is office@gov.example. To answer, write there: a reply to this email"
        " won’t reach the author.]"
    )


@pytest.mark.parametrize(
    ("author", "reply_to", "shown"),
    [
        ("From: Офис <office@gov.example>", "office@gov.example", "office@gov.example"),
        ("From: Бюро <бюро@пошта.example>", "", "бюро@пошта.example"),
        ("From: Büro <buero@büro.example>", "buero@xn--bro-hoa.example", "buero@büro.example"),
    ],
)
async def test_an_author_outside_ascii(
    stage: Stage, maria: Chat, author: str, reply_to: str, shown: str
) -> None:
    token = await letter(stage, maria)
    await stage.receive_mail(mail(author, f"To: {token}", body="Yes."))
    (answer,) = await forwarded(stage)
    assert note(answer).startswith(f"{shown} wrote this in reply to a letter.")
    assert str(answer.message["Reply-To"] or "") == reply_to
    assert ("To answer, write there" in note(answer)) is not bool(reply_to)


async def test_a_forwarded_reply_that_comes_back_goes_to_the_organisation(
    stage: Stage, maria: Chat
) -> None:
    token = await letter(stage, maria)
    await stage.receive_mail(mail(CLERK, f"To: {token}", "Subject: Re: x", body="See you Monday."))
    (passed,) = await forwarded(stage)
    for _ in "twice":
        raw = returned.with_original(passed.sender, ADDRESS, passed.raw)
        assert await processed(stage, raw) is Disposition.DONE
    _, again = await forwarded(stage)
    assert again.recipients == (CONTACT,)
    assert str(again.message["Subject"]) == "Please check: Forwarded: Forwarded: Re: x"
    assert "See you Monday." in body(again)
    raw = returned.with_original(again.sender, CONTACT, again.raw)
    assert await processed(stage, raw) is Disposition.UNCLEAR, "nobody is left"
    assert len(await forwarded(stage)) == 2


# --- receipts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["english", "ticket", "chinese traditional", "null sender"])
async def test_an_offices_receipt_is_shown_once(stage: Stage, maria: Chat, name: str) -> None:
    token = await letter(stage, maria)
    (before,) = maria.heard()[-1:]
    for _ in "twice":
        raw = written(token, replies.RECEIPTS[name])
        assert await processed(stage, raw) is Disposition.DONE
    (said,) = maria.heard()
    first, second = said.removeprefix("✎ ").split(f"\n\n{RECEIPT}")
    assert f"{first}{second}" == before.removeprefix("✎ ")
    assert await forwarded(stage) == []
    assert await state(stage) == ("accepted", 1)


async def test_a_receipt_in_chinese(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("🌐 Language", CHINESE)
    await maria.presses("寫信", "繼續")
    await maria.says("Maria Silva", "葡萄牙", ADDRESS)
    await maria.types_the_code()
    await maria.presses("以我的名義寄出")
    await stage.later(seconds=31)
    (sent,) = stage.mails_to(TARGET)
    maria.heard()
    await processed(stage, written(sent.sender, replies.RECEIPTS["english"]))
    assert "📬 對方的辦公室已自動確認，收到了你的信。" in maria.heard()[-1]


async def test_a_receipt_that_asks_for_something_is_passed_on(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    await processed(stage, written(token, replies.REQUESTS["english"]))
    assert RECEIPT in maria.heard()[-1]
    (answer,) = await forwarded(stage)
    assert answer.recipients == (ADDRESS,)
    assert body(answer) == replies.REQUESTS["english"][2]


async def test_a_letter_that_was_received_can_still_bounce(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    await processed(stage, written(token, replies.RECEIPTS["english"]))
    await stage.receive_mail(returned.postfix(token, TARGET))
    assert maria.heard()[-1].startswith("✎ Your letter came back:")
    assert await state(stage) == ("bounced", 0)


# --- answers to codes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        replies.ABSENCES["notes"],
        replies.ABSENCES["chinese simplified"],
        replies.CHALLENGES["tmda"],
        replies.RECEIPTS["ticket"],
    ],
)
async def test_a_program_denies_nothing(stage: Stage, maria: Chat, reply: Reply) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    maria.heard()
    (code,) = stage.mails_to(ADDRESS)
    assert code.message["X-Auto-Response-Suppress"] == "All"
    for to in (code.sender, str(code.message["Reply-To"])):
        raw = written(to, reply, author=f"From: Maria <{ADDRESS}>")
        assert await processed(stage, raw) is Disposition.DONE
    assert await read_table(stage, disowned_addresses) == []
    assert await forwarded(stage) == []
    maria.hears()
    await maria.types_the_code()
    maria.hears("This is your letter.…")


# --- whose failure ------------------------------------------------------------------------------


async def test_a_group_that_was_expanded_has_the_letter(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    maria.heard()
    fields = (
        f"Final-Recipient: rfc822; {TARGET}\nAction: expanded\nStatus: 2.1.5\n\n"
        "Final-Recipient: rfc822; former.clerk@gov.example\nAction: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp; 550 5.1.10 not found"
    )
    raw = returned.report_of(token, fields)
    assert await processed(stage, raw) is Disposition.UNCLEAR
    maria.hears()
    assert await state(stage) == ("accepted", 1)


async def test_a_failure_of_somebody_else_is_for_admins_to_see(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    maria.heard()
    for _ in range(21):
        raw = returned.postfix(token, "former.clerk@gov.example")
        assert await processed(stage, raw) is Disposition.UNCLEAR
    maria.hears()
    assert await state(stage) == ("accepted", 1)
    (alert,) = await read_table(stage, alerts)
    assert (alert["kind"], alert["about"], alert["letters"]) == ("other_failures", "hong-kong", 21)
    assert (alert["smtp_code"], alert["smtp_status"], alert["smtp_meaning"]) == (
        *(550, "5.1.1", "mailbox"),
    )
    (action,) = await read_table(stage, actions)
    assert action["number"] == 1


SHAPES = [*IN_WORDS, *returned.FOR_GOOD]
OFTEN = 6
"""One in so many formats runs with the fast tests."""


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(shape, marks=() if number % OFTEN == 0 else pytest.mark.slow)
        for number, shape in enumerate(SHAPES)
    ],
    ids=[shape.__name__ for shape in SHAPES],
)
async def test_the_letter_bounced(stage: Stage, maria: Chat, shape: returned.Shape) -> None:
    token = await letter(stage, maria)
    assert await processed(stage, shape(token, TARGET)) is Disposition.DONE
    assert await state(stage) == ("bounced", 0)


async def test_a_report_with_addresses_outside_ascii(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    fields = f"Final-Recipient: utf-8; {TARGET}\nAction: failed\nStatus: 5.1.1"
    raw = returned.report_of(token, fields, "global-delivery-status")
    assert await processed(stage, raw) is Disposition.DONE
    assert await state(stage) == ("bounced", 0)


async def test_a_host_of_the_targets_domain_is_the_target(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    raw = returned.postfix(token, TARGET.replace("@", "@mx1.internal."))
    assert await processed(stage, raw) is Disposition.DONE
    assert await state(stage) == ("bounced", 0)


# --- complaints ---------------------------------------------------------------------------------


async def test_a_complaint_names_the_campaign_and_nobody(stage: Stage, maria: Chat) -> None:
    token = await letter(stage, maria)
    maria.heard()
    assert await processed(stage, returned.complaint(token, TARGET)) is Disposition.DONE
    elsewhere = returned.complaint("fbl@send.example", TARGET, sender=token)
    assert await processed(stage, elsewhere) is Disposition.SHARED, "people may want to read it"
    maria.hears()
    assert await state(stage) == ("accepted", 1)
    (alert,) = await read_table(stage, alerts)
    assert (alert["kind"], alert["about"], alert["letters"]) == ("complaints", "hong-kong", 2)
    assert (alert["smtp_meaning"], alert["what"]) == (None, "")


async def test_admins_mark_alerts_about_letters_as_seen(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.starts()
    token = await letter(stage, maria)
    olga.heard()
    await processed(stage, returned.complaint(token, TARGET))
    await processed(stage, returned.postfix(token, "former.clerk@gov.example"))
    await stage.later(seconds=1)
    complaint, failure = sorted(olga.heard())
    assert complaint.startswith("1 letter for “Stand up for people's rights in Hong Kong” may not")
    assert failure.startswith("An email of “Stand up for people's rights in Hong Kong” was marked")
    await olga.presses("Mark as seen")
    (said,) = olga.heard()
    assert said.startswith("✎ Marked as seen: ")
    assert sorted(row["ended"] is None for row in await read_table(stage, alerts)) == [False, True]
