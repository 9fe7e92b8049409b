"""A campaign's prompts are offered once; /stats counts letters with own words."""

import pytest

from bot.charts import drawing_process
from storage.stats import recount
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.lines import REVIEW, WAYS_OUT

OFFERED = [["Send in my name"], ["Add my own words"], ["Change…", "Cancel"]]
PROMPTS = "• Why does this matter to you?\n• What would change where you live?"
OFFER = f"Your own words count most. If you like, add a sentence or two:\n{PROMPTS}"
ASKED = (
    "What would you like to add? One or two sentences, up to 500 characters, no links. They"
    f" become part of the letter.\n\n{PROMPTS}\n\nPlease don’t mention other people, or anything"
    " that shows who they are."
)


def opens_with_prompts(stage: Stage) -> None:
    stage.opens("river")
    stage.edits("river/campaign.toml", 'edits = "free"', 'edits = "add"')
    prompts = "# Prompt\n\nWhy does this matter to you?\n\n"
    prompts += "# Prompt 2\n\nWhat would change where you live?\n\n"
    stage.edits_all_texts("river", "# Demands\n", f"{prompts}# Demands\n")


async def differences(stage: Stage) -> list[recount.Difference]:
    async with stage.bot() as app:
        core = app.core
        return (await core.database.read(lambda c: recount.recount(c, core.vault)))[1]


async def test_prompts_are_offered_once(stage: Stage) -> None:
    opens_with_prompts(stage)
    maria, olga = stage.person("Maria", "Silva"), stage.person("Olga")
    await maria.comes_to_the_review("river")
    (shown,) = maria.heard()
    assert shown.endswith(f"\n\n{OFFER}")
    assert maria.buttons == OFFERED
    await maria.presses("Add my own words")
    maria.hears(ASKED)
    assert maria.all_buttons == WAYS_OUT
    await maria.presses("Back")
    (shown,) = maria.heard()
    assert OFFER not in shown
    assert maria.buttons == REVIEW
    await maria.presses("Change…", "Add my own words")
    maria.hears(ASKED)
    await maria.says("I learnt to swim there.")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    await olga.sends_the_letter(campaign="river", address="olga@mail.example")
    assert await differences(stage) == []


async def test_figures_show_the_share_of_letters_with_own_words(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def draw(chart: object) -> bytes:
        return b"\x89PNG"

    monkeypatch.setattr(drawing_process, "draw", draw)
    opens_with_prompts(stage)
    maria, ana, olga = stage.person("Maria", "Silva"), stage.person("Ana"), stage.person("Olga")
    appoint(stage, olga)
    await maria.comes_to_the_review("river")
    await maria.presses("Add my own words")
    await maria.says("I learnt to swim there.")
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    await ana.sends_the_letter(campaign="river", address="ana@mail.example")
    await olga.says("/stats")
    assert "2 letters submitted, 2 accepted so far. 50% have words of their" in olga.heard()[0]
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await differences(stage) == []


async def test_a_discreet_conversation_offers_no_prompts(stage: Stage) -> None:
    opens_with_prompts(stage)
    stage.edits("river/campaign.toml", "# Nobody writes", 'discreet = "default"\n# Nobody writes')
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    assert OFFER not in maria.heard()[-1]
    assert maria.buttons == REVIEW
