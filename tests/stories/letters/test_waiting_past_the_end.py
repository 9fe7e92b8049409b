"""Letters that would wait past the day until which data may be kept, or past the campaign's end."""

from datetime import UTC, datetime

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import TARGET

PACED = "letters_per_hour = 1\n"


def paced(stage: Stage, *dates: str, hour: int = 22) -> None:
    """Open the sample campaign with a pace and these dates, late on March 5, 2029."""
    stage.opens("hong-kong")
    file = stage.campaigns / "hong-kong" / "campaign.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("keep_until", "closes", "opens"))]
    kept.insert(kept.index("[targets.name]"), PACED)
    file.write_text("\n".join([*dates, *kept]), encoding="utf-8")
    stage.clock.move_to(datetime(2029, 3, 5, hour, 30, tzinfo=UTC))


async def at_the_review(stage: Stage, name: str) -> Chat:
    chat = stage.person(name, "Reis")
    await chat.comes_to_the_review(address=f"{name.lower()}@mail.example")
    return chat


async def test_a_letter_that_would_leave_too_late_is_not_accepted(stage: Stage) -> None:
    paced(stage, "keep_until = 2029-03-05", hour=23)
    ana, eva = await at_the_review(stage, "Ana"), await at_the_review(stage, "Eva")
    await ana.presses("Send in my name")
    await eva.presses("Send in my name")
    said = eva.heard()[-1]
    assert "Yours would be sent after March 5, 2029" in said
    assert ["Send in my name"] not in eva.buttons
    await stage.later(minutes=20)
    assert len(stage.mails_to(TARGET)) == 1


async def test_a_letter_that_leaves_after_the_end_is_announced(stage: Stage) -> None:
    paced(stage, "keep_until = 2029-09-30", "closes = 2029-03-05T23:00:00Z")
    ana = await at_the_review(stage, "Ana")
    await ana.presses("Send in my name")
    eva = await at_the_review(stage, "Eva")
    assert "after the campaign ends on March 5, 2029" in eva.heard()[-1]
    assert ["Send in my name"] in eva.buttons


async def test_a_letter_that_waits_too_long_is_cancelled_and_its_supporter_told(
    stage: Stage,
) -> None:
    paced(stage, "keep_until = 2029-03-06")
    ana, eva = await at_the_review(stage, "Ana"), await at_the_review(stage, "Eva")
    await ana.presses("Send in my name")
    await eva.presses("Send in my name")
    eva.heard()
    stage.clock.move_to(datetime(2029, 3, 7, 0, 1, tzinfo=UTC))
    await stage.run_retention()
    await stage.send_mail()
    assert eva.heard()[-1] == (
        "✎ Your letter couldn’t be sent by March 6, 2029, when this campaign’s data must be"
        " deleted. It wasn’t sent and isn’t counted."
    )
    assert stage.mails_to(TARGET) == []
