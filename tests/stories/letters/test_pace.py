"""Letters are sent one at a time within the target's hours; each supporter sees when."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import HELD_BACK, TARGET

LANGUAGES = 'languages = ["en", "zh-Hant"]\n'
PACED = 'time_zone = "Asia/Hong_Kong"\nhours = "09:00-17:00"\nletters_per_hour = 6\n'
OPENS = datetime(2029, 3, 5, 1, 0, tzinfo=UTC)
"""09:00 in Hong Kong, which has no daylight saving time."""


def paces(stage: Stage) -> None:
    stage.opens("hong-kong")
    file = stage.campaigns / "hong-kong" / "campaign.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[targets.name]", f"{PACED}[targets.name]"), encoding="utf-8")
    # A time well before the campaign's end, at night in Hong Kong.
    stage.clock.move_to(OPENS - timedelta(hours=6))


async def send(stage: Stage, number: int) -> Chat:
    chat = stage.person(f"Ana{number}", "Reis")
    await chat.comes_to_the_review(address=f"ana{number}@mail.example")
    await chat.presses("Send in my name")
    return chat


async def test_letters_wait_for_the_targets_hours_and_for_each_other(stage: Stage) -> None:
    paces(stage)
    chats = [await send(stage, number) for number in range(3)]
    assert chats[0].heard()[0] == (
        "Your letter is scheduled for March 5, 2029, 01:00 UTC. You can undo it until then."
    )
    await stage.later(hours=5)
    assert stage.mails_to(TARGET) == []
    await stage.later(hours=1, minutes=1)
    assert len(stage.mails_to(TARGET)) == 1
    assert "was sent at" in chats[0].heard()[-1]
    await stage.later(minutes=30)
    assert len(stage.mails_to(TARGET)) == 3
    times = [parsedate_to_datetime(mail.message["Date"]) for mail in stage.mails_to(TARGET)]
    assert min(times) >= OPENS


async def test_undo_works_until_the_letter_is_sent_and_frees_its_slot(stage: Stage) -> None:
    paces(stage)
    ana = await send(stage, 1)
    for _ in range(3):
        await stage.later(minutes=2)
        await ana.presses("Undo")
        assert ana.heard()[0] == f"✎ {HELD_BACK}"
        await ana.presses("Send in my name")
        assert ana.heard()[0].startswith("Your letter is scheduled for March 5, 2029, 01:00 UTC.")
    eva = await send(stage, 2)
    assert eva.heard()[0].startswith("Your letter is scheduled for March 5, 2029, 01:")
    await stage.later(hours=6)
    assert len(stage.mails_to(TARGET)) == 1
