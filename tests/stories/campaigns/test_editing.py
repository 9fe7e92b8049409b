"""Campaigns are edited in the chat: preview, mistakes, publishing, approval, two people at once."""

from sqlalchemy import Connection

from conversations.folder.campaign_files import CampaignFiles
from conversations.model.campaigns.versions import VersionOrigin
from conversations.model.roles import Role
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from storage.crypto.person_keys import PersonKeys
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.lines import TARGET
from tests.stories.staff.test_team import NO_ROLE, first_admin, invited

CONSENT = (
    "{transfer} {sender} {answers} Your letter shows your political opinion. By pressing **Send in"
    " my name** you explicitly consent. You can withdraw this under /mydata."
    " [Privacy policy]({privacy_policy})"
)
TITLE = "Stand up for people's rights in Hong Kong"
TABLE = (
    b"id,name,address,country,languages,for_countries\n"
    b"mayor,the Mayor,mayor@city-mo.example,MO,en,MO\n"
)
UNCHANGED = (
    f"✎ Edit “{TITLE}”\n\nNothing has been changed. What would you like to edit?\n\n"
    "You can also send me files: a text such as pt.md, or the whole campaign as .zip."
)
PICTURE = b"\x89PNG\r\n\x1a\nno real picture"


def last_buttons(chat: Chat) -> list[str]:
    """Return the labels of the newest keyboard."""
    return [label for row in chat.buttons for label in row]


def data_of(chat: Chat, label: str) -> tuple[int, str]:
    """Return the message and the callback data of the newest button with a label."""
    return next(
        (number, button["callback_data"])
        for number, message in sorted(chat.person.messages.items(), reverse=True)
        for row in message.get("reply_markup", {}).get("inline_keyboard", ())
        for button in row
        if button["text"] == label
    )


async def opens_the_editor(admin: Chat) -> None:
    await admin.says("/campaigns")
    await admin.presses("Edit")


async def changes_the_title(admin: Chat, title: str, *, first: bool = True) -> None:
    """Let somebody type another title of the sample, in English."""
    if first:
        await opens_the_editor(admin)
    else:
        await admin.presses("Edit more")
    await admin.presses("Texts", "English", "The first message", "Title")
    await admin.says(title)


async def changes_the_goal(admin: Chat, goal: str) -> None:
    await opens_the_editor(admin)
    await admin.presses("Facts", "Goal and links", "Goal")
    await admin.says(goal)


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
    assert f"• en.md, Title: {TITLE} → Stand with Hong Kong" in olga.heard()[-1]
    await olga.presses("Yes, publish")
    olga.hears("✎ ✓ Published: version 2 of “Stand with Hong Kong”.")
    await maria.starts("hong-kong")
    assert "Stand with Hong Kong" in maria.heard()[0]
    await olga.says("/audit")
    log = olga.heard()[-1]
    assert "edited hong-kong: en: Title" in log
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
    assert any(each.startswith("• Letter 1 (English): ") for each in errors[1:])
    await olga.presses("Publish…")
    toast, heard = olga.heard()
    assert toast == "(Please fix the mistakes first.)"
    assert "Changed, but not published yet: Goal, Letter 1 (English)" in heard
    await olga.presses("Throw away…", "Yes, throw them away")
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


async def test_two_admins_edit_one_campaign(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id, rui.person.id))
    await opens_the_editor(rui)
    await rui.presses("Texts", "English", "The first message", "Title")
    rui.heard()
    await changes_the_title(olga, "Olga’s title")
    await changes_the_goal(olga, "30000")
    olga.heard()
    await rui.says("Rui’s title")
    rui.hears(
        "Olga changed this while you were writing: Title (English). Your text isn’t saved. This is"
        " theirs now. Send yours again to replace it:",
        "Olga’s title",
    )
    await rui.says("Everybody’s title")
    assert rui.heard()[-1].startswith("✓ Saved: Title (English).")
    await rui.presses("Publish…")
    changes = rui.heard()[-1]
    assert "• campaign.toml, goal: 20000 → 30000" in changes
    assert f"Title: {TITLE} → Everybody’s title" in changes
    await rui.presses("Yes, publish")
    olga.hears("Rui has published the changes of “Everybody’s title”, yours too, as version 2.")
    await olga.says("/campaigns")
    await olga.presses("Edit")
    assert "Nothing has been changed." in olga.heard()[-1]


async def test_a_folder_and_a_chat_change_a_campaign(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await changes_the_goal(olga, "30000")
    await changes_the_title(olga, "Olga’s title")
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 30", "undo_seconds = 60")
    stage.edits("hong-kong/en.md", TITLE, "The folder’s title")
    await olga.presses("Publish…")
    asked = olga.heard()[-1].split("\n\n")
    assert asked[0] == "✎ Meanwhile, version 2 was published (a folder on the server):"
    assert "undo_seconds: 30 → 60" in asked[1]
    assert "The folder’s title" in asked[1]
    assert asked[2] == "Your changes:"
    assert "Olga’s title" in asked[3]
    assert asked[4] == ("Changed in both: en.md: Title. Yours counts. Theirs stays in version 2.")
    await olga.presses("Put both together", "Publish…")
    assert "undo_seconds" not in olga.heard()[-1]
    await olga.presses("Yes, publish")
    olga.hears("✎ ✓ Published: version 3 of “Olga’s title”.")
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 60", "undo_seconds = 90")
    async with stage.bot() as app:
        served = app.base.campaigns.in_service["hong-kong"]
        assert (served.goal, served.undo_seconds) == (30000, 60)
        assert served.text("en").title == "Olga’s title"
        (mistake,) = [each for each in app.base.campaigns.mistakes if each.is_error]
        assert "and so was the campaign elsewhere. Neither is lost." in mistake.problem


async def publishes_meanwhile(stage: Stage, member: Chat, old: bytes, new: bytes) -> None:
    """Let a member publish a change in the chat at the moment at which a draft is begun."""
    async with stage.bot() as app:
        core = app.core

        def publish(connection: Connection) -> None:
            id_ = PersonKeys(core.vault, member.person.id).staff.hex()
            newest = versions.load_newest(connection, core.vault, "hong-kong")
            assert newest is not None
            content = {name: each.replace(old, new) for name, each in newest.files.content.items()}
            files, origin = CampaignFiles("hong-kong", content), VersionOrigin.CHAT
            version = NewVersion(files, newest.info.number, origin, "Rui", id_)
            versions.publish(connection, core.vault, version, core.clock())

        await core.database.transact(publish)


async def test_who_published_meanwhile_reads_what_was_put_on_top(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id, rui.person.id))
    await rui.starts()
    rui.heard()
    await changes_the_goal(olga, "30000")
    await publishes_meanwhile(stage, rui, b"undo_seconds = 30", b"undo_seconds = 60")
    await olga.presses("Publish…")
    assert "version 2 was published (Rui):" in olga.heard()[-1]
    await olga.presses("Put both together", "Publish…", "Yes, publish")
    rui.hears(
        f"Olga has published version 3 of “{TITLE}”. It contains your version 2 and these"
        " changes:\n• campaign.toml, goal: 20000 → 30000"
    )
    await rui.presses("Versions")
    assert rui.heard()[-1].startswith(f"✎ Version 3 of {TITLE}\n")


async def test_a_campaigner_needs_an_admin(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id,))
    await olga.starts()
    await rui.starts(await invited(olga, Role.CAMPAIGNER))
    olga.heard()
    await rui.says("/campaigns")
    assert rui.buttons == [["Edit"], ["Show all screens"], ["New campaign…"]]
    await rui.presses_again(rui.last["message_id"], "s:campaigns:pause-yes:hong-kong:1")
    rui.hears(NO_ROLE)
    await changes_the_goal(rui, "30000")
    await rui.presses("Publish…")
    assert rui.heard()[-1].endswith("\n\nA colleague has to approve these changes first.")
    assert rui.buttons == [["Ask for approval"], ["Back"]]
    await rui.presses("Ask for approval")
    olga.hears(
        f"Rui asks you to approve changes of “{TITLE}”.\n\n• campaign.toml, goal: 20000 → 30000"
    )
    assert olga.buttons == [["Walk through"], ["Approve"]]
    request = data_of(olga, "Approve")
    await changes_the_goal(rui, "40000")
    await olga.presses_again(*request)
    assert olga.heard()[-1].startswith("(It has changed since you saw it.")
    await rui.presses("Publish…", "Ask for approval")
    await olga.presses("Approve")
    assert olga.heard()[-1] == f"✎ ✓ You have approved the changes of “{TITLE}”. Thank you."
    rui.heard()
    assert rui.buttons == [["Publish…"]]
    await rui.presses("Publish…")
    assert "\n\nOlga has approved exactly these changes." in rui.heard()[-1]
    publish = data_of(rui, "Yes, publish")
    await olga.says("/team")
    await olga.presses("Remove Rui", "Yes, I’m sure")
    rui.heard()
    await rui.presses_again(*publish)
    rui.hears("(That button no longer works.)")
    await olga.says("/campaigns")
    await olga.presses("Edit", "Publish…", "Yes, publish")
    olga.hears(f"✎ ✓ Published: version 2 of “{TITLE}”.")


async def test_another_address_is_confirmed_by_itself(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await opens_the_editor(olga)
    await olga.presses("Facts", "Recipients", "chief-executive", "Address")
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
    saved, shown = olga.heard()
    assert saved.startswith("✓ Deutsch is begun. I’ll show you one part after the other;")
    assert shown.startswith("Label (English)\n\n")
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
        "✓ Saved: New question. Supporters see it once it is published.",
        "topic: Question (English)\n\nThere is nothing here yet.\n\n"
        "Type the question as supporters read it.",
    )
    await olga.says("What is closest to your heart?")
    await olga.says("The letter names it.")
    await olga.presses("yes or no")
    assert "“zh-Hant”, a language of the campaign." in olga.heard()[-1]
