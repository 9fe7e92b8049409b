"""Answers are changed at the review, and the letter follows."""

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import ADDRESS, CODE, COUNTRY, NAME, REVIEW, TARGET, WAYS_OUT

CHANGE = [
    ["Add my own words"],
    ["My name", "My country"],
    ["My email address"],
    ["Hide my email address"],
    ["Back"],
]


def unnumbered(question: str) -> str:
    """Return the question as it is asked alone: what is changed has no number."""
    return question.partition(" · ")[2]


async def test_a_letter_that_cannot_be_changed(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", 'edits = "add"', 'edits = "none"')
    await maria.comes_to_the_review()
    assert maria.buttons == [["Send in my name"], ["Change…", "Cancel"]]
    await maria.presses("Change…")
    assert maria.buttons == CHANGE[1:]


async def test_each_answer_can_be_changed(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…")
    maria.hears()
    assert maria.buttons == CHANGE
    await maria.says("my name")
    maria.hears("Your letter is above. Tap what you’d like to change, or “Back”.")
    await maria.presses("Back")
    maria.hears()
    assert maria.buttons == REVIEW

    await maria.presses("Change…", "My name")
    maria.hears(unnumbered(NAME))
    assert maria.all_buttons == ["Use “Maria Silva”", *WAYS_OUT]
    await maria.says("Maria da Silva")
    (shown,) = maria.heard()
    assert "Your details: Maria da Silva, Portugal · maria@mail.example\n" in shown
    assert "Respectfully,\n\nMaria da Silva\nPortugal" in shown

    await maria.presses("Change…", "My country")
    maria.hears(unnumbered(COUNTRY))
    await maria.presses("🇧🇷 Brazil")
    (shown,) = maria.heard()
    assert "Your details: Maria da Silva, Brazil · maria@mail.example\n" in shown

    await maria.presses("Change…", "My email address")
    maria.hears(unnumbered(ADDRESS))
    await maria.says("silva@mail.example")
    maria.hears(unnumbered(CODE).replace("maria@", "silva@"))
    await maria.types_the_code()
    maria.hears("This is your letter.…")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert str(letter.message["Reply-To"]) == "Maria da Silva <silva@mail.example>"
    assert letter.text.endswith("Respectfully,\n\nMaria da Silva\nBrazil\n")


async def test_a_change_is_abandoned(stage: Stage, maria: Chat) -> None:
    """Back returns to the list of changes, and a proved address stays proved."""
    await maria.comes_to_the_review()
    for choice in ("My name", "My country", "My email address"):
        await maria.presses("Change…", choice, "Back")
        assert maria.buttons == CHANGE
        await maria.presses("Back")
        assert maria.buttons == REVIEW
    await maria.presses("Change…", "My email address", "Use “maria@mail.example”")
    maria.hears("✎ Your email address: maria@mail.example", "This is your letter.…")


async def test_a_change_to_a_country_at_risk(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…", "My country")
    await maria.says("Hong Kong")
    maria.hears("Hong Kong.\n\nPlease read this first.…")
    await maria.presses("Continue")
    (shown,) = maria.heard()
    assert "Your details: Maria Silva, Hong Kong · maria@mail.example\n" in shown
