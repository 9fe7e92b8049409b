"""Staff look at every screen of a campaign before it goes live."""

import shutil

from storage.schema.tables import tallies
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.letters.test_answers import asks
from tests.stories.letters.test_reminder_letters import adds_reminder
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin

__all__ = ["asks"]

NEXT = (
    "Dear {target},\n\nMonths ago I asked you to let the river flow.\n\n{own_words}\n\n"
    "{name}, {country}"
)
TITLE = "Stand up for people's rights in Hong Kong"


async def test_a_campaigner_sees_every_screen_in_each_language(stage: Stage, olga: Chat) -> None:
    stage.opens("river")
    maria = stage.person("Maria")
    await olga.says("/screens")
    olga.hears("Which campaign’s screens would you like to see?")
    await olga.presses(TITLE)
    olga.hears(
        f"In which language? I’ll send you every screen of “{TITLE}”, one message each. Only you"
        " get them.\n\nTranslations marked with * were made by a machine, and no native speaker has"
        " checked them yet."
    )
    first = [
        ["English", "中文 (繁體) *"],
        ["中文 (简体) *", "Español *"],
        ["Français *", "Português *"],
        ["More…"],
    ]
    assert olga.buttons == first
    await olga.presses("More…")
    assert olga.buttons == [["Русский *", "العربية *"], ["More…"]]
    await olga.presses("More…")
    assert olga.buttons == first
    await olga.presses("English")
    olga.hears(
        f"1 of 11 · First message\n\nAction · {TITLE}…",
        "2 of 11 · Behind “Read more”\n\nThis is how things stood…",
        "3 of 11 · Behind “See the letter”\n\nThis is the letter.…",
        "4 of 11 · Behind “Is it safe for me?”\n\nThat depends above all…",
        "5 of 11 · Warning before the first question\n\nPlease read this first.\n\nDon’t sign…",
        "6 of 11 · Warning for countries at risk\n\nPlease read this first.…",
        "7 of 11 · The letter, before it is sent\n\nThis is your letter.…",
        "8 of 11 · Consent, below the letter\n\nThe letter shows your political opinion…",
        "9 of 11 · Thanks, once the letter is sent\n\n✓ Your letter was sent at…",
        "10 of 11 · What supporters share\n\nPeople in Hong Kong are standing up…",
        "11 of 11 · Privacy notice (/privacy)\n\nWho is responsible:…",
        f"That’s all of “{TITLE}” in English. The letter and the answers are examples, and"
        " nothing was counted.",
    )
    assert olga.buttons == [["Share with friends"]]
    assert any(each["photo"] for each in olga.person.chat() if "First message" in each["text"])
    await olga.presses("中文 (繁體) *")
    heard = olga.heard()
    assert heard[0].startswith("1 of 11 · First message\n\n行動 · 為香港人的權利發聲")
    assert "Thank you. The people of Hong Kong" not in "".join(heard)
    await olga.presses("中文 (简体) *")
    heard = olga.heard()
    assert "\n\n收件人：香港特别行政区行政长官\n大约两分钟。" in heard[0]
    assert not any(sign in text for text in heard for sign in "這國區機會讓")
    await olga.presses("Español *")
    heard = olga.heard()
    assert "About two minutes" not in heard[0]
    assert "\n\nPara: " in heard[0]
    assert "Your details" not in heard[6]
    assert await read_table(stage, tallies) == []
    await maria.starts("river")
    await maria.presses_again(maria.last["message_id"], "s:screens:hong-kong:en")
    maria.hears("(That button no longer works.)")


async def test_an_admin_opens_the_screens_of_a_campaign(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("Let the Amieiro flow", "More…", "Show all screens", "English")
    heard = olga.heard()
    assert heard[0].startswith("1 of 9 · First message")
    assert "at risk" not in "".join(each.partition("\n")[0] for each in heard)


async def test_the_reminder_letter_is_shown(stage: Stage, asks: None) -> None:
    adds_reminder(stage)
    olga = await first_admin(stage)
    await olga.says("/screens")
    await olga.presses("English")
    reminder = next(each for each in olga.heard() if "Reminder letter" in each)
    assert reminder.startswith("9 of 10 · Reminder letter, after no answer\n\nYour reminder to")
    assert "Subject: The river, again" in reminder
    assert "some weeks ago I asked you" in reminder
    await olga.says("/campaigns")
    await olga.presses("Edit", "Texts", "English", "Afterwards")
    await olga.presses("Reminder letter")
    await olga.says(NEXT)
    seen, _ = olga.heard()
    assert seen.startswith("Your reminder to Ministry of the Environment of Portugal.")
    assert "Months ago I asked you" in seen


async def test_many_campaigns_have_pages(stage: Stage, olga: Chat) -> None:
    stage.opens("river")
    for number in range(1, 8):
        shutil.copytree(stage.campaigns / "river", stage.campaigns / f"river-{number}")
        slug = 'slug = "river'
        stage.edits(f"river-{number}/campaign.toml", slug, f"{slug}-{number}")
        stage.edits(f"river-{number}/en.md", "Let the Amieiro flow", f"River {number}")
    await olga.says("/screens")
    shown = [TITLE, "Let the Amieiro flow", *(f"River {number}" for number in range(1, 8))]
    assert olga.buttons == [*([label] for label in shown[:6]), ["More…"]]
    await olga.presses("More…")
    assert olga.buttons == [*([label] for label in shown[6:]), ["More…"]]
    await olga.presses("River 7")
    olga.hears("In which language? I’ll send you every screen of “River 7”, one message each.…")
