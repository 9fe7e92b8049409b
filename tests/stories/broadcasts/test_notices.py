"""Two admins tell everybody about their data."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from conversations.core.notices import new_notice
from conversations.model.broadcast import BroadcastStatus
from storage.broadcasts import notices
from storage.schema.tables import broadcasts, chats
from tests.chat import Chat
from tests.databases import opened
from tests.stage import Stage
from tests.stories.campaigners import broadcast_states, send_broadcasts, subscribe_people
from tests.stories.records import read_table
from tests.vaults import vault_of

WRITE = "Write the notice. It goes to everyone I know, also to people who unsubscribed, …"
TEXT = "On 3 May a copy of our database was stolen. Nobody can read it without the keys."


def framed(text: str) -> str:
    return (
        f"A notice about your data from Open Letters Hong Kong\n\n{text}\n\nYou get it whatever …"
    )


def appoint_admins(stage: Stage, *admins: Chat) -> None:
    ids = tuple(each.person.id for each in admins)
    telegram = stage.settings.telegram.model_copy(update={"admins": ids})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})


@pytest.fixture
async def admins(stage: Stage, maria: Chat) -> tuple[Chat, Chat]:
    vera, paul = stage.person("Vera"), stage.person("Paul")
    appoint_admins(stage, vera, paul)
    for each in (vera, paul):
        await each.starts()
        each.heard()
    return vera, paul


async def test_everybody_gets_a_notice_that_two_admins_want(
    stage: Stage, maria: Chat, admins: tuple[Chat, Chat]
) -> None:
    vera, paul = admins
    (ana,) = await subscribe_people(stage, 1)
    await maria.starts("hong-kong")
    await ana.says("/unsubscribe")
    for each in (ana, maria):
        each.heard()
    await vera.says("/notice")
    vera.hears(WRITE)
    await vera.says(f"{TEXT} Vote: https://vote.example")
    vera.hears("A notice can’t contain links, …")
    await vera.says(TEXT)
    vera.hears(framed(TEXT), "This is how everyone gets it. …")
    await vera.presses("Ask for approval")
    vera.hears("(I’ve asked the other admins. It goes out as soon as one approves it.)")
    paul.hears(framed(TEXT), "Do you approve this notice? …")
    await paul.presses("Approve and send")
    paul.hears("✎ Thank you. It’s going out now: /broadcasts shows how far.")
    assert vera.heard()[-1].endswith("It’s going out now: /broadcasts shows how far.")
    await send_broadcasts(stage)
    for each in (ana, maria):
        each.hears(framed(TEXT))
        assert not each.last["keyboard"]
    assert await broadcast_states(stage) == [BroadcastStatus.DONE]


async def test_one_admin_alone_sends_nothing(stage: Stage, maria: Chat) -> None:
    vera, ana = stage.person("Vera"), maria
    appoint_admins(stage, vera)
    await vera.says("/notice")
    assert vera.heard()[-1].startswith("A notice needs two admins: one writes it, another")
    await ana.starts()
    await ana.says("/notice", TEXT)
    assert await broadcast_states(stage) == []


async def test_its_author_cannot_approve_it_and_a_change_voids_the_request(
    stage: Stage, admins: tuple[Chat, Chat]
) -> None:
    vera, paul = admins
    await vera.says("/notice", TEXT)
    await vera.presses("Ask for approval")
    paul.heard()
    message, data = paul.last["message_id"], paul.last["keyboard"][0][0]["data"]
    await vera.presses_again(vera.last["message_id"], data)
    assert vera.heard()[-1] == "(That button no longer works.)"
    await vera.turns_to("中文 (繁體)")
    await vera.says("五月三日，資料庫的副本被盜。")
    await paul.presses_again(message, data)
    paul.hears("(It has changed since you saw it. Ask your colleague to show it to you again.)")
    assert await broadcast_states(stage) == [BroadcastStatus.DRAFT]


async def test_a_notice_is_neither_an_update_nor_sent_as_one(
    stage: Stage, admins: tuple[Chat, Chat]
) -> None:
    vera, paul = admins
    await vera.says("/notice", TEXT)
    (id_,) = [row["broadcast"] for row in await read_table(stage, broadcasts)]
    for action in ("send:", "go:confirm", "eyes:", "cancel:"):
        await vera.presses_again(vera.last["message_id"], f"s:draft:{id_[:12]}:{action}")
    await vera.says("/broadcast")
    assert await broadcast_states(stage) == [BroadcastStatus.DRAFT] * 2
    paul.hears()


async def test_each_reader_gets_their_language_and_nobody_twice(stage: Stage, maria: Chat) -> None:
    lin = stage.person("Lin", language="zh-hant")
    for each in (maria, lin):
        await each.starts("hong-kong")
    await lin.says("/settings")
    notice = new_notice("a" * 32, {"en": TEXT, "zh-Hant": "資料庫的副本被盜。"})
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        send = partial(
            notices.send_from_server,
            vault=vault_of(stage.settings.keys.file),
            notice=notice,
            now=stage.clock(),
        )
        for _ in range(2):
            await database.transact(send)
        rows = await database.read(lambda c: c.execute(select(broadcasts.c.broadcast)).all())
    assert len(rows) == 1
    for each in (maria, lin):
        each.heard()
    await send_broadcasts(stage)
    maria.hears(framed(TEXT))
    await send_broadcasts(stage)
    maria.hears()
    assert len(lin.heard()) == 1


async def test_a_discreet_chat_shows_a_notice_only_when_it_is_tapped(
    stage: Stage, maria: Chat
) -> None:
    await maria.starts("hong-kong")
    maria.heard()
    notice = new_notice("a" * 32, {"en": TEXT})
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        send = partial(
            notices.send_from_server,
            vault=vault_of(stage.settings.keys.file),
            notice=notice,
            now=stage.clock(),
        )
        await database.transact(send)
        discreet = update(chats).values(clear_by=stage.clock() + timedelta(days=1))
        await database.transact(lambda c: c.execute(discreet))
    await send_broadcasts(stage)
    maria.hears("A notice about your data. Tap to read.")
    await maria.presses("Read it")
    (shown,) = maria.heard()
    assert shown.startswith(f"✎ {framed(TEXT)[:-1]}")
    await maria.presses_again(maria.last["message_id"], f"s:read:{'b' * 32}")
    maria.hears("(That button no longer works.)")
