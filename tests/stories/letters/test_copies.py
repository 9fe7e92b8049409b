"""A copy of the letter for its supporter, and what happens if it bounces."""

from storage.schema.tables import actions, outbox
from tests import returned
from tests.chat import Chat
from tests.domains import GMAIL, GMIAL
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_code
from tests.stories.letters.incoming import ADDRESS, bounces
from tests.stories.lines import CODE, TARGET
from tests.stories.records import count_letters, read_table

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
    assert await count_letters(stage) == (1, 1, 1)


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
