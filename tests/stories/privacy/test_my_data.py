"""What /mydata and /forget say of records that stay: a block, a role, what the team did."""

import re

from conversations.model.archive_keys import PUBLIC_PREFIX, write_key
from storage.schema.tables import codes
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.test_disowning import code_mail, replies, reply_address
from tests.stories.journey.test_identity import FILE
from tests.stories.journey.test_personal_data import day_of, forgotten
from tests.stories.letters.incoming import bounces
from tests.stories.letters.test_settling import settle
from tests.stories.lines import TARGET
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin

LETTER = "The letter that was sent, in its recipient’s mailbox: nobody can call it back"
CODES = (
    "Scrambled traces of the codes I sent, for up to two days: they limit how many codes are sent"
)
ARCHIVE = (
    "Copies of your details that the organisation has already taken out of its encrypted archive:"
    " the bot’s own record is deleted, but I can’t reach those. Write to the organisation to have"
    " them deleted."
)
ANSWERS = (
    "Replies that I may still get to a letter whose details were already deleted: they go to Open"
    " Letters Hong Kong, even if they quote your name, because I no longer know that the letter was"
    " yours"
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
    await olga.presses("More…", "Block a sender")
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


async def test_of_an_archived_letter_the_exported_files_stay(stage: Stage, maria: Chat) -> None:
    """Late answers may reach the organisation, too: nothing leads to the letter any more."""
    await archives(stage)
    await maria.sends_the_letter()
    await settle(stage, days=8)
    await maria.says("/mydata")
    assert (
        "• Your name, country and email address for “Stand up for people's rights in Hong Kong”, in"
        " an encrypted archive that only the organisation can open. /forget deletes this record,"
        " but not files that the organisation has exported\n"
    ) in maria.heard()[0]
    await maria.says("/forget")
    await maria.presses("Delete everything")
    maria.hears(forgotten(stage, LETTER, ANSWERS, ARCHIVE, CODES))


async def archives(stage: Stage) -> None:
    """Let the campaign keep an archive that only the organisation can open."""
    key = write_key(PUBLIC_PREFIX, bytes(range(32)))
    terms = f'reply_to = "supporter"\narchive = "sealed"\narchive_key = "{key}"'
    stage.edits(FILE, 'reply_to = "supporter"', terms)
    stage.edits_all_texts("hong-kong", "{settling}", "{settling} {archive}")
    stage.edits_all_texts("hong-kong", "{answers}", "{answers} {archive}")


async def test_late_answers_that_go_nowhere_are_not_named(stage: Stage, maria: Chat) -> None:
    stage.edits(FILE, 'reply_to = "supporter"', 'reply_to = "supporter"\nlate_replies = "none"')
    await maria.sends_the_letter()
    await settle(stage, days=8)
    await maria.says("/forget")
    await maria.presses("Delete everything")
    maria.hears(forgotten(stage, LETTER, CODES))


async def test_an_owner_who_was_asked_is_named(stage: Stage, maria: Chat) -> None:
    """The note stays as long as the one about a disowned address."""
    code = await code_mail(stage, maria)
    await replies(stage, reply_address(code), "What is this?")
    await maria.types_the_code()
    await maria.presses("Send in my name")
    await maria.says("/mydata")
    assert "• That I asked the owner of an email address you gave whether" in maria.heard()[0]
    await maria.says("/forget")
    await maria.presses("Delete everything")
    (_, told) = maria.heard()
    assert "• A scrambled trace of an email address whose owner I asked about a code" in told


async def test_of_a_deletion_a_note_stays(stage: Stage, maria: Chat) -> None:
    """The line is shown to everybody, so it says nothing about the reader."""
    for language, line in (
        ("en", "• If you deleted anything here: a scrambled note of that"),
        ("zh-hant", "• 如果你在這裡刪除過資料：一份打亂的紀錄"),
    ):
        person = stage.person("Pedro", language=language)
        await person.says("/mydata")
        assert line in person.heard()[0]
