"""Steps for broadcast tests: appoint campaigners, subscribe people, and send what is due."""

from datetime import timedelta

from conversations.model.broadcast import BroadcastStatus
from storage.schema.tables import broadcasts
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.records import read_table


def appoint(stage: Stage, *campaigners: Chat, **values: object) -> None:
    """Make exactly these people campaigners; `values` changes other Telegram settings."""
    ids = tuple(each.person.id for each in campaigners)
    telegram = stage.settings.telegram.model_copy(update={"campaigners": ids, **values})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})


async def subscribe_people(stage: Stage, count: int, language: str = "en") -> list[Chat]:
    """Return the chats of `count` new people, who subscribe to the sample campaign."""
    chats = [stage.person(f"Ana{number}", language=language) for number in range(count)]
    for chat in chats:
        await chat.starts()
        await chat.presses_again(chat.last["message_id"], "s:updates:hong-kong:this")
    return chats


async def broadcast_states(stage: Stage) -> list[BroadcastStatus]:
    """Return the status of every broadcast."""
    return [BroadcastStatus(row["state"]) for row in await read_table(stage, broadcasts)]


async def send_broadcasts(stage: Stage) -> None:
    """Send all broadcasts that are due, and update their progress messages."""
    async with stage.bot() as app:
        await app.broadcasts.sender.run_once()
        await app.broadcasts.progress.run_once()
        await app.broadcasts.sender.run_once()
        stage.clock.ahead += timedelta(seconds=31)
        await app.broadcasts.progress.run_once()
