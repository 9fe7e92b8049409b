"""Bounces of codes, letters and copies, and what the supporter can do about them."""

import pytest

from storage.schema.tables import (
    actions,
    codes,
    counters,
    outbox,
    pauses,
    tallies,
)
from tests import returned
from tests.chat import Chat, Stage
from tests.domains import GMAIL, GMIAL
from tests.stories.journey.test_proof import comes_to_the_code
from tests.stories.lines import AT_ADDRESS, CODE, NAME, PORTUGAL, TARGET, WAYS_OUT
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint

ADDRESS = "maria@mail.example"
BOUNCED = (
    "The code I emailed to maria@mail.example came back. Give me another address and we can"
    " carry on."
)


async def bounces(stage: Stage, to: str, shape: returned.Shape = returned.postfix) -> None:
    """Let the last mail to this address bounce."""
    mail = stage.mails_to(to)[-1]
    await stage.receive_mail(shape(mail.sender, to))


# --- codes --------------------------------------------------------------------------------------


async def test_the_address_is_corrected_after_a_code_bounced(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears(BOUNCED)
    assert maria.buttons == [["Change my address"], WAYS_OUT]
    await maria.presses("Change my address")
    maria.hears(f"✎ {PORTUGAL}")
    assert maria.buttons == AT_ADDRESS
    await maria.says("silva@mail.example")
    maria.hears(CODE.replace(ADDRESS, "silva@mail.example"))
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_the_correct_address_can_be_typed_at_once(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    await bounces(stage, ADDRESS, returned.qmail)
    await maria.says("what?")
    maria.hears("That doesn’t look like an email address yet.…")
    await maria.says("silva@mail.example")
    maria.hears(CODE.replace(ADDRESS, "silva@mail.example"))


async def test_a_second_bounce_of_a_code_is_ignored(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    await bounces(stage, ADDRESS)
    maria.heard()
    before = await read_table(stage, codes)
    await bounces(stage, ADDRESS)
    maria.hears()
    assert await read_table(stage, codes) == before


async def test_a_bounce_of_an_address_that_was_changed(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    await maria.says("silva@mail.example")
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears()
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_a_code_bounces_during_another_question(stage: Stage, maria: Chat) -> None:
    """The chat says so when that question is answered."""
    await comes_to_the_code(maria)
    await maria.says("/forget")
    await stage.send_mail()
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears()
    await maria.presses("No, keep it")
    maria.hears(f"✎ OK, nothing was deleted.\n\n{BOUNCED}")


async def test_a_bounce_of_a_proved_address_is_ignored(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears()
    await maria.presses("Send in my name")
    assert maria.heard()[0] == "Your letter will be sent in 30 seconds."


async def test_a_code_that_is_refused_at_once(stage: Stage, maria: Chat) -> None:
    stage.inbox.refusals[ADDRESS] = "550 5.1.1 no such user"
    await comes_to_the_code(maria)
    await stage.send_mail()
    maria.heard()
    await stage.report_bounces()
    maria.hears(BOUNCED)


@pytest.mark.parametrize("shape", returned.DELAYS, ids=lambda shape: shape.__name__)
async def test_a_delay_changes_nothing(stage: Stage, maria: Chat, shape: returned.Shape) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    maria.heard()
    await bounces(stage, ADDRESS, shape)
    maria.hears()
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_a_bounce_after_the_journey_was_deleted(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    await maria.presses("Cancel")
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears()
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    maria.hears(NAME)


# --- letters ------------------------------------------------------------------------------------


async def counted(stage: Stage) -> tuple[int, int, int]:
    """Return the count of letters: the counter, and sent and accepted in the daily figures."""
    rows = await read_table(stage, tallies)
    by_stage = {
        name: sum(row["count"] for row in rows if row["value"] == name and row["day"])
        for name in ("sent", "accepted")
    }
    accepted = sum(row["accepted"] for row in await read_table(stage, counters))
    return accepted, by_stage["sent"], by_stage["accepted"]


async def test_a_bounced_letter_is_not_counted(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    assert await counted(stage) == (1, 1, 1)
    maria.heard()
    for _ in "twice":
        await bounces(stage, TARGET, returned.exchange_policy)
    maria.hears(
        "✎ Your letter came back: the mail server doesn’t accept mail like this. It isn’t"
        " counted. To reach a person, write to people@open-letters-hk.example."
    )
    assert await counted(stage) == (0, 1, 0)
    (letter,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    assert (letter["state"], letter["smtp_code"], letter["smtp_status"]) == (
        "bounced",
        550,
        "5.7.1",
    )
    (action,) = await read_table(stage, actions)
    assert action["number"] is None
    await maria.says("/mydata")
    assert ": came back, not counted. Maria Silva, Portugal" in maria.heard()[0]


async def test_a_letters_number_is_never_reused(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "show_counter_from = 5", "show_counter_from = 0")
    await maria.sends_the_letter()
    assert "You’re number 1." in maria.heard()[-1]
    await bounces(stage, TARGET)
    pedro = stage.person("Pedro")
    await stage.later(days=1)
    await pedro.sends_the_letter(address="pedro@mail.example")
    assert "You’re number 2." in pedro.heard()[-1]
    assert await counted(stage) == (1, 2, 1)


async def test_forged_bounces_long_after_change_nothing(stage: Stage, maria: Chat) -> None:
    """No word and no link of a bounce reaches an admin, and the campaign goes on."""
    ann = stage.person("Ann")
    appoint(stage, ann)
    await ann.starts()
    ann.heard()
    await maria.sends_the_letter()
    maria.heard()
    await stage.later(days=100)
    letter = stage.mails_to(TARGET)[-1]
    fields = (
        f"Final-Recipient: rfc822; {TARGET}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 Maria Silva: see https://evil.example/login"
    )
    for _ in range(20):
        await stage.receive_mail(returned.report_of(letter.sender, fields))
    await stage.send_mail()
    said = "\n".join(ann.heard())
    assert said.startswith("A late bounce for “Stand up for people's rights in Hong Kong”")
    assert "evil" not in said
    assert "Silva" not in said
    assert await counted(stage) == (1, 1, 1)
    assert await read_table(stage, pauses) == []
    maria.hears()
    await ann.presses("Mark as seen")
    ann.hears("✎ Marked as seen: late bounces for “Stand up for people's rights in Hong Kong”.…")
    await ann.says("/campaigns")
    assert "1 late bounce doesn’t count: the letter had been accepted" in ann.heard()[-1]


async def test_a_supporter_whose_letter_bounced_can_write_again(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    await bounces(stage, TARGET)
    await stage.later(minutes=2)
    await maria.sends_the_letter()
    assert maria.heard()[-1].startswith("✎ ✓ Your letter was sent at ")
    assert await counted(stage) == (1, 1, 1)


async def test_a_letter_of_unknown_state_bounces(stage: Stage, maria: Chat) -> None:
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    await bounces(stage, TARGET)
    assert maria.heard()[-1].startswith(
        "✎ Your letter came back: the mail server doesn’t know that mailbox"
    )
    stage.inbox.dying.clear()
    await stage.later(hours=2)
    assert len(stage.mails_to(TARGET)) == 1
    assert await counted(stage) == (0, 1, 0)


@pytest.mark.parametrize("shape", [*returned.DELAYS, returned.forged], ids=lambda s: s.__name__)
async def test_a_letter_that_is_only_delayed(
    stage: Stage, maria: Chat, shape: returned.Shape
) -> None:
    await maria.sends_the_letter()
    maria.heard()
    await bounces(stage, TARGET, shape)
    maria.hears()
    assert await counted(stage) == (1, 1, 1)


# --- copies -------------------------------------------------------------------------------------

COPY_BOUNCED = (
    "The copy of your letter came back. It couldn’t be delivered to your address. The letter"
    " itself, for “Stand up for people's rights in Hong Kong”, isn’t affected."
)
COPY_ADDRESS = "What’s the right email address? I’ll email a code to it, and then the copy."


async def sends_with_copies(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 30", "undo_seconds = 30\ncopies = true")
    await maria.sends_the_letter()
    maria.heard()


async def test_no_copy_where_the_campaign_has_none(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    assert "Email me a copy" not in maria.all_buttons
    (action,) = await read_table(stage, actions)
    assert (action["encrypted_letter"], action["copy_state"]) == (None, "none")


async def test_a_copy_is_mailed_once(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    assert "Email me a copy" in maria.all_buttons
    await maria.presses_at_once("Email me a copy", "Email me a copy")
    maria.hears("(I’m emailing you the copy.)", "(That button no longer works.)")
    assert "Email me a copy" not in maria.all_buttons
    await stage.send_mail()
    (letter,) = stage.mails_to(TARGET)
    (_, copy) = stage.mails_to(ADDRESS)
    assert copy.sender.startswith("y-")
    assert str(copy.message["From"]) == "Open Letters Hong Kong <actions@send.example>"
    assert str(copy.message["To"]) == ADDRESS
    assert copy.message["Reply-To"] is None
    assert str(copy.message["Auto-Submitted"]) == "auto-generated"
    assert str(copy.message["Subject"]) == str(letter.message["Subject"])
    assert copy.text == (
        "Hello,\n\nHere’s the copy of your letter for “Stand up for people's rights in Hong"
        " Kong” that you asked for. The letter itself has already been sent, so there’s nothing"
        f" you need to do.\n\nOpen Letters Hong Kong\n\n----------\n\n{letter.text}"
    )
    (row,) = [row for row in await read_table(stage, outbox) if row["kind"] == "copy"]
    assert (row["state"], row["encrypted_content"], row["encrypted_message"]) == (
        "accepted",
        None,
        None,
    )


async def test_the_address_is_corrected_after_a_copy_bounced(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    await maria.presses("Yes")
    await maria.presses("Email me a copy")
    await stage.send_mail()
    maria.heard()
    for _ in "twice":
        await bounces(stage, ADDRESS, returned.gmail)
    maria.hears(COPY_BOUNCED)
    await maria.presses("Change my address")
    maria.hears(COPY_ADDRESS)
    assert maria.buttons == [["Cancel"]]
    await maria.says(f"maria@{GMIAL}")
    maria.hears(f"Did you mean maria@{GMAIL}?")
    await maria.says("silva@mail.example")
    maria.hears(CODE.replace(ADDRESS, "silva@mail.example").removeprefix("4/4 · "))
    assert maria.buttons[0] == ["No code yet?"]
    await maria.types_the_code()
    maria.hears(
        "Thank you. The copy is on its way to your new address. The letter itself was sent with"
        " the old one."
    )
    await stage.send_mail()
    copies = [mail for mail in stage.inbox.mails if mail.sender.startswith("y-")]
    assert [copy.recipients for copy in copies] == [(ADDRESS,), ("silva@mail.example",)]
    assert copies[0].text == copies[1].text
    await maria.says("/mydata")
    (said,) = maria.heard()
    assert ADDRESS not in said
    assert said.count("silva@mail.example") == 2
    assert await counted(stage) == (1, 1, 1)


async def test_a_copy_that_is_refused_at_once(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    stage.inbox.refusals[ADDRESS] = "550 5.1.1 no such user"
    await maria.presses("Email me a copy")
    await stage.send_mail()
    maria.heard()
    await stage.report_bounces()
    maria.hears(COPY_BOUNCED)
    assert maria.buttons == [["Change my address"]]


async def test_cancelling_the_copy_says_that_the_letter_was_sent(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    await maria.presses("Email me a copy")
    await stage.send_mail()
    await bounces(stage, ADDRESS)
    cancelled = (
        "Cancelled. I won’t email a copy. The letter itself has been sent, and isn’t affected."
    )
    await maria.presses("Change my address", "Cancel")
    maria.hears(f"✎ {cancelled}")
    await maria.presses("Change my address")
    await maria.says("/cancel")
    maria.hears(cancelled)


async def test_a_late_bounce_of_the_first_copy(stage: Stage, maria: Chat) -> None:
    """It does not affect the second copy, which went to another address."""
    await sends_with_copies(stage, maria)
    await maria.presses("Email me a copy")
    await stage.send_mail()
    await bounces(stage, ADDRESS)
    await maria.presses("Change my address")
    await maria.says("silva@mail.example")
    await maria.types_the_code()
    await stage.send_mail()
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears()
    await bounces(stage, "silva@mail.example")
    maria.hears(COPY_BOUNCED)


async def test_a_copy_bounces_while_another_letter_is_written(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await sends_with_copies(stage, maria)
    await maria.presses("Email me a copy")
    await stage.send_mail()
    await maria.starts("river")
    await maria.presses("Write the letter")
    maria.heard()
    await bounces(stage, ADDRESS)
    maria.hears(COPY_BOUNCED)
    await maria.presses("Change my address")
    maria.hears("(You’ve started another letter. Finish it or /cancel it, then tap here again.)")
    await maria.presses("Cancel")
    await maria.presses("Change my address")
    maria.hears(COPY_ADDRESS)
    await maria.presses("Cancel")
    maria.hears(
        "✎ Cancelled. I won’t email a copy. The letter itself has been sent, and isn’t affected."
    )
    await maria.presses("Change my address")
    maria.hears(COPY_ADDRESS)


async def test_another_persons_address_is_not_accepted(stage: Stage, maria: Chat) -> None:
    await stage.person("Pedro").sends_the_letter(address="pedro@mail.example")
    await stage.later(minutes=2)
    await sends_with_copies(stage, maria)
    await maria.presses("Email me a copy")
    await stage.send_mail()
    await bounces(stage, ADDRESS)
    await maria.presses("Change my address")
    await maria.says("pedro@mail.example")
    await maria.types_the_code()
    maria.hears("pedro@mail.example has already been used for a letter in this campaign, and…")


async def test_the_stored_data_of_a_copy(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    await maria.says("/mydata")
    assert (
        "• The text of your letter for “Stand up for people's rights in Hong Kong”, in case you"
        " want a copy by email (kept for 28 days)"
    ) in maria.heard()[0]
    await stage.later(days=29)
    await stage.run_retention()
    (action,) = await read_table(stage, actions)
    assert (action["encrypted_letter"], action["copy_state"]) == (None, "none")
    await maria.presses("Email me a copy")
    maria.hears("(That’s no longer there.)")


async def test_the_data_of_a_copy_is_deleted_in_time(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    await maria.presses("Email me a copy")
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await read_table(stage, outbox) == await read_table(stage, actions) == []
    await stage.send_mail()
    assert len(stage.mails_to(ADDRESS)) == 1


async def test_no_copy_to_an_unproved_address(stage: Stage) -> None:
    stage.opens("river")
    proof = "allow_letters_in_other_peoples_names = "
    stage.edits("river/campaign.toml", f"{proof}false", f"{proof}true\ncopies = true")
    maria = stage.person("Maria", "Silva")
    await comes_to_the_code(maria, campaign="river")
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    assert "Email me a copy" not in maria.all_buttons


async def test_no_copy_to_an_address_whose_owner_refused_mail(stage: Stage, maria: Chat) -> None:
    await sends_with_copies(stage, maria)
    await maria.presses("Email me a copy")
    await stage.answers(stage.mails_to(ADDRESS)[0], "It was not me.")
    await stage.send_mail()
    _, confirmation = stage.mails_to(ADDRESS)
    assert confirmation.sender.startswith("u-")
