"""A code bounces: its supporter corrects the address."""

import pytest

from storage.schema.tables import codes
from tests import returned
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_code
from tests.stories.letters.incoming import ADDRESS, bounces
from tests.stories.lines import AT_ADDRESS, CODE, NAME, PORTUGAL, WAYS_OUT
from tests.stories.records import read_table

BOUNCED = (
    "The code I emailed to maria@mail.example came back. Give me another address and we can"
    " carry on."
)


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
