"""Answers to letters of supporters that the bot no longer knows."""

import pytest
from sqlalchemy import update

from bot.mail.incoming.inbound_mail import Disposition
from storage.schema.tables import outbox
from tests import returned
from tests.chat import Chat
from tests.returned import mail
from tests.stage import Stage
from tests.stories.letters.incoming import ADDRESS, AUTHOR, CONTACT, body, forwarded, letter
from tests.stories.letters.test_settling import settle
from tests.stories.records import read_table


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
