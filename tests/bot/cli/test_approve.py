"""`actionbot approve`: a team of one sends a broadcast without waiting."""

from bot.playground.telegram.person import Person
from tests.bot.organisation import Organisation, hears, presses


async def campaigner_with_held_broadcast(organisation: Organisation) -> tuple[Person, str]:
    """Return a subscriber, and the id of a broadcast to everybody that waits."""
    olga = organisation.telegram.add_person(771_001, "Olga")
    ana = organisation.telegram.add_person(771_002, "Ana")
    ana.start("hong-kong")
    await hears(ana, "Hong Kong")
    message = ana.messages[ana.chat()[-1]["message_id"]]
    ana.telegram.press(ana, message, "s:updates:hong-kong:this")
    await hears(ana, "updates")
    olga.send("/broadcast")
    await hears(olga, "Send me the update")
    olga.send("Good news")
    await presses(olga, "Continue")
    await presses(olga, "Send to fewer than 5 people")
    await hears(olga, "It goes out on")
    text = olga.chat()[-1]["text"]
    return ana, text.rpartition("actionbot approve ")[2].strip()


async def test_a_team_of_one_approves_on_the_server(organisation: Organisation) -> None:
    organisation.sets(telegram={"campaigners": [771_001], "second_eyes_above": 0})
    async with organisation.running("run"):
        nothing = await organisation.types("approve")
        assert nothing.out == "No broadcast waits for approval.\n"
        ana, id_ = await campaigner_with_held_broadcast(organisation)
        listed = await organisation.types("approve")
        assert listed.out == f"{id_}  held: it goes out at once\n"
        other = await organisation.types("approve", "0" * 12)
        assert other.status == 2
        assert other.err.startswith(
            f"✗ {'0' * 12}: No broadcast with this id waits for approval.\n"
        )
        kept = await organisation.types("approve", id_, piped=b"n\n")
        assert kept.status == 1
        assert "--- en\nGood news\n---\nFor: 1 subscribers of hong-kong. It is held" in kept.out
        done = await organisation.types("approve", id_, "--yes")
        assert done.out.endswith("Approved.\n")
        await hears(ana, "Good news")
        again = await organisation.types("approve", id_, "--yes")
        assert again.status == 2
