"""Did they answer? One question to who agreed, and none where the bot knows the answer."""

from datetime import timedelta

import pytest

from bot.charts import drawing_process
from storage.schema.tables import answers, scheduled_messages
from tests import replies
from tests.chat import Chat
from tests.returned import mail
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.journey.test_own_words import differences
from tests.stories.letters.test_incoming import written
from tests.stories.lines import UPDATES
from tests.stories.records import read_table

ASK = (
    "Shall I ask you in 14 days whether you got an answer? I’ll ask once. It shows which recipients"
    " answer, without your name."
)
THANKS = "✎ Thank you. I’ve counted this, and it no longer leads to you."
MINISTRY = "From: Gabinete <gabinete@ministerio-ambiente.example>"
CHOICES = ["No answer", "Automatic answer", "Real answer"]


@pytest.fixture
def asks(stage: Stage) -> None:
    """The river's campaign asks after 14 days; replies go to the supporters."""
    stage.opens("river")
    settings = 'ask_after_days = 14\nreply_to = "supporter"'
    stage.edits("river/campaign.toml", 'reply_to = "organisation"', settings)


async def agrees(stage: Stage, name: str) -> Chat:
    person = stage.person(name, "Silva")
    await person.sends_the_letter(campaign="river", address=f"{name.lower()}@mail.example")
    question = next(each for each in person.person.chat() if each["text"] == ASK)
    (yes, no), *_ = question["keyboard"]
    assert (yes["text"], no["text"]) == ("Yes", "No")
    await person.presses_again(question["message_id"], yes["data"])
    (said,) = person.heard()
    assert said.startswith("✎ I’ll ask you once, around ")
    return person


async def two_weeks_pass(stage: Stage) -> None:
    stage.clock.ahead += timedelta(days=15)
    await stage.send_scheduled_messages()


async def kinds(stage: Stage) -> list[str]:
    return sorted(row["value"] for row in await read_table(stage, answers))


@pytest.mark.usefixtures("asks")
async def test_one_tap_is_counted_and_leads_to_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def draw(chart: object) -> bytes:
        return b"\x89PNG"

    monkeypatch.setattr(drawing_process, "draw", draw)
    olga = stage.person("Olga")
    appoint(stage, olga)
    people = [await agrees(stage, name) for name in ("Maria", "Ana", "Rui", "Eva", "Ivo")]
    await two_weeks_pass(stage)
    for person, answer in zip(people, (*CHOICES, "Real answer", "No answer"), strict=True):
        (asked,) = person.heard()
        assert asked.endswith("you sent a letter from this chat. Did its recipient answer?")
        assert [row[0] for row in person.buttons] == CHOICES
        data = person.last["keyboard"][0][0]["data"]
        await person.presses(answer)
        person.hears(THANKS)
        await person.presses_again(person.last["message_id"], data)
        person.hears("(That’s no longer there.)")
    await two_weeks_pass(stage)
    assert people[0].heard() == []
    assert await kinds(stage) == ["automatic", "none", "none", "real_30", "real_30"]
    assert await read_table(stage, scheduled_messages) == []
    assert await differences(stage) == []
    await olga.says("/stats all")
    assert (
        "Did they answer?\nMinistry of the Environment of Portugal: 2 of 5 got a real answer, 2 of"
        " them within 30 days. Automatic answers: 1."
    ) in olga.heard()[0]


@pytest.mark.usefixtures("asks")
async def test_nobody_is_asked_what_the_bot_knows(stage: Stage) -> None:
    maria, ana = await agrees(stage, "Maria"), await agrees(stage, "Ana")
    of_maria, of_ana = stage.mails_to("gabinete@ministerio-ambiente.example")
    reply = mail(f"To: {of_maria.sender}", MINISTRY, "Subject: The dam", body="We will look at it.")
    await stage.receive_mail(reply)
    assert await kinds(stage) == ["real_7"]
    await stage.receive_mail(written(of_ana.sender, replies.RECEIPTS["english"]))
    maria.heard()
    ana.heard()
    await two_weeks_pass(stage)
    assert (maria.heard(), ana.heard()) == ([], [])
    assert await kinds(stage) == ["automatic", "real_7"]
    assert await read_table(stage, scheduled_messages) == []
    assert await differences(stage) == []


@pytest.mark.usefixtures("asks")
async def test_agreement_is_taken_back_and_ends_with_the_letter(stage: Stage) -> None:
    maria = await agrees(stage, "Maria")
    await maria.says("/mydata")
    assert "The question whether your letter for “Let the Amieiro flow” was answered" in str(
        maria.heard()
    )
    await maria.presses("Take back: question about the answer")
    assert "I won’t ask." in maria.heard()
    assert await read_table(stage, scheduled_messages) == []
    ana = await agrees(stage, "Ana")
    await ana.says("/forget")
    await ana.presses("Delete everything")
    assert await read_table(stage, scheduled_messages) == []
    rui = await agrees(stage, "Rui")
    await rui.blocks()
    await two_weeks_pass(stage)
    assert await read_table(stage, scheduled_messages) == []
    assert await kinds(stage) == []


@pytest.mark.usefixtures("asks")
async def test_two_questions_at_most_follow_a_letter(stage: Stage) -> None:
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name")
    *_, updates, about_answer = maria.heard()
    assert (updates, about_answer) == (UPDATES, ASK)
    await stage.later(seconds=31)
    await maria.says("/mydata")
    await maria.presses("Save my details")
    assert maria.heard()[-1].startswith("✎ I’ll keep your name, country and email address")
