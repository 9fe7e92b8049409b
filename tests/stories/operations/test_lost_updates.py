"""What people write does not reach the bot: admins are told what to do about it."""

from conversations.core.alerts import UpdatesTrouble
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.staff.test_alerts import appoint

RIVAL = "Another program is taking the messages meant for me, since …"


async def test_an_admin_is_told_that_another_program_takes_the_messages(
    stage: Stage, maria: Chat
) -> None:
    appoint(stage, maria)
    await maria.says("/help")
    maria.heard()
    async with stage.bot() as app:
        app.monitoring.watchdog.watch_updates(lambda: UpdatesTrouble.RIVAL)
        await app.monitoring.watchdog.run_once()
        await app.monitoring.alert_sender.run_once()
        maria.hears(RIVAL)
        app.monitoring.watchdog.watch_updates(lambda: None)
        await app.monitoring.watchdog.run_once()
        await app.monitoring.alert_sender.run_once()
        maria.hears("✎ What people write reaches me again.")
