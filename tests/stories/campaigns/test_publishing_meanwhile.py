"""A campaign is published, changed and restored while a supporter is half-way through."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.services.conversation.replies.reply_sender import ReplySender
from conversations.folder.campaign_files import CampaignFiles
from conversations.model.campaigns.versions import VersionOrigin
from conversations.model.roles import Role
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigns.editor import CONSENT, opens_the_editor
from tests.stories.journey.test_remind_me import REMINDER
from tests.stories.lines import TARGET
from tests.stories.staff.test_alarms import check_once
from tests.stories.staff.test_team import first_admin, invited

UNAVAILABLE = (
    "That campaign isn’t available right now: something went wrong on my side. Please try again"
    " later."
)
NOT_AVAILABLE = (
    "hong-kong\nnot available\n\nI can’t use its newest version. Supporters are told to try again"
    " later. Letters that wait are still sent."
)
POLITICAL = "Your letter shows your political opinion."
"""It is in CONSENT, and not in the sample campaign."""


async def writes_another_consent(admin: Chat) -> None:
    """Let an admin change what supporters agree to, up to the last button before it is public."""
    await opens_the_editor(admin)
    await admin.presses("Texts", "English", "Consent and privacy", "Consent")
    await admin.says(CONSENT)
    await admin.presses("Publish…")


async def comes_to_a_lost_review(maria: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a supporter type the code, and lose the letter that the bot shows then."""
    stage = maria.stage
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await stage.send_mail()
    with monkeypatch.context() as patch:
        patch.setattr(ReplySender, "send", lambda *_: None)
        await maria.says(maria.code())


async def restores(admin: Chat, number: int) -> None:
    await admin.says("/campaigns")
    await admin.presses("More…", "Versions", str(number), "Restore this version")
    await admin.presses("Publish…", "Yes, publish")


async def publishes_as_another_release(stage: Stage, old: bytes, new: bytes) -> None:
    """Publish a change of the newest version, in whatever form, and restart the bot."""
    async with stage.bot() as app:
        core = app.core

        def publish(connection: Connection) -> None:
            newest = versions.load_newest(connection, core.vault, "hong-kong")
            assert newest is not None
            content = {name: each.replace(old, new) for name, each in newest.files.content.items()}
            files, origin = CampaignFiles("hong-kong", content), VersionOrigin.COMMAND
            version = NewVersion(files, newest.info.number, origin)
            versions.publish(connection, core.vault, version, core.clock())

        await core.database.transact(publish)
    await stage.restart_with(stage.settings)


async def test_a_restarted_older_release_keeps_a_campaign_that_it_cannot_read(
    stage: Stage, maria: Chat
) -> None:
    """It doesn't serve an older version: the newest one may correct an address."""
    olga = await first_admin(stage)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await publishes_as_another_release(stage, b"goal = 20000", b"goal_of_letters = 20000")
    await maria.says("Maria Silva")
    maria.hears(UNAVAILABLE)
    for payload in ("", "hong-kong"):
        await maria.starts(payload)
        maria.hears(UNAVAILABLE)
    pedro = stage.person("Pedro")
    for payload in ("", "hong-kong"):
        await pedro.starts(payload)
        pedro.hears(UNAVAILABLE)
    async with stage.bot() as app:
        await check_once(app)
    alert = olga.heard()[-1]
    assert alert.startswith("“hong-kong” is not available. Since ")
    assert alert.endswith(
        "\n\nhong-kong: This release of the bot can't read its newest version, so the campaign"
        " isn't served."
    )
    await publishes_as_another_release(stage, b"goal_of_letters = 20000", b"goal = 20000")
    await maria.says("Maria Silva")
    assert "Which country" in "".join(maria.heard())
    async with stage.bot() as app:
        await check_once(app)
    assert olga.heard()[-1].endswith("is available again.")


async def test_an_admin_restores_a_version_of_a_campaign_that_is_not_served(
    stage: Stage, maria: Chat
) -> None:
    """Meanwhile reminders wait, unless it becomes too late for them."""
    olga, pedro = await first_admin(stage), stage.person("Pedro")
    for supporter, when in ((maria, "In 4 hours"), (pedro, "In 1 hour")):
        await supporter.starts("hong-kong")
        await supporter.presses("Write the letter", "Continue")
        await supporter.says("Maria Silva", "later")
        await supporter.presses(when)
        supporter.heard()
    await publishes_as_another_release(stage, b"goal = 20000", b"goal_of_letters = 20000")
    stage.clock.ahead += timedelta(hours=4.6)
    await stage.send_scheduled_messages()
    maria.hears()
    await olga.says("/campaigns")
    (page,) = olga.heard()
    assert page.startswith(
        f"{NOT_AVAILABLE}\n\nIf an older release of me is running, start the newer one. Otherwise"
        " correct the campaign with “Edit”, or restore an older version with “Versions”.\n\n"
    )
    assert olga.buttons == [["Edit"], ["Pause letters"], ["Versions"], ["New campaign…"]]
    await olga.presses("Edit")
    assert "goal_of_letters: This key is not known." in olga.heard()[-1]
    await olga.presses("Back")
    olga.hears("✎ Campaigns\n• hong-kong: not available")
    await olga.presses("hong-kong", "Pause letters")
    assert olga.heard()[-1] == (
        "✎ Pause the letters for “hong-kong”? Nobody can write at the moment. Letters that wait"
        " will stay here, and I’ll tell those who wrote them."
    )
    await olga.presses("No, go back", "Versions")
    title, note, *_ = olga.heard()[-1].split("\n")
    assert title == "✎ Versions of hong-kong"
    assert note == "I can’t use the newest one, so supporters see none."
    await olga.presses("2")
    assert "Supporters see this version." not in olga.heard()[-1]
    await olga.presses("Back", "1", "Restore this version", "Publish…", "Yes, publish")
    assert olga.heard()[-1].startswith("✎ ✓ Published: version 3 of “")
    stage.clock.ahead += timedelta(minutes=30)
    await stage.send_scheduled_messages()
    maria.hears(REMINDER)
    pedro.hears()
    await olga.says("/campaigns")
    assert "accepting letters" in olga.heard()[-1]


async def test_a_campaigner_reads_what_an_admin_can_do_about_it(stage: Stage, maria: Chat) -> None:
    olga, rui = await first_admin(stage), stage.person("Rui")
    await rui.starts(await invited(olga, Role.CAMPAIGNER))
    await publishes_as_another_release(stage, b"goal = 20000", b"goal_of_letters = 20000")
    rui.heard()
    await rui.says("/campaigns")
    (page,) = rui.heard()
    assert page.startswith(
        f"{NOT_AVAILABLE}\n\nYou can correct the campaign with “Edit”. An admin can start a newer"
        " release of me, or restore an older version.\n\n"
    )
    assert rui.buttons == [["Edit"], ["New campaign…"]]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_every_process_answers_with_the_newest_version_at_once(
    stage: Stage, maria: Chat
) -> None:
    olga = await first_admin(stage)
    await maria.comes_to_the_review()
    await writes_another_consent(olga)
    async with stage.bot() as other:
        pass
    await olga.presses("Yes, publish")  # another process answers
    maria.person.press(maria.last["message_id"], "Send in my name")
    maria.heard()
    await stage.answer_updates_in(other)  # before it has looked for versions
    assert POLITICAL in "".join(maria.heard())
    assert stage.mails_to(TARGET) == []


async def test_a_letter_is_shown_again_after_a_crash_as_it_is_now(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = await first_admin(stage)
    await comes_to_a_lost_review(maria, monkeypatch)
    await writes_another_consent(olga)
    await olga.presses("Yes, publish")
    stage.clock.ahead += timedelta(seconds=31)
    await stage.send_mail()  # also sends what was lost
    assert POLITICAL in "".join(maria.heard())
    await restores(olga, 1)
    await maria.presses("Send in my name")
    assert POLITICAL not in "".join(maria.heard())
    assert stage.mails_to(TARGET) == []
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1


async def test_a_version_is_restored_once(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    stage.edits("hong-kong/campaign.toml", "goal = 20000", "goal = 30000")
    await olga.says("/campaigns")
    await olga.presses("More…", "Versions", "1", "Restore this version", "Publish…")
    await olga.presses_at_once("Yes, publish", "Yes, publish")
    await olga.says("/campaigns")
    await olga.presses("More…", "Versions")
    assert olga.buttons == [["3", "2", "1"], ["Back"]]
