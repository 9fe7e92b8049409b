"""After a restore, letters that were erased, chats that were cleared, and blocks stay so."""

from pathlib import Path
from typing import Any

import pytest

from bot.cli.database import backups
from bot.mail.incoming.inbound_mail import Disposition
from bot.settings.model import Settings
from storage.schema import tables as t
from storage.stats import recount
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigns.test_links import NAME
from tests.stories.journey.test_disowning import replies
from tests.stories.letters.incoming import bounces
from tests.stories.letters.test_settling import settle
from tests.stories.lines import TARGET, WELCOME_BUTTONS
from tests.stories.operations.test_restored_erasures import (
    copies_erasures,
    count,
    elsewhere,
    file,
    restores,
)
from tests.stories.privacy.discreet import clears
from tests.stories.privacy.discreet import sends as sends_discreetly
from tests.stories.privacy.test_consents import LETTER
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin

__all__ = ["elsewhere", "file"]  # fixtures


async def take_back(maria: Chat) -> None:
    """Take back the consent to the only letter."""
    await maria.says("/privacy")
    await maria.presses(LETTER)


@pytest.mark.parametrize("settled", [False, True], ids=["sent", "settled"])
async def test_a_letter_whose_consent_was_taken_back_does_not_come_back(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path, settled: bool
) -> None:
    """A settled letter has another id in the log than in the backup from before."""
    await maria.sends_the_letter()
    await stage.later(seconds=31)
    await backups.backup(stage.settings, file)
    if settled:
        await settle(stage, days=8)
        (action,) = await read_table(stage, t.actions)
        assert (action["encrypted_details"], action["final_state"]) == (None, "accepted")
    await take_back(maria)
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    assert await count(elsewhere, "actions") == {"actions": 0}
    await stage.restart_with(elsewhere)
    async with stage.bot() as app:
        core = app.core
        _, differences = await core.database.read(lambda c: recount.recount(c, core.vault))
    assert differences == []


async def test_a_letter_that_left_after_the_backup_and_was_erased_is_not_sent_again(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await backups.backup(stage.settings, file)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1
    await take_back(maria)
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    await stage.restart_with(elsewhere)
    await stage.later(hours=1)
    assert len(stage.mails_to(TARGET)) == 1


async def test_a_cleared_chat_does_not_come_back(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    await sends_discreetly(stage, maria)
    await maria.says("/subscribe")
    await maria.presses("Yes")
    await backups.backup(stage.settings, file)
    await clears(stage, hours=6, minutes=1)
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    tables = ("chats", "subscriptions", "actions")
    assert await count(elsewhere, *tables) == {"chats": 0, "subscriptions": 0, "actions": 1}
    await stage.restart_with(elsewhere)
    (mail,) = [each for each in await read_table(stage, t.outbox) if each["kind"] == "letter"]
    assert (mail["encrypted_chat"], mail["encrypted_status_message"]) == (None, None)
    maria.heard()
    await bounces(stage, TARGET)
    await stage.later(minutes=5)
    await stage.clear_chats()
    assert maria.heard() == [], "nothing is written to the chat"
    await maria.starts("hong-kong")
    assert maria.buttons == WELCOME_BUTTONS


async def test_a_sender_who_was_blocked_stays_blocked(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    """Their letter that waited in the backup is not sent."""
    stage.opens("river")
    olga = await first_admin(stage)
    await maria.sends_the_letter()
    await stage.later(minutes=2)
    (sent,) = stage.mails_to(TARGET)
    code = str(sent.message["X-Report-Abuse"]).partition("abuse-")[2].strip(">")
    await maria.comes_to_the_review(campaign="river")
    await maria.presses("Send in my name")
    await backups.backup(stage.settings, file)
    await olga.says("/campaigns")
    await olga.presses(NAME, "More…", "Block a sender")
    await olga.says(code)
    await olga.presses("Block sender")
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    assert await count(elsewhere, "blocked_senders") == {"blocked_senders": 1}
    await stage.restart_with(elsewhere)
    await stage.later(hours=1)
    assert sorted(each["state"] for each in await letters(stage)) == ["accepted", "cancelled"]
    await maria.starts("river")
    assert maria.heard()[-1].startswith("The team has blocked you from writing letters here")


async def test_a_sender_who_was_unblocked_may_write(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    stage.opens("river")
    olga = await first_admin(stage)
    await maria.sends_the_letter()
    (sent,) = stage.mails_to(TARGET)
    code = str(sent.message["X-Report-Abuse"]).partition("abuse-")[2].strip(">")
    await olga.says("/campaigns")
    await olga.presses(NAME, "More…", "Block a sender")
    await olga.says(code)
    await olga.presses("Block sender")
    await backups.backup(stage.settings, file)
    await olga.presses("Unblock sender")
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    assert await count(elsewhere, "blocked_senders") == {"blocked_senders": 0}


async def test_an_address_that_was_disowned_stays_disowned(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    """A letter with the address that waited in the backup is not sent, and its code ends."""
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    code = stage.mails_to("maria@mail.example")[0]
    await backups.backup(stage.settings, file)
    assert await replies(stage, code.sender, "This wasn’t me!") is Disposition.DONE
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    assert await count(elsewhere, "disowned_addresses") == {"disowned_addresses": 1}
    await stage.restart_with(elsewhere)
    await stage.later(hours=1)
    assert [each["state"] for each in await letters(stage)] == ["cancelled"]
    assert stage.mails_to(TARGET) == []


async def test_letters_of_a_closed_campaign_that_were_cancelled_are_not_sent(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    """Their writers were told that nothing was sent."""
    olga = await first_admin(stage)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await backups.backup(stage.settings, file)
    await olga.says("/campaigns")
    await olga.presses("Close", "Close, withdraw waiting")
    assert [each["state"] for each in await letters(stage)] == ["cancelled"]
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    await stage.restart_with(elsewhere)
    await stage.later(hours=1)
    assert [each["state"] for each in await letters(stage)] == ["cancelled"]
    assert stage.mails_to(TARGET) == []


async def letters(stage: Stage) -> list[dict[str, Any]]:
    return [each for each in await read_table(stage, t.outbox) if each["kind"] == "letter"]
