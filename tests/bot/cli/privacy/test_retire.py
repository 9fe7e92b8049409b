"""`actionbot notice` and `actionbot retire`: tell everybody, and wipe everything."""

import json
from datetime import date, timedelta
from pathlib import Path

from bot.clock import utc_now
from tests.bot.organisation import Organisation, hears, walks_to_the_end

TYPED = b"wipe everything\n"


def files(organisation: Organisation) -> set[str]:
    """Return the names of the files in the organisation's folder, without its campaigns."""
    found = (each for each in organisation.folder.rglob("*") if each.is_file())
    campaigns = organisation.folder / "campaigns"
    return {each.name for each in found if campaigns not in each.parents}


def state(organisation: Organisation) -> Path:
    (found,) = organisation.folder.rglob("*.retirement")
    return found


async def test_everybody_hears_of_the_end_and_then_everything_is_wiped(
    organisation: Organisation,
) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        await walks_to_the_end(person, organisation, "wilhelmina@mailbox.example")
        announced = await organisation.types("retire", "--days", "7", piped=b"y\n")
        assert (announced.status, announced.err) == (0, "")
        await hears(person, "This bot ends on")
        ends = utc_now().date() + timedelta(days=7)
        waits = await organisation.types("retire")
        assert waits.out.splitlines() == [
            f"Announced. Stop the bot on {ends} or later, then run this again.",
            "To wipe today: --now. To call it off: --cancel.",
        ]
        running = await organisation.types("retire", "--now", piped=TYPED)
        assert running.status == 2
        assert running.err == "✗ The bot is running.\n  → Stop it on every machine first.\n"
    refused = await organisation.types("retire", "--now", piped=b"yes\n")
    assert refused.status == 1
    assert refused.out.splitlines()[-1].endswith("Nothing was wiped.")
    assert {"actionbot.db", "actionbot.keys"} <= files(organisation)
    wiped = await organisation.types("retire", "--now", piped=TYPED)
    assert (wiped.status, wiped.err) == (0, "")
    report = f"actionbot-retired-{utc_now().date()}.md"
    assert files(organisation) == {"actionbot.toml", report}
    text = (organisation.folder / report).read_text()
    assert "- Table `actions`: 1 rows.\n" in text
    assert "- Backups. The server's keys are gone, so only a copy of the key file opens one" in text
    assert "Wilhelmina" not in text


async def test_a_wipe_that_was_interrupted_goes_on(organisation: Organisation) -> None:
    async with organisation.running("run"):
        await organisation.types("retire", piped=b"y\n")
    saved = json.loads(state(organisation).read_text())
    past = {"wipe_on": str(date(2020, 1, 1))}
    state(organisation).write_text(json.dumps(saved | past))
    asked = await organisation.types("retire", piped=b"\n")
    assert asked.status == 1, "the day has come, but nothing is wiped without the typed words"
    begun = {"wiping": True, "rows": {"chats": 1}, "first_day": "2026-01-01"}
    state(organisation).write_text(json.dumps(saved | past | begun))
    (keys,) = organisation.folder.rglob("actionbot.keys")
    keys.unlink()
    cancelled = await organisation.types("retire", "--cancel")
    assert cancelled.err.startswith("✗ The wipe has begun.\n")
    done = await organisation.types("retire")
    assert done.status == 0
    assert "- Table `chats`: 1 rows." in done.out
    assert "made on 2026-01-01 or later" in done.out
    assert not {"actionbot.db", "actionbot.keys"} & files(organisation)


async def test_it_is_announced_once_and_can_be_called_off(organisation: Organisation) -> None:
    async with organisation.running("run"):
        none = await organisation.types("retire", "--cancel")
        assert none.err == "✗ The bot isn't being retired.\n"
        declined = await organisation.types("retire", piped=b"n\n")
        assert declined.status == 1
        await organisation.types("retire", piped=b"y\n")
        off = await organisation.types("retire", "--cancel")
        assert off.out.startswith("Called off. ")
        assert not list(organisation.folder.rglob("*.retirement"))


async def test_a_notice_comes_from_files_named_after_languages(organisation: Organisation) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    notice = organisation.folder / "en.txt"
    notice.write_text("A backup was stolen.")
    other = organisation.folder / "note.txt"
    other.write_text("A backup was stolen.")
    async with organisation.running("run"):
        person.start("hong-kong")
        await hears(person, "Hong Kong")
        wrong = await organisation.types("notice", str(other))
        assert wrong.err.startswith("✗ note.txt: This isn't the name of a language.\n")
        sent = await organisation.types("notice", str(notice), piped=b"y\n")
        assert sent.status == 0
        assert "A notice about your data from Open Letters Hong Kong" in sent.out
        await hears(person, "A backup was stolen.")
        notice.write_text("Vote: https://vote.example")
        refused = await organisation.types("notice", str(notice), "--yes")
        assert refused.status == 2
        assert "A notice can’t contain links" in refused.err
