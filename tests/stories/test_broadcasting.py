"""Campaigners send updates: who gets them, what is shown, and what can be done about it."""

from functools import partial

from conversations.core.effects.journey import Subscribe
from conversations.model.broadcast import (
    Broadcast,
    BroadcastStatus,
    Media,
    Part,
    RecipientState,
)
from conversations.text.wording import DEFAULT, match, offered
from storage import apply_effects
from storage.broadcasts import progress
from storage.chats import chat_ids
from storage.crypto.keys import load_or_create
from storage.crypto.vault import Vault
from storage.schema.tables import subscriptions
from tests.chat import Chat, Stage
from tests.databases import opened
from tests.stories.campaigners import goes
from tests.stories.records import held
from tests.updates import ACT, HELLO, confirm, fates, update

UPDATE = HELLO.text


async def subscribed(stage: Stage, *people: Chat) -> None:
    """Let them subscribe to the sample campaign."""
    for each in people:
        await each.starts("hong-kong")
        person = chat_ids.key(vault(stage), each.person.id)
        spoken = match(each.person.language_code, offered()) or DEFAULT
        wants = Subscribe("hong-kong", given=True, language=spoken)
        async with opened(stage.settings.database.url.get_secret_value()) as database:
            await database.transact(
                lambda c, person=person, wants=wants: apply_effects.apply(  # type: ignore[misc]
                    c, vault(stage), person, [wants], now=stage.clock()
                )
            )


def vault(stage: Stage) -> Vault:
    return Vault(load_or_create(stage.settings.keys.file))


async def ana(stage: Stage) -> Chat:
    """A campaigner, who has opened the bot."""
    chat = stage.person("Ana")
    telegram = stage.settings.telegram.model_copy(update={"campaigners": (chat.person.id,)})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})
    await chat.starts("hong-kong")
    chat.heard()
    return chat


async def confirms(stage: Stage, author: Chat, broadcast: Broadcast) -> None:
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        sends = partial(confirm, vault=vault(stage), author=author.person.id, now=stage.clock())
        await database.transact(partial(sends, broadcast=broadcast))


async def becomes(
    stage: Stage, broadcast: Broadcast
) -> tuple[BroadcastStatus, dict[RecipientState, int]]:
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        facts = await database.read(partial(progress.find, id_=broadcast.id))
        assert facts
        return facts.state, dict(await database.read(partial(fates, id_=broadcast.id)))


async def test_everybody_who_asked_for_it_gets_it(maria: Chat, stage: Stage) -> None:
    campaigner, lin = await ana(stage), stage.person("Lin", language="zh-hant")
    await subscribed(stage, maria, lin)
    words = {"en": (HELLO,), "zh-Hant": (Part(Media.TEXT, "河流自由了。"),)}
    broadcast = update(versions=words, buttons=(ACT,))
    await confirms(stage, campaigner, broadcast)
    for each in (maria, lin, campaigner):
        each.heard()
    await goes(stage)
    maria.hears(UPDATE)
    assert maria.buttons == [["Take action"], ["Unsubscribe"]]
    assert maria.link("Take action").endswith(f"?start=hong-kong__{broadcast.source}")
    lin.hears("河流自由了。")
    assert lin.buttons == [["Take action"], ["取消訂閱"]]
    campaigner.hears("Done in 0:00. 2 sent. 0 people took action because of it.")
    assert campaigner.buttons == [["Take back"]]
    assert await becomes(stage, broadcast) == (BroadcastStatus.DONE, {RecipientState.SENT: 2})


async def test_unsubscribe_works_for_ever_and_asks_nothing(maria: Chat, stage: Stage) -> None:
    campaigner = await ana(stage)
    await subscribed(stage, maria)
    await confirms(stage, campaigner, update())
    await goes(stage)
    await stage.later(days=400)
    await maria.presses("Unsubscribe")
    maria.hears("You’re unsubscribed. I won’t send you any more updates.")
    assert any(each["text"] == UPDATE for each in maria.person.chat())
    assert await held(stage, subscriptions) == []


async def test_who_blocked_the_bot_is_kept_as_blocked(maria: Chat, stage: Stage) -> None:
    campaigner, jonas = await ana(stage), stage.person("Jonas")
    await subscribed(stage, maria, jonas)
    jonas.person.blocked = True
    first, second = update(), update()
    await confirms(stage, campaigner, first)
    await goes(stage)
    assert await becomes(stage, first) == (
        BroadcastStatus.DONE,
        {RecipientState.SENT: 1, RecipientState.BLOCKED: 1},
    )
    campaigner.hears("Done in 0:00. 1 sent · 1 blocked. 0 people took action because of it.")
    await jonas.blocks(blocked=False)
    await confirms(stage, campaigner, second)
    await goes(stage)
    assert await becomes(stage, second) == (BroadcastStatus.DONE, {RecipientState.SENT: 2})


async def test_who_blocks_the_bot_stops_it_and_unblocking_is_no_consent(
    maria: Chat, stage: Stage
) -> None:
    campaigner = await ana(stage)
    await subscribed(stage, maria)
    heard, blocked, nobody, gone = update(), update(), update(), update()
    await confirms(stage, campaigner, heard)
    await goes(stage)
    maria.person.blocked = True
    for broadcast, became in ((blocked, {RecipientState.BLOCKED: 1}), (nobody, {})):
        await confirms(stage, campaigner, broadcast)
        await goes(stage)
        assert await becomes(stage, broadcast) == (BroadcastStatus.DONE, became)
    await maria.blocks(blocked=False)
    await maria.presses("Unsubscribe")
    await confirms(stage, campaigner, gone)
    await goes(stage)
    assert await becomes(stage, gone) == (BroadcastStatus.DONE, {})


async def test_it_is_paused_resumed_and_stopped(maria: Chat, stage: Stage) -> None:
    campaigner, jonas = await ana(stage), stage.person("Jonas")
    await subscribed(stage, maria)
    maria.heard()
    broadcast = update()
    await confirms(stage, campaigner, broadcast)
    async with stage.bot() as app:
        await app.broadcasts.progress.run_once()
    campaigner.hears("Sending: 0 of 0 · 0 per second · … left\n░░░░░░░░░░")
    assert campaigner.buttons == [["Pause", "Stop"]]
    message = campaigner.last["message_id"]
    await campaigner.presses("Pause")
    await goes(stage)
    campaigner.hears("✎ Paused at 0 of 0. Nothing is lost.")
    assert (await becomes(stage, broadcast))[0] is BroadcastStatus.PAUSED
    # A supporter who presses what only campaigners may.
    await jonas.starts("hong-kong")
    await jonas.presses_again(jonas.last["message_id"], f"s:broadcast:resume:{broadcast.id}")
    jonas.hears("(That button no longer works.)")
    await campaigner.presses("Stop")
    await campaigner.presses("No, go back")
    await campaigner.presses("Resume")
    await goes(stage)
    assert (await becomes(stage, broadcast))[0] is BroadcastStatus.DONE
    assert campaigner.last["message_id"] == message
    maria.hears(UPDATE)


async def test_it_is_taken_back(maria: Chat, stage: Stage) -> None:
    campaigner = await ana(stage)
    await subscribed(stage, maria)
    broadcast = update()
    await confirms(stage, campaigner, broadcast)
    await goes(stage)
    await campaigner.presses("Take back")
    await goes(stage)
    campaigner.hears("✎ Taken back. 1 had received it.")
    assert all(each["text"] != UPDATE for each in maria.person.chat())


async def test_broadcasts_lists_them_for_campaigners_alone(maria: Chat, stage: Stage) -> None:
    campaigner = await ana(stage)
    await campaigner.says("/broadcasts")
    campaigner.hears("No updates yet. Start one with /broadcast.")
    await confirms(stage, campaigner, update())
    await goes(stage)
    await campaigner.says("/broadcasts")
    campaigner.hears("Done in 0:00. 0 sent. 0 people took action because of it.")
    await maria.says("/broadcasts")
    assert "0 sent" not in str(maria.heard())
