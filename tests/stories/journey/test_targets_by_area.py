"""A campaign with 650 targets: a postcode leads to its area, and the area to its targets."""

from storage.schema.tables import counters
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.test_several_targets import figures
from tests.stories.own_questions import QUESTIONS
from tests.stories.records import read_table

BRAGA = ("bento", "berta", "bruno")


def address(name: str) -> str:
    return f"{name}@parliament.example"


def opens_650(stage: Stage) -> None:
    """Open a campaign with a member for each of 647 areas, and three for Braga."""
    stage.opens("river")
    folder = stage.campaigns / "river"
    file = folder / "campaign.toml"
    head = file.read_text(encoding="utf-8").partition("# Everyone writes")[0]
    keys = 'write_to = "all"\ntargets_by = "postcode"\n'
    defaults = '[target_defaults]\ncountry = "PT"\nlanguages = ["en"]\n'
    question = QUESTIONS.partition('[[questions]]\nid = "bank"')[0]
    file.write_text(f"{head}{keys}\n{defaults}{question}", encoding="utf-8")
    members = [(f"m{number}", str(number)) for number in range(1000, 1647)]
    members += [(name, "Braga") for name in BRAGA]
    rows = "".join(
        f"{name},{name.title()} Silva,{address(name)},{area}\n" for name, area in members
    )
    (folder / "targets.csv").write_text(f"id,name,address,areas\n{rows}", encoding="utf-8")
    (folder / "areas.csv").write_text("prefix,area\n4700,Braga\n4705-1,Braga\n", encoding="utf-8")


async def writes_from(chat: Chat, postcode: str, mailbox: str) -> None:
    await chat.starts("river")
    await chat.presses("Write the letter")
    await chat.says("Maria Silva", "Portugal", postcode, mailbox)
    await chat.types_the_code()


async def test_the_members_of_an_area_get_the_letters(stage: Stage) -> None:
    opens_650(stage)
    maria, ahmed = stage.person("Maria", "Silva"), stage.person("Ahmed", "Khan")
    await writes_from(maria, "1321 005", "maria@mail.example")
    assert "To: M1321 Silva" in maria.heard()[-1]
    await maria.presses("Send in my name")
    await writes_from(ahmed, "4705-123", "ahmed@mail.example")
    assert "To: Bento Silva, Berta Silva, and Bruno Silva" in ahmed.heard()[0]
    await ahmed.presses("Send in my name")
    await stage.later(seconds=11)
    assert ahmed.heard()[-1].startswith("✎ ✓ All your letters (3) were sent.")
    recipients = [each for mail in stage.inbox.mails for each in mail.recipients]
    letters = sorted(each for each in recipients if each.endswith("@parliament.example"))
    assert letters == [*map(address, BRAGA), address("m1321")]
    assert await figures(stage) == {
        ("step", "sent"): 2,
        ("step", "accepted"): 2,
        ("further", "sent"): 2,
        ("further", "accepted"): 2,
    }
    (counter,) = await read_table(stage, counters)
    assert counter["accepted"] == 4
