"""Dispatches calls to the methods that the embedded Telegram supports.

Other methods are answered as Telegram answers a method that does not exist (source code of
telegram-bot-api, Client.cpp).
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.content.media import KINDS
from bot.playground.telegram.get_updates import GetUpdates
from bot.playground.telegram.messages import Messages
from bot.playground.telegram.profile import BotProfile
from bot.playground.telegram.refusal import ApiRefusal
from bot.playground.telegram.state import TelegramState

Method = Callable[[ApiCall], Awaitable[Any]]


class Methods:
    """Calls the methods of one bot."""

    def __init__(self, telegram: TelegramState) -> None:
        """Create all methods for `telegram`."""
        self.telegram = telegram
        updates, messages, profile = GetUpdates(telegram), Messages(telegram), BotProfile(telegram)
        self._methods: dict[str, Method] = {
            "getme": profile.get_me,
            "getupdates": updates.get_updates,
            "setwebhook": updates.set_webhook,
            "deletewebhook": updates.delete_webhook,
            "getwebhookinfo": updates.get_webhook_info,
            "sendmessage": messages.send_message,
            "sendmediagroup": messages.send_group,
            "editmessagetext": messages.edit_text,
            "editmessagecaption": messages.edit_caption,
            "editmessagemedia": messages.edit_media,
            "editmessagereplymarkup": messages.edit_markup,
            "deletemessage": messages.delete_message,
            "deletemessages": messages.delete_messages,
            "answercallbackquery": messages.answer_press,
            "sendchataction": messages.chat_action,
            "setmycommands": profile.set_commands,
            "getmycommands": profile.get_commands,
            "deletemycommands": profile.delete_commands,
            "setmydescription": profile.set_text,
            "setmyshortdescription": profile.set_text,
            "setmyprofilephoto": profile.set_photo,
            "getuserprofilephotos": profile.get_photos,
            "getchat": profile.get_chat,
            "getfile": profile.get_file,
            "leavechat": profile.leave_chat,
            **{f"send{kind}": messages.sender(kind) for kind in KINDS},
        }
        telegram.updates.call_method = self._call_from_webhook

    @property
    def names(self) -> tuple[str, ...]:
        """The supported methods, in lower case."""
        return tuple(self._methods)

    async def answer(self, name: str, call: ApiCall) -> Any:
        """Call the method `name` and return its result. Raises ApiRefusal.

        Bot API, "Making requests": "All methods in the Bot API are case-insensitive".
        """
        method = self._methods.get(name.lower())
        if method is None:
            raise ApiRefusal(404, "Not Found: method not found")
        return await method(call)

    async def _call_from_webhook(self, fields: dict[str, Any]) -> None:
        """Call the method in the response of a webhook. The bot can't learn of a refusal."""
        with suppress(ApiRefusal):
            await self.answer(str(fields["method"]), ApiCall(fields))
