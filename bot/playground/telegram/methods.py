"""The methods of the Bot API that the embedded Telegram knows. What is not here is answered 404."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.get_updates import GetUpdates
from bot.playground.telegram.media import KINDS
from bot.playground.telegram.messages import Messages
from bot.playground.telegram.profile import BotProfile
from bot.playground.telegram.refusal import ApiRefusal
from bot.playground.telegram.state import TelegramState

Method = Callable[[ApiCall], Awaitable[Any]]


class Methods:
    """Answers calls, one bot's."""

    def __init__(self, telegram: TelegramState) -> None:
        """Answer for `telegram`."""
        receiving, writing, profile = GetUpdates(telegram), Messages(telegram), BotProfile(telegram)
        self._methods: dict[str, Method] = {
            "getme": profile.get_me,
            "getupdates": receiving.get_updates,
            "setwebhook": receiving.set_webhook,
            "deletewebhook": receiving.delete_webhook,
            "getwebhookinfo": receiving.get_webhook_info,
            "sendmessage": writing.send_message,
            "sendmediagroup": writing.send_group,
            "editmessagetext": writing.edit_text,
            "editmessagecaption": writing.edit_caption,
            "editmessagemedia": writing.edit_media,
            "editmessagereplymarkup": writing.edit_markup,
            "deletemessage": writing.delete_message,
            "deletemessages": writing.delete_messages,
            "answercallbackquery": writing.answer_press,
            "sendchataction": writing.chat_action,
            "setmycommands": profile.set_commands,
            "getmycommands": profile.get_commands,
            "deletemycommands": profile.delete_commands,
            "setmydescription": profile.set_text,
            "setmyshortdescription": profile.set_text,
            "getchat": profile.get_chat,
            "getfile": profile.get_file,
            "leavechat": profile.leave_chat,
            **{f"send{kind}": writing.sender(kind) for kind in KINDS},
        }

    async def answer(self, name: str, call: ApiCall) -> Any:
        """Return the result of `name`. Raises Refused.

        Bot API, "Making requests": "All methods in the Bot API are case-insensitive".
        """
        method = self._methods.get(name.lower())
        if method is None:
            raise ApiRefusal(404, "Not Found")
        return await method(call)
