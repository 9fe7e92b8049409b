"""Sets what Telegram shows of the bot: the menus of commands and the description."""

from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import EndPointNotFound, TelegramError

from bot.logs import error_fields
from conversations.journey.commands import menu
from conversations.model.roles import Role
from conversations.text.languages import DEFAULT, offered
from conversations.text.wording import Wording

log = structlog.get_logger()


async def introduce(bot: Bot, menus: Mapping[int, Role | None]) -> list[int]:
    """Set menus and descriptions, in each language. They are cosmetic: no failure is fatal.

    Return the chats among `menus` that no longer have the menu of a role.
    """
    await _set_menu(bot, BotCommandScopeAllPrivateChats(), None)
    for language in offered():
        wording, code = Wording(language), _language_code(language)
        description, about = wording.label("bot.description"), wording.label("bot.about")
        await _tolerant(partial(bot.set_my_description, description, code))
        await _tolerant(partial(bot.set_my_short_description, about, code))
    shown = {chat: await offer(bot, chat, role) for chat, role in menus.items()}
    return [chat for chat, role in menus.items() if role is None and shown[chat]]


async def offer(bot: Bot, chat: int, role: Role | None) -> bool:
    """Give a chat the menu of a role; None takes that menu away, and everybody's menu is left.

    Return whether the chat has the menu now. Telegram shows the narrowest of the scopes that apply
    (Bot API, BotCommandScope).
    """
    scope = BotCommandScopeChat(chat)
    if role is not None:
        return await _set_menu(bot, scope, role)
    codes = [_language_code(language) for language in offered()]
    return all([await _tolerant(partial(bot.delete_my_commands, scope, code)) for code in codes])


async def _set_menu(bot: Bot, scope: BotCommandScope, role: Role | None) -> bool:
    done = []
    for language in offered():
        wording = Wording(language)
        commands = [BotCommand(name, wording.label(f"command.{name}")) for name in menu(role)]
        code = _language_code(language)
        done.append(await _tolerant(partial(bot.set_my_commands, commands, scope, code)))
    return all(done)


def _language_code(language: str) -> str | None:
    """Return the two letters of a language (ISO 639-1). None means all languages without texts."""
    return None if language == DEFAULT else language.split("-")[0]


async def _tolerant(call: "partial[Coroutine[Any, Any, bool]]") -> bool:
    """Return whether `call` succeeded, or the server does not have its method at all."""
    method = call.func.__name__
    try:
        await call()
    except EndPointNotFound:
        log.info("server lacks a cosmetic method", method=method)
    except TelegramError as error:
        log.warning("menu or description not set", method=method, **error_fields(error))
        return False
    return True
