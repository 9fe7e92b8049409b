"""/status: the state of all parts, and pausing all sending in every process."""

from datetime import timedelta

from conversations.model.broadcast import BroadcastStatus
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.broadcasts.test_broadcasting import confirm_broadcast, result_of, subscribe_all
from tests.stories.campaigners import send_broadcasts
from tests.stories.lines import TARGET
from tests.stories.staff.test_team import first_admin
from tests.updates import HELLO, update

SURE = (
    "✎ Pause all sending? Letters, copies, forwarded replies and updates will wait, wherever"
    " this bot runs. Nothing is lost. Codes still go out, so that people can keep writing."
)
PAUSED = (
    "✎ ⏸ All sending is paused. What was already being sent may still arrive. /status resumes it."
)
WAITS = "✎ Sending is paused, so your letter is waiting.…"


async def test_status_shows_the_state_of_all_parts(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/status")
    (told,) = olga.heard()
    mail, server, telegram, updates, database, version = told.split("\n\n")
    assert mail == "Mail: none waiting. None sent in the last 10 minutes."
    assert server == "Mail server: no known problem."
    assert telegram == "Telegram: accepting messages, no limit."
    assert updates == "Updates: none going out."
    assert database.startswith(("Database: SQLite 3.", "Database: PostgreSQL "))
    assert database.endswith(" MB")
    assert version.startswith("Version: actionbot 0.")
    await maria.sends_the_letter()
    stage.inbox.refusals[TARGET] = "535 5.7.8 log in first"
    rui = stage.person("Rui")
    await rui.comes_to_the_review(address="rui@mail.example")
    await rui.presses("Send in my name")
    await stage.later(seconds=31)
    stage.clock.ahead += timedelta(minutes=7)
    await olga.presses("Refresh")
    mail, server, *_ = olga.heard()[-1].split("\n\n")
    assert mail.startswith("✎ Mail: 1 waiting, overdue by ")
    assert mail.endswith(" min. 1 sent in the last 10 minutes.")
    assert server.startswith("Mail server: nothing accepted since ")
    assert server.endswith(" The mail server refuses our login (535 5.7.8).")


async def test_an_admin_pauses_all_sending(stage: Stage, maria: Chat) -> None:
    olga, rui = await first_admin(stage), stage.person("Rui")
    await subscribe_all(stage, rui)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await olga.says("/status")
    await olga.presses("Pause all sending")
    olga.hears(SURE)
    await olga.presses("Yes, pause")
    olga.hears(PAUSED)
    maria.heard()
    await stage.later(minutes=1)
    maria.hears(WAITS)
    assert stage.mails_to(TARGET) == []
    broadcast = update()
    await confirm_broadcast(stage, olga, broadcast)
    rui.heard()
    await send_broadcasts(stage)
    assert rui.heard() == []
    assert (await result_of(stage, broadcast))[0] is BroadcastStatus.SENDING
    # Codes are still sent, so that supporters can write meanwhile.
    ana = stage.person("Ana", "Reis")
    await ana.comes_to_the_review(address="ana@mail.example")
    await olga.says("/status")
    assert olga.heard()[-1].startswith("⏸ All sending has been paused since ")
    await olga.presses("Resume sending", "Yes, resume")
    olga.hears("✎ Sending has resumed.")
    await stage.later(minutes=6)
    assert len(stage.mails_to(TARGET)) == 1
    assert "was sent at" in maria.heard()[-1]
    await send_broadcasts(stage)
    rui.hears(HELLO.text)
    await olga.says("/audit")
    (told,) = olga.heard()
    assert [line.rpartition(") ")[2] for line in told.splitlines()[2:4]] == [
        "resumed all sending",
        "paused all sending",
    ]


async def test_the_first_of_two_admins_pauses(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/status")
    await olga.presses("Pause all sending")
    message = olga.last["message_id"]
    await olga.presses("Yes, pause")
    await olga.presses_again(message, "s:status:pause-yes")
    olga.hears("(That button no longer works.)")
    await maria.starts("hong-kong")
    await maria.presses_again(maria.last["message_id"], "s:status:resume-yes")
    maria.hears("(Only admins of this bot can do that.)")
