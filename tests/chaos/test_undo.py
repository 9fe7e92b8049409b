"""Undo pressed while the bot is down cancels the letter, even if it is due at the restart."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import app
from bot.assembly.foundation import Options
from bot.telegram.client.rate_gate import UNLIMITED
from tests.chaos.world import world
from tests.stage import NO_GRACE, NoDns, Stage, staged

TARGET = "chief-executive@government-hk.example"


async def test_undo_wins_with_polling(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, undo_seconds=30) as stage:
        await stage.start_bot()
        regretful = [stage.add_supporter() for _ in range(8)]
        steadfast = stage.add_supporter()
        people = (*regretful, steadfast)
        await asyncio.gather(*(each.comes_to_the_review() for each in people))
        for each in people:
            await each.presses("Send in my name")
            await each.sees("status.queued")
        await stage.process.kill()
        for each in regretful:
            await each.presses("Undo")
        await stage.start_bot()
        await steadfast.sees("status.accepted")
        for each in regretful:
            await each.sees("undo.done")
        (letter,) = [mail for mail in stage.sink.mails if mail.recipient == TARGET]
        assert steadfast.name in letter.content.decode()


async def test_undo_wins_with_a_webhook(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        maria, jonas = stage.person("Maria", "Silva"), stage.person("Jonas", "Weber")
        for chat, address in ((maria, "maria@mail.example"), (jonas, "jonas@mail.example")):
            await chat.comes_to_the_review(address=address)
            await chat.presses("Send in my name")
        message = next(each for each in maria.person.chat() if "will be sent in 30" in each["text"])
        maria.person.press(message["message_id"], "Undo")
        stage.clock.ahead += timedelta(seconds=31)

        monkeypatch.setattr(app, "UNDO_GRACE", 3600.0)
        async with _webhook(stage):
            await maria.person.until(lambda person: "cancelled" in str(person.chat()), 60)
        assert stage.mails_to(TARGET) == []

        monkeypatch.setattr(app, "UNDO_GRACE", 0.0)
        async with _webhook(stage):
            await jonas.person.until(
                lambda person: "✓ Your letter was sent" in str(person.chat()), 60
            )
        (letter,) = stage.mails_to(TARGET)
        assert "jonas@mail.example" in letter.message["Reply-To"]


@asynccontextmanager
async def _webhook(stage: Stage) -> AsyncIterator[None]:
    """Run the bot with a webhook: Telegram sends it the updates."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    telegram = stage.settings.telegram.model_copy(
        update={
            "webhook_url": f"http://127.0.0.1:{port}",
            "webhook_secret": SecretStr("s" * 40),
        }
    )
    web = stage.settings.web.model_copy(update={"port": port})
    settings = stage.settings.model_copy(update={"telegram": telegram, "web": web})
    async with app.App.open(
        settings, Options(stage.clock, NoDns(), UNLIMITED, grace=NO_GRACE)
    ) as bot:
        running = asyncio.create_task(bot.run())
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
