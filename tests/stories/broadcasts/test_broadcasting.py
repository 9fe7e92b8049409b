"""Sending a broadcast: who gets it, the progress message, pause, stop and take back."""

from functools import partial

from conversations.core.effects.journey import Subscribe
from conversations.model.broadcast import (
    Broadcast,
    BroadcastStatus,
    Media,
    Part,
    RecipientState,
)
from conversations.text.languages import DEFAULT, match, offered
from storage import apply_effects
from storage.broadcasts import progress
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tables import subscriptions
from tests.chat import Chat
from tests.databases import opened
from tests.stage import Stage
from tests.stories.campaigners import send_broadcasts
from tests.stories.records import read_table
from tests.updates import ACT, HELLO, confirm, fates, update
from tests.vaults import vault_of

UPDATE = HELLO.text


async def subscribe_all(stage: Stage, *people: Chat) -> None:
    """Subscribe these people to the sample campaign."""
    for each in people:
        await each.starts("hong-kong")
        person = PersonKeys(vault(stage), each.person.id)
        spoken = match(each.person.language_code, offered()) or DEFAULT
        wants = Subscribe("hong-kong", given=True, language=spoken)
        async with opened(stage.settings.database.url.get_secret_value()) as database:
            await database.transact(
                lambda c, person=person, wants=wants: apply_effects.apply(  # type: ignore[misc]
                    c, vault(stage), person, [wants], now=stage.clock()
                )
            )


def vault(stage: Stage) -> Vault:
    return vault_of(stage.settings.keys.file)


async def campaigner_ana(stage: Stage) -> Chat:
    """Return a campaigner who has opened the bot."""
    chat = stage.person("Ana")
    telegram = stage.settings.telegram.model_copy(update={"campaigners": (chat.person.id,)})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})
    await chat.starts("hong-kong")
    chat.heard()
    return chat


async def confirm_broadcast(stage: Stage, author: Chat, broadcast: Broadcast) -> None:
    """Save and confirm a broadcast in the database, as the composer does."""
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        confirm_it = partial(
            confirm, vault=vault(stage), author=author.person.id, now=stage.clock()
        )
        await database.transact(partial(confirm_it, broadcast=broadcast))


async def result_of(
    stage: Stage, broadcast: Broadcast
) -> tuple[BroadcastStatus, dict[RecipientState, int]]:
    """Return the broadcast's status, and the number of recipients in each state."""
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        facts = await database.read(partial(progress.find, id_=broadcast.id))
        assert facts
        return facts.state, dict(await database.read(partial(fates, id_=broadcast.id)))


async def test_every_subscriber_gets_the_broadcast(maria: Chat, stage: Stage) -> None:
    campaigner, lin = await campaigner_ana(stage), stage.person("Lin", language="zh-hant")
    await subscribe_all(stage, maria, lin)
    words = {"en": (HELLO,), "zh-Hant": (Part(Media.TEXT, "河流自由了。"),)}
    broadcast = update(versions=words, buttons=(ACT,))
    await confirm_broadcast(stage, campaigner, broadcast)
    for each in (maria, lin, campaigner):
        each.heard()
    await send_broadcasts(stage)
    maria.hears(UPDATE)
    assert maria.buttons == [["Take action"], ["Unsubscribe"]]
    assert maria.link("Take action").endswith(f"?start=hong-kong__{broadcast.source}")
    lin.hears("河流自由了。")
    assert lin.buttons == [["Take action"], ["取消訂閱"]]
    campaigner.hears("Done in 0:00. 2 sent. 0 people took action because of it.")
    assert campaigner.buttons == [["Take back"]]
    assert await result_of(stage, broadcast) == (BroadcastStatus.DONE, {RecipientState.SENT: 2})


async def test_unsubscribe_still_works_after_a_year_without_a_question(
    maria: Chat, stage: Stage
) -> None:
    campaigner = await campaigner_ana(stage)
    await subscribe_all(stage, maria)
    await confirm_broadcast(stage, campaigner, update())
    await send_broadcasts(stage)
    await stage.later(days=400)
    await maria.presses("Unsubscribe")
    maria.hears("You’re unsubscribed. I won’t send you any more updates.")
    assert any(each["text"] == UPDATE for each in maria.person.chat())
    assert await read_table(stage, subscriptions) == []


async def test_a_subscriber_who_blocked_the_bot_is_counted_as_blocked(
    maria: Chat, stage: Stage
) -> None:
    campaigner, jonas = await campaigner_ana(stage), stage.person("Jonas")
    await subscribe_all(stage, maria, jonas)
    jonas.person.blocked = True
    first, second = update(), update()
    await confirm_broadcast(stage, campaigner, first)
    await send_broadcasts(stage)
    assert await result_of(stage, first) == (
        BroadcastStatus.DONE,
        {RecipientState.SENT: 1, RecipientState.BLOCKED: 1},
    )
    campaigner.hears("Done in 0:00. 1 sent · 1 blocked. 0 people took action because of it.")
    await jonas.blocks(blocked=False)
    await confirm_broadcast(stage, campaigner, second)
    await send_broadcasts(stage)
    assert await result_of(stage, second) == (BroadcastStatus.DONE, {RecipientState.SENT: 2})


async def test_blocking_the_bot_unsubscribes_and_unblocking_does_not_resubscribe(
    maria: Chat, stage: Stage
) -> None:
    campaigner = await campaigner_ana(stage)
    await subscribe_all(stage, maria)
    heard, blocked, nobody, gone = update(), update(), update(), update()
    await confirm_broadcast(stage, campaigner, heard)
    await send_broadcasts(stage)
    maria.person.blocked = True
    for broadcast, became in ((blocked, {RecipientState.BLOCKED: 1}), (nobody, {})):
        await confirm_broadcast(stage, campaigner, broadcast)
        await send_broadcasts(stage)
        assert await result_of(stage, broadcast) == (BroadcastStatus.DONE, became)
    await maria.blocks(blocked=False)
    await maria.presses("Unsubscribe")
    await confirm_broadcast(stage, campaigner, gone)
    await send_broadcasts(stage)
    assert await result_of(stage, gone) == (BroadcastStatus.DONE, {})


async def test_a_broadcast_is_paused_resumed_and_stopped(maria: Chat, stage: Stage) -> None:
    campaigner, jonas = await campaigner_ana(stage), stage.person("Jonas")
    await subscribe_all(stage, maria)
    maria.heard()
    broadcast = update()
    await confirm_broadcast(stage, campaigner, broadcast)
    async with stage.bot() as app:
        await app.broadcasts.progress.run_once()
    campaigner.hears("Sending: 0 of 0 · 0 per second · … left\n░░░░░░░░░░")
    assert campaigner.buttons == [["Pause", "Stop"]]
    message = campaigner.last["message_id"]
    await campaigner.presses("Pause")
    await send_broadcasts(stage)
    campaigner.hears("✎ Paused at 0 of 0. Nothing is lost.")
    assert (await result_of(stage, broadcast))[0] is BroadcastStatus.PAUSED
    # A supporter presses a button that is only for campaigners.
    await jonas.starts("hong-kong")
    await jonas.presses_again(jonas.last["message_id"], f"s:broadcast:resume:{broadcast.id}")
    jonas.hears("(That button no longer works.)")
    await campaigner.presses("Stop")
    await campaigner.presses("No, go back")
    await campaigner.presses("Resume")
    await send_broadcasts(stage)
    assert (await result_of(stage, broadcast))[0] is BroadcastStatus.DONE
    assert campaigner.last["message_id"] == message
    maria.hears(UPDATE)


async def test_a_broadcast_is_taken_back(maria: Chat, stage: Stage) -> None:
    campaigner = await campaigner_ana(stage)
    await subscribe_all(stage, maria)
    broadcast = update()
    await confirm_broadcast(stage, campaigner, broadcast)
    await send_broadcasts(stage)
    await campaigner.presses("Take back")
    await send_broadcasts(stage)
    campaigner.hears("✎ Taken back. 1 had received it.")
    assert all(each["text"] != UPDATE for each in maria.person.chat())


async def test_only_campaigners_can_list_broadcasts(maria: Chat, stage: Stage) -> None:
    campaigner = await campaigner_ana(stage)
    await campaigner.says("/broadcasts")
    campaigner.hears("No updates yet. Start one with /broadcast.")
    await confirm_broadcast(stage, campaigner, update())
    await send_broadcasts(stage)
    await campaigner.says("/broadcasts")
    campaigner.hears("Done in 0:00. 0 sent. 0 people took action because of it.")
    await maria.says("/broadcasts")
    assert "0 sent" not in str(maria.heard())
