"""What Telegram shows of the bot before anyone talks to it: the menu and the description."""

from collections.abc import Iterable

import structlog
from telegram.error import EndPointNotFound, TelegramError

from bot.telegram.request import AiohttpRequest
from conversations.commands import FOR_CAMPAIGNERS, NAMES
from conversations.wording import DEFAULT, Wording, offered

log = structlog.get_logger()


async def introduce(request: AiohttpRequest, campaigners: Iterable[int] = ()) -> None:
    """Set menus and descriptions, in each language. They are cosmetic: no failure is fatal.

    The chats of `campaigners` have a menu of their own, with what they alone may do: the server
    asks who they are all the same.
    """
    chats = tuple(campaigners)
    for language in offered():
        # Telegram knows languages by two letters; without one, it is what all others see.
        spoken = None if language == DEFAULT else language.split("-")[0]
        wording = Wording(language)
        private = {"type": "all_private_chats"}
        menu = {"commands": _menu(wording, NAMES), "language_code": spoken}
        await _set(request, "setMyCommands", scope=private, **menu)
        menu["commands"] = _menu(wording, (*FOR_CAMPAIGNERS, *NAMES))
        for chat in chats:  # Bot API, BotCommandScopeChat: the narrowest scope is shown
            await _set(request, "setMyCommands", scope={"type": "chat", "chat_id": chat}, **menu)
        description = wording.label("bot.description")
        await _set(request, "setMyDescription", description=description, language_code=spoken)
        about = wording.label("bot.about")
        await _set(request, "setMyShortDescription", short_description=about, language_code=spoken)


def _menu(wording: Wording, names: Iterable[str]) -> list[dict[str, str]]:
    return [{"command": name, "description": wording.label(f"command.{name}")} for name in names]


async def _set(request: AiohttpRequest, method: str, **parameters: object) -> None:
    try:
        await request.call(method, **parameters)
    except EndPointNotFound:
        log.info("server lacks a cosmetic method", method=method)
    except TelegramError as error:
        log.warning("could not be set", method=method, error=type(error).__name__)
