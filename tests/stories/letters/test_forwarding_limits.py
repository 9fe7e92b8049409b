"""What is not forwarded: too many answers, automatic mail, loops, and our own mail."""

from datetime import timedelta

import pytest

from storage.mail import forwards
from storage.mail.forwards import TooManyForwards
from storage.schema.tables import outbox
from tests import returned
from tests.chat import Chat
from tests.returned import mail
from tests.stage import Stage
from tests.stories.letters.incoming import ADDRESS, AUTHOR, forwarded, letter
from tests.stories.lines import TARGET
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint


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
