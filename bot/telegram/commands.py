"""What Telegram shows of the bot before anyone talks to it: the menu and the description."""

from collections.abc import Mapping

import structlog
from telegram.error import EndPointNotFound, TelegramError

from bot.telegram.request import AiohttpRequest
from conversations.commands import menu
from conversations.roles import Role
from conversations.wording import DEFAULT, Wording, offered

log = structlog.get_logger()


async def introduce(request: AiohttpRequest, members: Mapping[int, Role]) -> None:
    """Set menus and descriptions, in each language. They are cosmetic: no failure is fatal."""
    await _offer(request, {"type": "all_private_chats"}, None)
    for language in offered():
        wording, spoken = Wording(language), _spoken(language)
        description = wording.label("bot.description")
        await _set(request, "setMyDescription", description=description, language_code=spoken)
        about = wording.label("bot.about")
        await _set(request, "setMyShortDescription", short_description=about, language_code=spoken)
    for chat, role in members.items():
        await offer(request, chat, role)


async def offer(request: AiohttpRequest, chat: int, role: Role | None) -> None:
    """Give a chat the menu of a role: what it names, the server allows or not all the same.

    Bot API, BotCommandScope: of the scopes that apply, the narrowest is shown.
    """
    scope = {"type": "chat", "chat_id": chat}
    if role is not None:
        await _offer(request, scope, role)
        return
    for language in offered():
        await _set(request, "deleteMyCommands", scope=scope, language_code=_spoken(language))


async def _offer(request: AiohttpRequest, scope: Mapping[str, object], role: Role | None) -> None:
    for language in offered():
        wording = Wording(language)
        listed = [
            {"command": name, "description": wording.label(f"command.{name}")}
            for name in menu(role)
        ]
        code = _spoken(language)
        await _set(request, "setMyCommands", scope=scope, commands=listed, language_code=code)


def _spoken(language: str) -> str | None:
    """Return a language by the two letters that Telegram knows; without, all others see it."""
    return None if language == DEFAULT else language.split("-")[0]


async def _set(request: AiohttpRequest, method: str, **parameters: object) -> None:
    try:
        await request.call(method, **parameters)
    except EndPointNotFound:
        log.info("server lacks a cosmetic method", method=method)
    except TelegramError as error:
        log.warning("could not be set", method=method, error=type(error).__name__)
