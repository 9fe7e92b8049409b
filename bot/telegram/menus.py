"""What Telegram shows of the bot before anyone talks to it: the menu and the description."""

from collections.abc import Mapping

import structlog
from telegram.error import EndPointNotFound, TelegramError

from bot.logs import error_fields
from bot.telegram.request import TelegramRequest
from conversations.journey.commands import menu
from conversations.model.roles import Role
from conversations.text.wording import DEFAULT, Wording, offered

log = structlog.get_logger()


async def introduce(request: TelegramRequest, menus: Mapping[int, Role | None]) -> list[int]:
    """Set menus and descriptions, in each language. They are cosmetic: no failure is fatal.

    Return the chats among `menus` that have no role's menu any more.
    """
    await _offer(request, {"type": "all_private_chats"}, None)
    for language in offered():
        wording, spoken = Wording(language), _spoken(language)
        description = wording.label("bot.description")
        await _set(request, "setMyDescription", description=description, language_code=spoken)
        about = wording.label("bot.about")
        await _set(request, "setMyShortDescription", short_description=about, language_code=spoken)
    shown = {chat: await offer(request, chat, role) for chat, role in menus.items()}
    return [chat for chat, role in menus.items() if role is None and shown[chat]]


async def offer(request: TelegramRequest, chat: int, role: Role | None) -> bool:
    """Give a chat the menu of a role: what it names, the server allows or not all the same.

    Return whether it has it now. Bot API, BotCommandScope: of the scopes that apply, the narrowest
    is shown.
    """
    scope = {"type": "chat", "chat_id": chat}
    if role is not None:
        return await _offer(request, scope, role)
    done = [
        await _set(request, "deleteMyCommands", scope=scope, language_code=_spoken(language))
        for language in offered()
    ]
    return all(done)


async def _offer(request: TelegramRequest, scope: Mapping[str, object], role: Role | None) -> bool:
    done = []
    for language in offered():
        wording = Wording(language)
        listed = [
            {"command": name, "description": wording.label(f"command.{name}")}
            for name in menu(role)
        ]
        code = _spoken(language)
        call = _set(request, "setMyCommands", scope=scope, commands=listed, language_code=code)
        done.append(await call)
    return all(done)


def _spoken(language: str) -> str | None:
    """Return a language by the two letters that Telegram knows; without, all others see it."""
    return None if language == DEFAULT else language.split("-")[0]


async def _set(request: TelegramRequest, method: str, **parameters: object) -> bool:
    try:
        await request.call(method, **parameters)
    except EndPointNotFound:
        log.info("server lacks a cosmetic method", method=method)
    except TelegramError as error:
        log.warning("could not be set", method=method, **error_fields(error))
        return False
    return True
