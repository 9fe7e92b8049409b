"""A campaign that asks more: a postcode, a choice and an opt-in."""

import json

import pytest

from conversations.model.stats.figures import Figure
from storage.schema.tables import actions, consents
from storage.schema.tally import Tally
from storage.stats import recount
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.letters.test_settling import settle
from tests.stories.lines import WAYS_OUT
from tests.stories.own_questions import BANK, CALL, POSTCODE, answers, asks
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint
from tests.stories.staff.test_stats import counts

TARGET = "gabinete@ministerio-ambiente.example"


@pytest.fixture
def maria(stage: Stage) -> Chat:
    asks(stage)
    return stage.person("Maria", "Silva")


async def differences(stage: Stage) -> object:
    async with stage.bot() as app:
        core = app.core
        return (await core.database.read(lambda c: recount.recount(c, core.vault)))[1]


async def test_from_the_first_question_to_the_accepted_letter(stage: Stage, maria: Chat) -> None:
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria Silva")
    await maria.says("Portugal")
    maria.hears(f"Portugal.\n\n{POSTCODE}")
    assert maria.buttons == [WAYS_OUT]
    await maria.says("skip")
    maria.hears(f"Your letter needs this, so I can’t skip it.\n\n{POSTCODE}")
    await maria.says("near the mill")
    assert maria.heard()[0].startswith(
        "That doesn’t look like a postcode yet. In Portugal it looks like 1234-567."
    )
    await maria.says("1000 001")
    assert maria.heard()[0].startswith("Your answer: 1000-001\n\n4/7 · What’s your email address?")
    await maria.presses("Back")
    assert maria.buttons == [["Use “1000-001”"], WAYS_OUT]
    await maria.presses("Use “1000-001”")
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    maria.hears(BANK)
    assert maria.buttons == [["Left bank"], ["Right bank"], ["Skip"], WAYS_OUT]
    await maria.says("the rigt bank")
    maria.hears(f"Your answer: Right bank\n\n{CALL}")
    assert maria.buttons == [["Yes", "No"], ["Skip"], WAYS_OUT]
    await maria.presses("Yes")
    assert maria.heard()[0] == "✎ Calls: Yes"
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    (letter,) = stage.mails_to(TARGET)
    assert "Maria Silva, 1000-001\na margem direita" in letter.text
    assert await differences(stage) == []


async def test_mydata_says_what_each_answer_is_for_and_takes_back_an_opt_in(
    stage: Stage, maria: Chat
) -> None:
    await answers(maria, "Left bank", "Yes")
    await maria.says("/privacy")
    told = "\n".join(maria.heard())
    assert (
        "What else we ask, and why: Postcode: The letter says how near the river you live. · Bank"
        " (optional): The letter says it. · Calls (optional): We call people who want to help."
    ) in told
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    await maria.says("/mydata")
    told = "\n".join(maria.heard())
    assert "“Bank” in “Let the Amieiro flow”: Left bank. The letter says it." in told
    assert "“Calls” in “Let the Amieiro flow”: Yes. We call people who want to help." in told
    assert "Yes to “Calls” in “Let the Amieiro flow”, " in told
    await maria.presses("Get it as a file")
    file_id = maria.person.messages[maria.last["message_id"]]["document"]["file_id"]
    held = json.loads(stage.telegram.files[file_id][0])
    assert held["letters"][0]["own_answers"] == {
        "postcode": "1000-001",
        "bank": "left",
        "call": "yes",
    }
    await maria.presses("Take back: Calls")
    maria.hears(
        "You’ve taken back your yes to “Calls” for “Let the Amieiro flow”. I’ve noted that your"
        " answer is now no. If Amigos do Amieiro already knows of your yes, write to"
        " gente@amigos-do-amieiro.example."
    )
    assert maria.buttons[-2:] == [["Save my details"], ["Get it as a file"]]
    (action,) = await read_table(stage, actions)
    assert [each["value"] for each in action["own"]] == ["1000-001", "left", "no"]
    found = [each for each in await read_table(stage, consents) if each["kind"] == "opt_in"]
    assert sorted((each["given"], each["question"]) for each in found) == [
        (False, "call"),
        (True, "call"),
    ]
    assert await differences(stage) == []
    await settle(stage, days=8)
    (action,) = await read_table(stage, actions)
    assert action["encrypted_details"] is None
    assert await differences(stage) == []
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await read_table(stage, consents) == []
    assert await differences(stage) == []


async def test_figures_hide_what_fewer_than_five_answered(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    await answers(maria, "Right bank", "No")
    await maria.presses("Send in my name")
    today = f"{stage.clock():%Y-%m-%d}"

    async def others(bank: str, count: int) -> str:
        """Count the answers of others; return what the figures say then."""
        alike = [Tally("river", Figure.OWN_ANSWER, today, f"bank={bank}", count)]
        alike += [Tally("river", Figure.OWN_ANSWER, today, "call=no", count)]
        await counts(stage, *alike)
        await olga.says("/stats river all")
        return "\n".join(olga.heard())

    assert "Bank\ntoo few answers to show" in await others("left", 6)
    told = await others("right", 3)
    assert "Bank\nLeft bank 5 or more · Right bank fewer than 5" in told
    told = await others("right", 1)
    assert "Bank\nLeft bank 6 · Right bank 5" in told
    assert "Calls\nYes 0 · No 11" in told
