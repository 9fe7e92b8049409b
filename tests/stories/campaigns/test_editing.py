"""Campaigns are edited in the chat: preview, mistakes, publishing, pictures, languages."""

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigns.editor import (
    CONSENT,
    TITLE,
    UNCHANGED,
    changes_the_goal,
    changes_the_title,
    last_buttons,
    opens_the_editor,
)
from tests.stories.lines import TARGET
from tests.stories.staff.test_team import first_admin

TABLE = (
    b"id,name,address,country,languages,for_countries\n"
    b"mayor,the Mayor,mayor@city-mo.example,MO,en,MO\n"
)

PICTURE = b"\x89PNG\r\n\x1a\nno real picture"


async def removes_the_table(admin: Chat) -> None:
    """Let somebody publish the sample without the table of recipients that it has."""
    await opens_the_editor(admin)
    await admin.presses("Facts", "Recipients", "Remove targets.csv…")
    admin.hears(
        "✎ Remove targets.csv with all its rows? Supporters keep seeing what is published. If you"
        " want it back later, send me the file again."
    )
    await admin.presses("Yes, remove it", "Publish…", "Yes, publish")
    assert admin.heard()[-1].endswith("\n• mayor@city-mo.example → –")
    await admin.presses("Yes, send them there")


async def test_an_admin_edits_and_publishes(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await opens_the_editor(olga)
    olga.hears(UNCHANGED)
    assert olga.buttons == [["Texts", "Facts"], ["Translate", "Walk through"], ["Back"]]
    await olga.presses("Texts", "English", "The first message")
    assert last_buttons(olga) == [
        *("Label", "Title", "Story", "More of the story", "What to do", "Picture", "Back")
    ]
    await olga.presses("Title")
    olga.hears(
        f"✎ Title (English)\n\n{TITLE}\n\nSend me the new text as one message, without formatting."
        " Keep words in braces as they are. Tap the text to copy it."
    )
    await olga.says("Stand with Hong Kong")
    shown, saved = olga.heard()
    assert shown.startswith("Action · Stand with Hong Kong")
    assert saved.startswith("✓ Saved: Title (English). Supporters see it once it is published.")
    assert "\n\nTranslations to update: \u2068中文 (繁體), 中文 (简体), Español" in saved
    assert olga.buttons == [["Edit more", "Walk through"], ["Publish…"], ["Throw away…"]]
    await maria.starts("hong-kong")
    assert TITLE in maria.heard()[0]
    await olga.presses("Publish…")
    assert f"• Title (English): {TITLE} → Stand with Hong Kong" in olga.heard()[-1]
    await olga.presses("Yes, publish")
    olga.hears("✎ ✓ Published: version 2 of “Stand with Hong Kong”.")
    await maria.starts("hong-kong")
    assert "Stand with Hong Kong" in maria.heard()[0]
    await olga.says("/audit")
    log = olga.heard()[-1]
    assert "edited hong-kong: Title (English)" in log
    assert "published the changes of hong-kong" in log


async def test_mistakes_are_named_and_nothing_wrong_is_published(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await changes_the_goal(olga, "many")
    olga.hears("I need a whole number, such as 20000.")
    await olga.says("30,000")
    olga.hears("Goal: 30000", "✓ Saved: Goal. Supporters see it once it is published.")
    await olga.presses("Edit more", "Texts", "English", "The letter", "Letter 1")
    await olga.says("Dear {target}, please act.")
    shown, saved = olga.heard()
    assert shown == "Dear {target}, please act."
    errors = saved.split("\n\n")[1].split("\n")
    assert errors[0] == "To fix before it can be published:"
    assert errors[1] == (
        "• Letter 1 (English): “Letter” is missing {name}, {demands} and {own_words}."
        " Add them where they belong."
    )
    assert olga.buttons[0] == ["Edit it again"]
    await olga.presses("Publish…")
    toast, heard = olga.heard()
    assert toast == "(Please fix the mistakes first.)"
    assert "Changed, but not published yet: Goal, Letter 1 (English)" in heard
    await olga.presses("Texts", "English", "The letter", "Letter 1")
    await olga.says("Dear {target}, please act soon.")
    await olga.presses("Edit it again")
    assert olga.heard()[-1].startswith("✎ Letter 1 (English)\n\nDear {target}, please act soon.")
    await olga.presses("Back", "Back", "Back", "Back", "Throw away…", "Yes, throw them away")
    olga.hears("✎ The changes are gone. Nothing was published.")
    await olga.presses("Back", "Edit")
    olga.hears(UNCHANGED)


async def test_the_picture(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await opens_the_editor(olga)
    await olga.presses("Texts", "English", "The first message", "Picture")
    await olga.says("a river")
    olga.hears("I need a picture: PNG, JPEG or WebP.")
    olga.person.send_file("photo", PICTURE)
    await stage.answer_updates()
    assert "✓ Saved: Picture. " in olga.heard()[-1]
    await olga.presses("Publish…", "Yes, publish")
    async with stage.bot() as app:
        picture = app.base.campaigns.in_service["hong-kong"].picture
    assert picture == PICTURE


async def test_a_supporter_half_way_keeps_what_they_were_shown(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await maria.comes_to_the_review()
    await opens_the_editor(olga)
    await olga.presses("Texts", "English", "Consent and privacy", "Consent")
    await olga.says(CONSENT)
    await olga.presses("Publish…", "Yes, publish")
    maria.heard()
    await maria.presses("Send in my name")
    assert "Your letter shows your political opinion." in "".join(maria.heard())
    assert stage.mails_to(TARGET) == []
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1


async def test_another_address_is_confirmed_by_itself(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await opens_the_editor(olga)
    await olga.presses("Facts", "Recipients", "Chief Executive, Government…", "Address")
    await olga.says("office@government-hk.example")
    await olga.presses("Publish…", "Yes, publish")
    olga.hears(
        f"✎ Letters will go to another address. “{TITLE}” is live: from now on its letters are sent"
        " to the new address. Please compare each character.\n"
        "• chief-executive@government-hk.example → office@government-hk.example"
    )
    await olga.presses("Yes, send them there")
    olga.hears(f"✎ ✓ Published: version 2 of “{TITLE}”.")


async def test_a_walk_shows_every_screen_of_the_draft(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await changes_the_title(olga, "A new title")
    await olga.presses("Walk through")
    seen = [olga.heard()[-1]]
    while "›" in last_buttons(olga):
        await olga.presses("›")
        seen.append(olga.heard()[-1])
    names = [each.split("\n")[0].removeprefix("✎ ").partition(" · ")[2] for each in seen]
    assert names == [
        "First message",
        "Behind “Read more”",
        "Behind “See the letter”",
        "Behind “Is it safe for me?”",
        "Warning before the first question",
        "Warning for countries at risk",
        "The letter, before it is sent",
        "Consent, below the letter",
        "Thanks, once the letter is sent",
        "What supporters share",
        "Privacy notice (/privacy)",
    ]
    assert "A new title" in seen[0]
    assert olga.buttons == [["‹"], ["中文 (繁體)"], ["Back to editing"]]
    await stage.send_mail()
    assert stage.mails_to(TARGET) == []


async def test_a_translation_side_by_side(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await changes_the_title(olga, "A new title")
    await olga.presses("Edit more", "Translate")
    assert [each for each in last_buttons(olga) if "Español" in each] == ["Español · 1"]
    await olga.presses("Español · 1")
    assert olga.heard()[-1] == "✎ Español: 1 part is missing or older than the original."
    assert last_buttons(olga)[:2] == ["Title", "✓ Label"]
    await olga.presses("Title")
    heard = olga.heard()[-1]
    assert heard.startswith("✎ Title (English)\n\nA new title\n\nTitle (Español)\n\n")
    assert olga.buttons == [["Still correct"], ["Back"]]
    await olga.says("Un título nuevo")
    assert "This translation is complete." in olga.heard()[-1]
    await olga.presses("Edit more", "Translate")
    assert "✓ Español" in last_buttons(olga)
    await olga.presses("Français · 1", "Title", "Still correct")
    assert "This translation is complete." in olga.heard()[-1]
    await olga.presses("Publish…", "Yes, publish")
    ana = stage.person("Ana", language="es")
    await ana.starts("hong-kong")
    assert "Un título nuevo" in ana.heard()[0]


async def test_a_new_language_is_offered_once_it_is_complete(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    stage.opens("river")
    await olga.says("/campaigns")
    await olga.presses("Let the Amieiro flow", "Edit", "Translate", "Add a language…")
    await olga.says("Klingon?")
    olga.hears("I don’t know the language “Klingon?”. Try its tag, such as pt.")
    await olga.says("Deutsch")
    (shown,) = olga.heard()
    assert shown.startswith("✓ Deutsch is begun. I’ll show you one part after the other;")
    assert "\n\nLabel (English)\n\n" in shown
    await olga.presses("Back")
    listed = olga.heard()[-1]
    assert listed.startswith("✎ Deutsch: 23 parts are missing or older than the original.")
    assert listed.endswith(" Supporters are offered it once nothing is missing.")


async def test_a_table_of_recipients_is_sent_and_a_question_is_added(
    stage: Stage, maria: Chat
) -> None:
    olga = await first_admin(stage)
    await opens_the_editor(olga)
    await olga.presses("Facts", "Recipients")
    olga.hears(
        "✎ Which recipient?\n\nDo you have many? Send me a table of them as targets.csv, and"
        " areas.csv if postcodes lead to areas."
    )
    await olga.sends_document("targets.csv", TABLE)
    assert olga.heard()[-1].startswith("✓ Saved: targets.csv.")
    await olga.presses("Publish…", "Yes, publish")
    assert olga.heard()[-1].endswith("\n• – → mayor@city-mo.example")
    await olga.presses("Yes, send them there")
    async with stage.bot() as app:
        targets = app.base.campaigns.in_service["hong-kong"].targets
    assert [each.id for each in targets] == ["chief-executive", "mayor"]
    await removes_the_table(olga)
    async with stage.bot() as app:
        targets = app.base.campaigns.in_service["hong-kong"].targets
    assert [each.id for each in targets] == ["chief-executive"]
    await opens_the_editor(olga)
    await olga.presses("Texts", "English", "Our own questions", "Add a question…")
    await olga.says("Topic")
    olga.hears(
        "✓ Saved: New question.\n\nTopic: Question (English)\n\n"
        "Type the question as supporters read it."
    )
    await olga.says("What is closest to your heart?")
    await olga.says("The letter names it.")
    await olga.presses("yes or no")
    assert "“zh-Hant”, a language of the campaign." in olga.heard()[-1]


async def test_prompts_for_own_words_are_written_and_shown(stage: Stage) -> None:
    stage.opens("river")
    stage.edits("river/campaign.toml", 'edits = "free"', 'edits = "add"')
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("Edit", "Texts", "English", "The letter", "2/2 …")
    assert last_buttons(olga)[-4:] == [
        "Question for own words",
        "Second question for own words",
        "1/2 …",
        "Back",
    ]
    await olga.presses("Question for own words")
    await olga.says("What does the river mean to you?")
    assert "• What does the river mean to you?\n\nPlease don’t mention other" in olga.heard()[-2]
    await olga.presses("Walk through")
    seen = [olga.heard()[-1]]
    while ["›"] in olga.buttons or ["‹", "›"] in olga.buttons:
        await olga.presses("›")
        seen.append(olga.heard()[-1])
    (shown,) = [each for each in seen if " · Behind “Add my own words”\n\n" in each]
    assert "• What does the river mean to you?" in shown
