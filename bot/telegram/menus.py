"""Sets what Telegram shows of the bot: the menus of commands, descriptions and the picture.

Texts are set in each language. Telegram knows languages by two letters only (Bot API,
setMyCommands, language_code), so Chinese gets one of the two scripts.
"""

import asyncio
import hashlib
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InputProfilePhotoStatic,
)
from telegram.error import EndPointNotFound, TelegramError

from bot.logs import error_fields
from conversations.journey.commands import menu
from conversations.model.roles import Role
from conversations.text import catalogues
from conversations.text.catalogues import PARTS
from conversations.text.html import Html, plain
from conversations.text.languages import DEFAULT, offered, staff_languages

log = structlog.get_logger()

_CHINESE = ("zh-Hans", "zh-Hant")


@dataclass(frozen=True)
class BotProfile:
    """What Telegram is to show of the bot."""

    menus: Mapping[int, Role | None]
    """The role whose menu a chat gets, by chat id; None takes the menu of a role away."""

    traditional: bool = False
    """Whether readers of Chinese get Traditional instead of Simplified characters."""

    picture: bytes | None = None
    """The bot's picture, as JPEG; None leaves the one that Telegram has."""

    def digest(self, username: str) -> str:
        """Return a digest of everything that is shown, from the files of the catalogues.

        It parses no catalogue, since parsing twenty takes a second.
        """
        files = [
            path.read_bytes()
            for folder in catalogues.folders()
            for language in offered()
            for part in PARTS
            if (path := catalogues.path(folder, language, part)).exists()
        ]
        roles = sorted((chat, role.value) for chat, role in self.menus.items() if role)
        commands = [menu(role) for role in (None, *Role)]
        others = repr((username, roles, commands, self.traditional)).encode()
        digest = hashlib.sha256()
        for content in (others, self.picture or b"", *files):
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()


@dataclass(frozen=True)
class Shown:
    """What Telegram has accepted of a `BotProfile`."""

    gone: tuple[int, ...] = ()
    """The chats that no longer have the menu of a role."""

    complete: bool = True
    """Whether nothing has to be tried again."""


async def introduce(bot: Bot, profile: BotProfile) -> Shown:
    """Show a profile: menus, descriptions and the picture. They are cosmetic: nothing is fatal."""
    done = [await _set_menu(bot, BotCommandScopeAllPrivateChats(), None, profile.traditional)]
    for language in _languages(offered(), traditional=profile.traditional):
        texts, code = await _texts(language, "bot."), _language_code(language)
        set_description = partial(bot.set_my_description, texts["bot.description"], code)
        set_about = partial(bot.set_my_short_description, texts["bot.about"], code)
        done += [await _tolerant(set_description), await _tolerant(set_about)]
    if profile.picture is not None:
        photo = InputProfilePhotoStatic(profile.picture)
        done.append(await _tolerant(partial(bot.set_my_profile_photo, photo)))
    menus = profile.menus
    shown = {
        chat: await offer(bot, chat, role, traditional=profile.traditional)
        for chat, role in menus.items()
    }
    gone = tuple(chat for chat, role in menus.items() if role is None and shown[chat])
    return Shown(gone, complete=all((*done, *shown.values())))


async def offer(bot: Bot, chat: int, role: Role | None, *, traditional: bool = False) -> bool:
    """Give a chat the menu of a role; None takes that menu away, and everybody's menu is left.

    Return whether the chat has the menu now. Telegram shows the narrowest of the scopes that apply
    (Bot API, BotCommandScope).
    """
    scope = BotCommandScopeChat(chat)
    if role is not None:
        return await _set_menu(bot, scope, role, traditional)
    codes = dict.fromkeys(_language_code(language) for language in offered())
    return all([await _tolerant(partial(bot.delete_my_commands, scope, code)) for code in codes])


async def _set_menu(bot: Bot, scope: BotCommandScope, role: Role | None, traditional: bool) -> bool:
    done = []
    spoken = offered() if role is None else staff_languages()
    for language in _languages(spoken, traditional=traditional):
        texts, code = await _texts(language, "command."), _language_code(language)
        commands = [BotCommand(name, texts[f"command.{name}"]) for name in menu(role)]
        done.append(await _tolerant(partial(bot.set_my_commands, commands, scope, code)))
    return all(done)


def _languages(spoken: Iterable[str], *, traditional: bool) -> list[str]:
    """Return languages without the Chinese script that is not shown, if there are both."""
    tags = list(spoken)
    hidden = _CHINESE[0 if traditional else 1]
    return [tag for tag in tags if tag != hidden or not set(_CHINESE) <= set(tags)]


async def _texts(language: str, prefix: str) -> dict[str, str]:
    """Return the texts of one kind in a language, such as all descriptions of commands.

    `prefix` begins the keys of that kind. A text that is missing is returned in English.

    The catalogues are read in a thread, and not kept: most are not needed for answers.
    """
    return await asyncio.to_thread(_read_texts, language, prefix)


def _read_texts(language: str, prefix: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for tag in dict.fromkeys((DEFAULT, language)):
        for part in PARTS:
            found = catalogues.load(tag, part) if tag != DEFAULT else catalogues.entries(tag, part)
            for key, forms in found.texts.items():
                if key.startswith(prefix):
                    texts[key] = plain(Html(forms[0]))
    return texts


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
