"""Alerts that need an admin: who handles them, urgent ones by mail, and when they end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.app import App
from bot.services.monitoring import watchdog
from storage import database_health
from storage.schema.tables import alerts
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import ANSWERED, TARGET
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint, hold_unknown_letters

OPS = "ops@river.example"
REFUSES = "535 5.7.8 log in first"
OVER = "✎ The mail server is accepting mail again. Waiting letters go out one by one."
FULL = (
    "The database is full: I can’t save anything, so I’m answering nobody. Telegram keeps new"
    " messages for 24 hours, and waiting letters are safe. Free some space and I’ll carry on by"
    " myself."
)


@pytest.fixture(autouse=True)
def enough_disk_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog finds no problem with the disk, whatever this machine's disk is like."""
    monkeypatch.setattr(watchdog, "disk_space", lambda total, free: None)


async def admins(stage: Stage) -> tuple[Chat, Chat]:
    olga, paul = stage.person("Olga", "Reis"), stage.person("Paul")
    appoint(stage, olga, paul)
    for admin in (olga, paul):
        await admin.starts()
        admin.heard()
    return olga, paul


async def send_alerts(stage: Stage) -> None:
    """Run the bot's alert sender once."""
    async with stage.bot() as app:
        await app.monitoring.alert_sender.run_once()


def rings(chat: Chat) -> bool:
    """Whether the last message came with a sound."""
    return chat.last["message_id"] not in chat.person.silent


async def test_the_other_admins_see_who_handles_an_alert(stage: Stage, maria: Chat) -> None:
    olga, paul = await admins(stage)
    stage.inbox.refusals[TARGET] = REFUSES
    await maria.sends_the_letter()
    (told,) = olga.heard()
    assert paul.heard() == [told]
    assert olga.buttons == [["I’m on it"], ["Try now", "Pause all sending"]]
    assert rings(olga)
    (row,) = await read_table(stage, alerts)
    await olga.presses("I’m on it")
    (mine,) = olga.heard()
    assert mine.startswith(f"✎ {told}\n\nYou’re on it, since ")
    assert olga.buttons == paul.buttons[1:] == [["Try now", "Pause all sending"]]
    await send_alerts(stage)
    (others,) = paul.heard()
    assert others.startswith(f"✎ {told}\n\nOlga Reis is on it, since ")
    assert olga.heard() == []
    assert paul.buttons == [["Try now", "Pause all sending"]]
    await paul.presses_again(paul.last["message_id"], f"s:got:{row['alert']}")
    paul.hears("(Olga Reis is already on it.)")
    await maria.presses_again(maria.last["message_id"], f"s:got:{row['alert']}")
    maria.hears(ANSWERED)
    stage.inbox.refusals.clear()
    await stage.later(hours=1)
    assert (olga.heard(), paul.heard()) == ([OVER], [OVER])
    await paul.presses_again(paul.last["message_id"], f"s:got:{row['alert']}")
    paul.hears(ANSWERED)
    await paul.says("/audit")
    assert (
        paul.heard()[0]
        .splitlines()[2]
        .endswith("took on an alert: the mail server isn’t accepting mail")
    )


async def test_of_two_admins_who_press_at_once_one_handles_it(stage: Stage, maria: Chat) -> None:
    olga, paul = await admins(stage)
    stage.inbox.refusals[TARGET] = REFUSES
    await maria.sends_the_letter()
    (told,), _ = olga.heard(), paul.heard()
    for admin in (olga, paul):
        admin.person.press(admin.last["message_id"], "I’m on it")
    await stage.answer_updates_at_once()
    heard = sorted((olga.heard() + paul.heard()), reverse=True)
    assert len(heard) == 2
    assert heard[0].startswith(f"✎ {told}\n\nYou’re on it, since ")
    assert heard[1] in ("(Olga Reis is already on it.)", "(Paul is already on it.)")


async def test_an_admin_tries_the_mail_server_again(stage: Stage, maria: Chat) -> None:
    olga, _ = await admins(stage)
    stage.inbox.refusals[TARGET] = REFUSES
    await maria.sends_the_letter()
    olga.heard()
    stage.inbox.refusals.clear()
    await stage.later(seconds=1)
    assert stage.mails_to(TARGET) == []
    await olga.presses("Try now")
    olga.hears("(Trying now. If it works, this message will say so.)")
    await stage.send_mail()
    olga.hears(OVER)
    assert len(stage.mails_to(TARGET)) == 1
    assert "was sent at" in maria.heard()[-1]


async def test_all_sending_can_be_paused_from_an_alert(stage: Stage, maria: Chat) -> None:
    olga, _ = await admins(stage)
    stage.inbox.refusals[TARGET] = REFUSES
    await maria.sends_the_letter()
    olga.heard()
    await olga.presses("Pause all sending")
    olga.hears("Pause all sending? …")
    await olga.presses("Yes, pause")
    assert olga.heard()[0].startswith("✎ ⏸ All sending is paused.")
    await olga.presses("Pause all sending")
    olga.hears(ANSWERED)


async def test_an_alert_that_is_not_urgent_is_silent(stage: Stage, maria: Chat) -> None:
    hold_unknown_letters(stage)
    olga, _ = await admins(stage)
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    assert olga.heard()
    assert not rings(olga)
    assert olga.buttons == [["Send again"], ["Don’t resend"]]
    (row,) = await read_table(stage, alerts)
    await olga.presses_again(olga.last["message_id"], f"s:got:{row['alert']}")
    olga.hears(ANSWERED)


async def test_an_urgent_alert_is_also_mailed_once(stage: Stage, maria: Chat) -> None:
    await stage.change_mail_settings(alerts=(OPS, "second@river.example"))
    stage.inbox.refusals |= {TARGET: REFUSES, OPS: "451 4.3.0 later"}
    await maria.sends_the_letter()

    async def mails() -> tuple[int, int]:
        for _ in range(2):  # in each process
            async with stage.bot() as app:
                await app.monitoring.alert_mailer.run_once()
        return len(stage.mails_to(OPS)), len(stage.mails_to("second@river.example"))

    assert await mails() == (0, 1)
    del stage.inbox.refusals[OPS]
    assert await mails() == (0, 1), "the retry waits first"
    stage.clock.ahead += timedelta(seconds=90)
    assert await mails() == (1, 1)
    stage.clock.ahead += timedelta(hours=1)
    assert await mails() == (1, 1)
    (mail,) = stage.mails_to(OPS)
    assert mail.sender == "actions@send.example"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["From"] == "actionbot <actions@send.example>"
    assert str(mail.message["Subject"]).endswith(
        " needs attention: the mail server isn’t accepting mail"
    )
    text = mail.message.get_content().replace("\r\n", "\n")
    assert text.startswith(
        "Mail is waiting; nothing is lost. Our mail server has been refusing our login since "
    )
    assert (
        "\n\nThe mail server refuses our login (535 5.7.8).\n\nIf you’re handling this, press “I’m"
        " on it” in the chat with @"
    ) in text
    assert "log in first" not in text


async def check_once(app: App) -> None:
    """Run the watchdog and the alert sender once."""
    await app.monitoring.watchdog.run_once()
    await app.monitoring.alert_sender.run_once()


async def test_a_broken_campaign_file_is_reported_until_it_is_fixed(stage: Stage) -> None:
    stage.opens("hong-kong", "river")
    olga, _ = await admins(stage)
    async with stage.bot() as app:
        for old, new in (("goal = 3000", "goal = -1"), ("goal = -1", "gaol = 3000")):
            stage.edits("river/campaign.toml", old, new)
            await app.base.campaigns.publish_now()
            await check_once(app)
        first, second = olga.heard()
        assert not rings(olga)
        assert olga.buttons == [["I’m on it"]]
        assert "river/campaign.toml" in first
        assert first.startswith("The last edit of “")
        assert second.startswith("✎ The last edit of “")
        assert "gaol" in second
        assert "in use. The version before it still is. There’s a mistake in its" in second
        await check_once(app)
        stage.edits("river/campaign.toml", "gaol = 3000", "goal = 3000")
        await app.base.campaigns.publish_now()
        await check_once(app)
        (over,) = olga.heard()
    assert over.startswith("✎ The files of “")
    assert over.endswith("” are correct again.")


async def test_a_wrong_clock_is_reported(stage: Stage) -> None:
    stage.opens("hong-kong")
    olga, _ = await admins(stage)
    async with stage.bot() as app:
        await check_once(app)
        assert olga.heard() == []
        stage.clock.ahead += timedelta(minutes=11)
        await check_once(app)
        (told,) = olga.heard()
        assert told.startswith("The clock of ")
        assert " seconds off Telegram’s, since " in told
        assert rings(olga)
        stage.clock.ahead = timedelta()
        await check_once(app)
        olga.hears("✎ The clock is correct again.")


async def test_a_full_database_is_reported_although_nothing_can_be_stored(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.opens("hong-kong")
    olga, paul = await admins(stage)
    await paul.says("/language")
    await paul.presses("🌐 Language")
    await paul.turns_to("中文 (繁體) *")
    paul.heard()
    await stage.change_mail_settings(alerts=(OPS,))
    probe = database_health.probe

    def no_room(*_: object, **__: object) -> None:
        error: Any = OSError()
        error.sqlstate = "53100"
        raise OperationalError(None, None, error)

    async with stage.bot() as app:
        await check_once(app)
        monkeypatch.setattr(database_health, "probe", no_room)
        # The admins are known from an earlier read, even if the database cannot be read now.
        with monkeypatch.context() as unreadable:
            unreadable.setattr(app.base.roster, "members", no_room)
            for _ in range(2):
                await app.monitoring.watchdog.run_once()
        olga.hears(FULL)
        assert paul.heard()[0].startswith("資料庫已滿")
        assert rings(olga)
        (mail,) = stage.mails_to(OPS)
        assert str(mail.message["Subject"]).endswith(
            " needs attention: the database is running out of space"
        )
        assert mail.message.get_content().startswith(FULL)
        monkeypatch.setattr(database_health, "probe", probe)
        for _ in range(2):
            await check_once(app)
        olga.hears("✎ The database has space again.")
    assert await read_table(stage, alerts) == []
