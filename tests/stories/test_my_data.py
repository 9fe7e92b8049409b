"""What /mydata and /forget say of records that stay: a block, a role, what the team did."""

import re

from storage.schema.tables import codes
from tests.chat import Chat, Stage
from tests.stories.lines import TARGET
from tests.stories.records import read_table
from tests.stories.test_commands import day_of, forgotten
from tests.stories.test_returned import bounces
from tests.stories.test_team import first_admin

LETTER = "The letter that was sent, in its recipient’s mailbox: nobody can call it back"
CODES = (
    "Scrambled traces of the codes I sent, for up to two days: they limit how many codes are sent"
)
BLOCKED = "That the team blocked you, until an admin unblocks you: or deleting would end the block"
ROLE = "Your role in the team, with your Telegram name and number: an admin can end it"


async def test_forget_says_what_stays(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    await maria.says("/forget")
    await maria.presses("Delete everything")
    maria.hears(forgotten(stage, LETTER, CODES))
    olga = await first_admin(stage)
    await olga.says("/forget")
    await olga.presses("Delete everything")
    (said,) = olga.heard()
    assert f"• {ROLE}\n" in said


async def test_no_key_leads_from_a_code_to_the_account_after_forget(
    stage: Stage, maria: Chat
) -> None:
    await maria.sends_the_letter()
    await maria.says("/forget")
    await maria.presses("Delete everything")
    (code,) = await read_table(stage, codes)
    assert "mailbox" in code
    assert "chat" not in code


async def test_a_code_that_bounces_after_forget_is_no_news(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await stage.send_mail()
    await maria.says("/forget")
    await maria.presses("Delete everything")
    maria.heard()
    await bounces(stage, "maria@mail.example")
    maria.hears()


async def test_a_blocked_person_is_told_that_the_block_stays(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    olga = await first_admin(stage)
    (mail,) = stage.mails_to(TARGET)
    code = re.search(r"abuse-[0-9a-f]{32}", str(mail.message["X-Report-Abuse"]))
    assert code
    await olga.says("/campaigns")
    await olga.presses("Block a sender")
    await olga.says(code[0])
    await olga.presses("Block sender")
    await maria.says("/mydata")
    line = f"• That the team blocked you from writing letters here, {day_of(stage)}. This stays"
    assert line in maria.heard()[0]
    await maria.says("/forget")
    await maria.presses("Delete everything")
    maria.hears(forgotten(stage, LETTER, CODES, BLOCKED))
    await maria.says("/mydata")
    assert line in maria.heard()[0]
