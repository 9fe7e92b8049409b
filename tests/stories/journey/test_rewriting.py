"""A supporter adds a sentence to the letter, rewrites it, or chooses its subject."""

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.river import MINISTRY, RIVER_HELP, reviews_the_river
from tests.stories.lines import A_PERSON, REVIEW, TARGET, WAYS_OUT

ADD = (
    "What would you like to add? One or two sentences, up to 500 characters, no links. They"
    " become part of the letter.\n\nPlease don’t mention other people, or anything that shows who"
    " they are."
)


async def test_a_sentence_of_her_own(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "Add my own words")
    maria.hears(ADD)
    assert maria.all_buttons == WAYS_OUT
    for typed, problem, person in (
        (
            "See www.evil.example",
            "Please leave out links and addresses: they can make a letter look like spam. This"
            " looks like one: www.evil.example",
            "",
        ),
        ("W" * 501, "That’s too long. Please keep it to 500 characters.", A_PERSON),
        ("\u200b", "I didn’t see any words there.", A_PERSON),
    ):
        await maria.says(typed)
        maria.hears(f"{problem}\n\n{ADD}{person}")
    await maria.says("My sister lives there.\nI fear for her.")
    (shown,) = maria.heard()
    assert (
        "leaves that fear in place.\n\nMy sister lives there. I fear for her.\n\nI ask the" in shown
    )
    assert maria.buttons == [["Send in my name"], ["Change…", "Cancel"]]

    await maria.presses("Change…", "Change my words")
    maria.hears(f"{ADD}\n\nYour words so far: My sister lives there. I fear for her.")
    assert maria.all_buttons == ["Remove my words", *WAYS_OUT]
    await maria.presses("Remove my words")
    (shown,) = maria.heard()
    assert "My sister" not in shown
    assert maria.buttons == REVIEW
    await maria.presses("Change…", "Add my own words")
    await maria.says("I fear for my sister.")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert "\n\nI fear for my sister.\n\nI ask the government" in letter.text


async def test_back_from_her_own_sentence(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "Add my own words", "Back")
    maria.hears("✎ This is your letter.…")
    assert maria.buttons == REVIEW


async def test_a_choice_of_subjects(stage: Stage, maria: Chat) -> None:
    stage.edits(
        "hong-kong/en.md",
        "# Letter\n",
        "# Subject 2\n\nNo extradition to the mainland\n\n# Letter\n",
    )
    await maria.comes_to_the_review()
    await maria.presses("Change…")
    assert maria.buttons == [
        ["Add my own words"],
        ["My name", "My country"],
        ["My email address", "Subject line"],
        ["Hide my email address"],
        ["Back"],
    ]
    await maria.presses("Subject line")
    maria.hears(
        "Which subject? Tap its number.\n\n1. Withdraw the extradition bill and protect peaceful"
        " protest\n2. No extradition to the mainland"
    )
    assert maria.buttons == [["1", "2"], WAYS_OUT]
    await maria.says("the second")
    maria.hears("Please tap one of these.\n\nWhich subject?…")
    await maria.presses("Back")
    assert maria.buttons[-1] == ["Back"]
    await maria.presses("Subject line", "2")
    (shown,) = maria.heard()
    assert "\nSubject: No extradition to the mainland\n" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert str(letter.message["Subject"]) == "No extradition to the mainland"


async def test_the_letter_in_her_own_words(stage: Stage) -> None:
    maria = await reviews_the_river(stage)
    assert maria.buttons == REVIEW
    await maria.presses("Change…", "Rewrite it myself")
    block, asked = maria.heard()
    assert "Amieiro" in block
    assert "descarregue" not in block
    assert asked == (
        "Tap the letter to copy it, edit it, and send it back to me. The demands will be added"
        " below it, unchanged.\n\nPlease don’t mention other people, or anything that shows who"
        " they are."
    )
    assert "<pre>" in maria.person.chat()[-2]["html"]
    assert maria.all_buttons == WAYS_OUT
    await maria.says("Look at https://river.example")
    maria.hears(
        "Please leave out links and addresses: they can make a letter look like spam. This looks"
        f" like one: https://river.example\n\n{asked}"
    )
    await maria.says("W" * 3001)
    maria.hears(f"That’s too long. Please keep it to 3,000 characters.\n\n{asked}{RIVER_HELP}")
    await maria.says("Senhor Ministro,\n\ndeixe correr o rio.\n\nMaria")
    (shown,) = maria.heard()
    assert "Senhor Ministro,\n\ndeixe correr o rio.\n\nMaria\n\n" in shown
    assert "For you to read, not sent" not in shown
    await maria.presses("Change…", "Rewrite it myself")
    assert maria.heard()[0] == "Senhor Ministro,\n\ndeixe correr o rio.\n\nMaria"
    assert maria.all_buttons == ["Restore the original", *WAYS_OUT]
    await maria.presses("Restore the original")
    (shown,) = maria.heard()
    assert "For you to read, not sent" in shown
    await maria.presses("Change…", "Rewrite it myself", "Back")
    assert maria.buttons == REVIEW


async def test_a_subject_of_her_own(stage: Stage) -> None:
    maria = await reviews_the_river(stage)
    await maria.presses("Change…", "Subject line")
    (asked,) = maria.heard()
    assert asked.startswith("What should the subject be? Type one line.\n\n1. ")
    await maria.says("www.river.example")
    maria.hears(
        f"Please leave out links and addresses. This looks like one: www.river.example\n\n{asked}"
    )
    await maria.says("W" * 101)
    maria.hears(f"A subject can have up to 100 characters.\n\n{asked}{RIVER_HELP}")
    await maria.presses("2")
    (shown,) = maria.heard()
    assert asked.endswith("or anything that shows who they are.")
    chosen = asked.splitlines()[-3].removeprefix("2. ")
    assert f"\nSubject: {chosen}\n" in shown
    assert "For you to read, not sent. Subject: Please let the river Amieiro flow again\n" in shown
    await maria.presses("Change…", "Subject line")
    await maria.says("Água para o Amieiro")
    (shown,) = maria.heard()
    assert "\nSubject: Água para o Amieiro\n" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    (letter,) = stage.mails_to(MINISTRY)
    assert str(letter.message["Subject"]) == "Água para o Amieiro"
    assert str(letter.message["Reply-To"]).startswith("Amigos do Amieiro <")
