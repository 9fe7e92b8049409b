"""Whether everything is set up, tried for real: what was seen, what it means, and the mend."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from bot.checking import everything
from bot.errors import Mistaken
from bot.mail.server import server
from bot.mail.smtp import Courier, Verdict
from bot.opening import bot_name, open_present_database, open_vault
from bot.settings import Settings
from bot.sources import find
from bot.telegram.request import AiohttpRequest
from storage import rekeying

PATIENCE = 15.0
"""Seconds that a server has to answer."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    seen: str
    mend: str = ""


async def examine(environment: Mapping[str, str] = os.environ) -> AsyncIterator[Finding]:
    """Look at everything, one after the other."""
    grave = [mistake for mistake in await everything(environment) if mistake.grave]
    for mistake in grave:
        yield Finding(
            "settings and campaigns", False, f"{mistake.where} {mistake.what}", mistake.mend
        )
    if not grave:
        yield Finding("settings and campaigns", True, "No mistake was found.")
    settings, _ = Settings.read(find(environment))
    if settings is None:
        return
    yield await _telegram(settings)
    yield await smtp(settings.smtp.url.get_secret_value())
    yield await _database(settings)


async def _telegram(settings: Settings) -> Finding:
    return await telegram(settings.telegram.token.get_secret_value(), settings.telegram.api)


async def telegram(token: str, api: str) -> Finding:
    """Ask Telegram who the bot is."""
    request = AiohttpRequest(token, api=api)
    await request.initialize()
    try:
        return Finding("Telegram", True, f"The bot is @{await bot_name(request)}.")
    except Mistaken as mistaken:
        return _trouble("Telegram", mistaken)
    finally:
        await request.shutdown()


async def smtp(url: str) -> Finding:
    """Connect to the mail server, encrypt and log in, without sending anything."""
    courier = Courier(server(url))
    try:
        async with asyncio.timeout(PATIENCE):
            report = await courier.check()
    except TimeoutError:
        seen = f"It did not answer for {PATIENCE:.0f} seconds."
        return Finding("mail server", False, seen, "Compare host and port.")
    finally:
        await courier.close()
    if report.verdict is Verdict.ACCEPTED:
        return Finding("mail server", True, "Connected and logged in.")
    seen = f"{report.code or ''} {report.text}".strip()
    mend = "Compare host, port, user and password."
    return Finding("mail server", False, f"It cannot be used: {seen}.", mend)


async def _database(settings: Settings) -> Finding:
    what = "database and keys"
    try:
        database = await open_present_database(settings)
        if database is None:
            return Finding(what, True, "There are none yet: the first start makes them.")
        try:
            if not settings.keys.file.exists() and not await database.read(rekeying.specimen):
                return Finding(what, True, "It opens; the first start makes the keys.")
            await open_vault(settings, database)
        finally:
            await database.close()
    except Mistaken as mistaken:
        return _trouble(what, mistaken)
    return Finding(what, True, "They open and belong together; the version is right.")


def _trouble(what: str, mistaken: Mistaken) -> Finding:
    (mistake,) = mistaken.mistakes
    return Finding(what, False, mistake.what, mistake.mend)
