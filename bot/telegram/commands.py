"""What Telegram shows of the bot before anyone talks to it: the menu and the description."""

import structlog
from telegram.error import EndPointNotFound, TelegramError

from bot.telegram.request import AiohttpRequest
from conversations.commands import NAMES
from conversations.wording import DEFAULT, Wording, offered

log = structlog.get_logger()


async def introduce(request: AiohttpRequest) -> None:
    """Set menu and descriptions, in each language. They are cosmetic: no failure is fatal."""
    for language in offered():
        # Telegram knows languages by two letters; without one, it is what all others see.
        spoken = None if language == DEFAULT else language.split("-")[0]
        wording = Wording(language)
        commands = [
            {"command": name, "description": wording.label(f"command.{name}")} for name in NAMES
        ]
        private = {"type": "all_private_chats"}
        await _set(request, "setMyCommands", commands=commands, scope=private, language_code=spoken)
        description = wording.label("bot.description")
        await _set(request, "setMyDescription", description=description, language_code=spoken)
        about = wording.label("bot.about")
        await _set(request, "setMyShortDescription", short_description=about, language_code=spoken)


async def _set(request: AiohttpRequest, method: str, **parameters: object) -> None:
    try:
        await request.call(method, **parameters)
    except EndPointNotFound:
        log.info("server lacks a cosmetic method", method=method)
    except TelegramError as error:
        log.warning("could not be set", method=method, error=type(error).__name__)
