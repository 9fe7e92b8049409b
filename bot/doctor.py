"""Whether everything is set up, tried for real: what was seen, what it means, and the mend."""

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from telegram.error import TelegramError

from bot.app import open_keys, open_ready_database
from bot.checking import everything
from bot.errors import Mistaken
from bot.mail.smtp import Courier, Verdict, server
from bot.settings import Settings
from bot.sources import find
from bot.telegram.request import AiohttpRequest


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    seen: str
    mend: str = ""


async def examine(environment: Mapping[str, str] = os.environ) -> AsyncIterator[Finding]:
    """Look at everything, one after the other."""
    grave = [mistake for mistake in everything(environment) if mistake.grave]
    for mistake in grave:
        yield Finding(
            "settings and campaigns", False, f"{mistake.where} {mistake.what}", mistake.mend
        )
    if not grave:
        yield Finding("settings and campaigns", True, "right")
    settings, _ = Settings.read(find(environment))
    if settings is None:
        return
    yield await _telegram(settings)
    yield await smtp(settings.smtp.url.get_secret_value())
    yield await _database(settings)


async def _telegram(settings: Settings) -> Finding:
    token = settings.telegram.token.get_secret_value()
    name, why = await bot_name(token, settings.telegram.api)
    if name is None:
        return Finding("Telegram", False, why, "Compare telegram.token with what @BotFather shows.")
    return Finding("Telegram", True, f"the bot is @{name}")


async def bot_name(token: str, api: str) -> tuple[str | None, str]:
    """Return the bot's username, or None and why there is none."""
    request = AiohttpRequest(token, api=api)
    await request.initialize()
    try:
        return str((await request.call("getMe"))["username"]), ""
    except TelegramError as error:
        return None, f"getMe failed ({type(error).__name__})"
    finally:
        await request.shutdown()


async def smtp(url: str) -> Finding:
    """Connect to the mail server, encrypt and log in, without sending anything."""
    courier = Courier(server(url))
    try:
        report = await courier.check()
    finally:
        await courier.close()
    if report.verdict is Verdict.ACCEPTED:
        return Finding("mail server", True, "connected and logged in")
    seen = f"{report.code or ''} {report.text}".strip()
    return Finding("mail server", False, seen, "Compare host, port, user and password.")


async def _database(settings: Settings) -> Finding:
    try:
        open_keys(settings)
        database = await open_ready_database(settings)
    except Mistaken as mistaken:
        (mistake,) = mistaken.mistakes
        return Finding("database and keys", False, mistake.what, mistake.mend)
    await database.close()
    return Finding("database and keys", True, "they open, and the version is right")
