"""Who may send broadcasts; retries, simultaneous broadcasts, and what subscribers do with one."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, text

from bot.services.broadcasts import broadcast_sender
from bot.services.broadcasts.broadcast_run import SenderLease
from bot.services.ports import BroadcastCall, CallRefused
from bot.telegram.broadcast_transport import BroadcastTransport
from bot.telegram.menus import BotProfile, introduce
from conversations.model.broadcast import BroadcastStatus
from conversations.model.roles import Role
from storage.schema.tables import broadcasts as updates
from tests.chat import Chat
from tests.databases import opened
from tests.stage import Stage
from tests.stories.campaigners import appoint, broadcast_states, send_broadcasts, subscribe_people
from tests.stories.lines import ANSWERED

NO_MORE = "You’re unsubscribed. I won’t send you any more updates."
BELOW = "You’re getting this because you asked for updates."


async def sends(olga: Chat, text: str = "Good news", to: str = "fewer than 5 people") -> None:
    """Compose a broadcast and confirm it."""
    await olga.says("/broadcast", text)
    await olga.presses("Continue", f"Send to {to}")


async def test_a_photo_and_an_album_have_an_unsubscribe_button(stage: Stage, olga: Chat) -> None:
    ana, bela = await subscribe_people(stage, 2)
    await olga.says("/broadcast")
    await olga.sends_file("photo", "They answered!")
    await olga.presses("Continue", "Send to fewer than 5 people")
    await send_broadcasts(stage)
    await ana.presses("Unsubscribe")
    ana.hears(NO_MORE)
    photo = next(each for each in ana.person.chat() if each["text"] == "They answered!")
    assert photo["photo"], "the update stays as it is"
    await olga.says("/broadcast")
    await olga.sends_file("photo", "One", album="a")
    await olga.sends_file("photo", "Two", album="a")
    stage.clock.ahead += timedelta(seconds=3)
    await stage.finish_albums()
    await olga.presses("Continue", "Send to fewer than 5 people")
    ana.heard()
    bela.heard()
    await send_broadcasts(stage)
    ana.hears()
    bela.hears("One", "Two", BELOW)
    await bela.presses("Unsubscribe")
    bela.hears(NO_MORE)


async def test_the_report_counts_who_acted_because_of_the_broadcast(
    stage: Stage, olga: Chat
) -> None:
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", "Good news")
    await olga.presses(
        "Add… ▾", "Add button", "Take action: Stand up for people's rights in Hong Kong"
    )
    await olga.presses("Continue", "Send to fewer than 5 people")
    await send_broadcasts(stage)
    assert olga.heard()[-1] == "Done in 0:00. 1 sent. 0 people took action because of it."
    payload = ana.link("Take action").partition("?start=")[2]
    await ana.sends_the_letter(campaign=payload)
    olga.heard()
    await send_broadcasts(stage)
    olga.hears("✎ Done in 0:00. 1 sent. 1 person took action because of it.")


async def test_one_button_retries_failed_recipients(
    stage: Stage, olga: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bela = await subscribe_people(stage, 2)
    send = BroadcastTransport.send

    async def refusing(bulk: BroadcastTransport, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        if chat == ana.person.id:
            raise CallRefused
        return await send(bulk, chat, call)

    with monkeypatch.context() as patch:
        patch.setattr(BroadcastTransport, "send", refusing)
        await sends(olga)
        await send_broadcasts(stage)
    olga.hears("✎ Sending to fewer than 5 people…", "Done in 0:00. 1 sent · 1 failed. …")
    assert olga.buttons == [["Retry 1", "Take back"]]
    ana.heard()
    bela.heard()
    await olga.presses("Retry 1")
    await send_broadcasts(stage)
    ana.hears("Good news")
    bela.hears()
    assert olga.heard()[-1].startswith("✎ Done in 0:")
    assert olga.buttons == [["Take back"]]


async def test_two_campaigners_who_send_at_once_are_told_of_each_other(
    stage: Stage, olga: Chat
) -> None:
    paul = stage.person("Paul")
    appoint(stage, olga, paul)
    await paul.starts()
    await sends(olga)
    await paul.says("/broadcast", "More news")
    await paul.presses("Continue")
    assert paul.heard()[-1].endswith("Yours starts when that one is done.")
    olga.heard()
    await paul.presses("Send to fewer than 5 people")
    olga.hears("Paul has just sent another update. It starts when the current one is done.")
    await send_broadcasts(stage)
    assert await broadcast_states(stage) == [BroadcastStatus.DONE, BroadcastStatus.DONE]


async def test_a_confirmed_broadcast_is_sent_at_once(
    stage: Stage, olga: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirming wakes the sender, which polls only once an hour in this test."""
    monkeypatch.setattr(broadcast_sender, "POLL_INTERVAL", 3600)
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Continue")
    ana.heard()
    async with stage.bot() as app:
        looked, look = asyncio.Event(), app.broadcasts.sender.run_once

        async def run_once() -> None:
            await look()
            looked.set()

        monkeypatch.setattr(app.broadcasts.sender, "run_once", run_once)
        monkeypatch.setattr(
            app.broadcasts.sender, "_lease", SenderLease("token", timedelta(hours=3))
        )
        sender = asyncio.create_task(app.broadcasts.sender.run())
        try:
            await looked.wait()
            looked.clear()
            olga.person.press(olga.last["message_id"], "Send to fewer than 5 people")
            await stage.answer_updates_in(app)
            async with asyncio.timeout(30):
                await looked.wait()
        finally:
            sender.cancel()
            await asyncio.wait([sender])
    ana.hears("Good news")


async def both_at_once(stage: Stage) -> None:
    """Answer two presses whose transactions must wait for each other, if the database allows it.

    On PostgreSQL, another transaction locks the drafts until both presses wait for the lock.
    """
    locked = asyncio.Event()
    drafts = select(updates.c.broadcast).with_for_update()
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def hold(connection: Connection) -> None:
        connection.execute(drafts)
        locked.set()
        while connection.execute(waiting).scalar_one() < 2:
            pass

    async with opened(stage.settings.database.url.get_secret_value()) as database:
        if not database.multi_process:
            await stage.answer_updates_at_once()
            return
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            tasks.create_task(database.transact(hold))
            await locked.wait()
            await stage.answer_updates_at_once()


async def test_two_who_confirm_at_the_same_instant_are_told_of_each_other(
    stage: Stage, olga: Chat
) -> None:
    paul = stage.person("Paul")
    appoint(stage, olga, paul)
    for each in (olga, paul):
        await each.starts()
        await each.says("/broadcast", "Good news")
        await each.presses("Continue")
        each.hears("✎ To fewer than 5 people, now. …")
    for each in (olga, paul):
        each.person.press(each.last["message_id"], "Send to fewer than 5 people")
    await both_at_once(stage)
    heard = {each.person.first_name: sorted(each.heard()) for each in (olga, paul)}
    later = max(heard, key=lambda name: len(heard[name][-1]))
    sends = "✎ Sending to fewer than 5 people…"
    too = "has just sent another update. It starts when the current one is done."
    waits = "Another update is going out right now. Yours starts when that one is done."
    assert heard.pop(later) == [f"{sends}\n\n{waits}"]
    assert [*heard.values()] == [[f"{later} {too}", sends]]


async def test_a_removed_campaigner_cannot_use_old_buttons_or_steps(
    stage: Stage, olga: Chat
) -> None:
    maria = stage.person("Maria")
    await maria.starts("hong-kong")
    await sends(olga)
    await send_broadcasts(stage)
    await olga.says("/broadcast", "More news")
    await olga.presses("Schedule…")
    await olga.says("UTC", "2029-06-01 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")
    await olga.says("/broadcast", "A third one")
    await olga.presses("Add… ▾", "Add translation")
    await olga.turns_to("中文 (繁體)")  # a page that expects a message
    before = await broadcast_states(stage)
    appoint(stage)
    await stage.change_mail_settings()  # restarts the bot
    await olga.says("第三則")
    assert olga.heard() != [], "the supporter's journey answers"
    shown = [
        (message["message_id"], button["data"])
        for message in olga.person.chat()
        for row in message["keyboard"]
        for button in row
        if button["kind"] == "press" and button["data"].startswith(("s:draft:", "s:broadcast:"))
    ]
    assert len(shown) > 6
    for message, data in shown:
        await olga.presses_again(message, data)
        olga.hears(ANSWERED)
    await maria.presses_again(maria.last["message_id"], shown[0][1])
    maria.hears(ANSWERED)
    for command in ("/broadcast", "/broadcasts"):
        await olga.says(command)
        (told,) = olga.heard()
        assert told.startswith("I’m a bot. I help you write a letter")
        assert command not in told
    assert await broadcast_states(stage) == before


async def test_the_menu_and_help_list_only_permitted_commands(stage: Stage, olga: Chat) -> None:
    maria = stage.person("Maria")
    async with stage.bot() as app:
        profile = BotProfile({olga.person.id: Role.CAMPAIGNER})
        await introduce(app.base.telegram.request.bot, profile)
    mine, hers = olga.person.commands(), maria.person.commands()
    names = [each["command"] for each in mine[:8]]
    assert names == [
        "broadcast",
        "broadcasts",
        "stats",
        "export",
        "campaigns",
        "screens",
        "pause",
        "panic",
    ]
    assert mine[8:] == hers
    for chat, count in ((olga, 1), (maria, 0)):
        await chat.says("/help")
        assert chat.heard()[0].count("/broadcasts · See past and scheduled updates") == count
