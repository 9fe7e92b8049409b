"""The Bot API's methods for messages in private chats, at the pace that Telegram allows."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from telegram import Bot, InlineKeyboardMarkup, InputMediaPhoto, LinkPreviewOptions
from telegram.constants import BulkRequestLimit, ParseMode
from telegram.error import BadRequest, Forbidden

from bot.services.ports import BlockedByUser, ChatLimited
from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.client.pacing import Pacer
from bot.telegram.client.rate_gate import Priority
from conversations.text.html import Html

T = TypeVar("T")

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)

_UNCHANGED = "message is not modified"
_NOT_EDITABLE = ("message to edit not found", "message can't be edited", "there is no")
_NOBODY = ("chat not found", "user is deactivated", "peer_id_invalid")
"""Parts of the descriptions with which Telegram refuses a call (status 400)."""


class PacedBot:
    """Sends, edits and deletes messages in private chats.

    Every method raises BlockedByUser, ChatLimited, and what the methods of `telegram.Bot` raise.
    """

    def __init__(self, bot: Bot, pacer: Pacer) -> None:
        """Call the methods of `bot` when `pacer` allows it."""
        self.bot = bot
        self._pacer = pacer
        self._file_ids: dict[bytes, str] = {}
        """File ids of the pictures that were sent, by their hash. Each is uploaded once."""

    async def send_text(
        self,
        chat: int,
        text: Html,
        markup: InlineKeyboardMarkup | None = None,
        *,
        silent: bool = False,
    ) -> int:
        """Send `text` and return the id of the message. A `silent` message makes no sound."""
        send = partial(
            self.bot.send_message,
            chat,
            text,
            parse_mode=ParseMode.HTML,
            link_preview_options=_NO_PREVIEW,
            reply_markup=markup,
            disable_notification=True if silent else None,
        )
        return (await self.call(chat, send)).message_id

    async def send_photo(
        self,
        chat: int,
        picture: bytes,
        caption: Html | None = None,
        markup: InlineKeyboardMarkup | None = None,
    ) -> int:
        """Send a picture and return the id of the message."""
        key = hashlib.sha256(picture).digest()
        send = partial(
            self.bot.send_photo,
            chat,
            self._file_ids.get(key, picture),
            filename="picture",
            caption=caption,
            parse_mode=ParseMode.HTML if caption else None,
            reply_markup=markup,
        )
        sent = await self.call(chat, send)
        self._file_ids[key] = sent.photo[-1].file_id
        return sent.message_id

    async def send_document(self, chat: int, name: str, content: bytes, caption: Html) -> int:
        """Send a file and return the id of the message."""
        send = partial(
            self.bot.send_document,
            chat,
            content,
            filename=name,
            caption=caption,
            parse_mode=ParseMode.HTML,
        )
        return (await self.call(chat, send)).message_id

    async def edit_text(
        self, chat: int, message: int, text: Html, markup: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Edit a message; False means that it is gone, or not a text."""
        edit = partial(
            self.bot.edit_message_text,
            text,
            chat,
            message,
            parse_mode=ParseMode.HTML,
            link_preview_options=_NO_PREVIEW,
            reply_markup=markup,
        )
        return await self._edit(chat, edit)

    async def edit_caption(
        self, chat: int, message: int, caption: Html, markup: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Edit the caption of a picture; False means that the message is gone, or no picture."""
        edit = partial(
            self.bot.edit_message_caption,
            chat,
            message,
            caption=caption,
            parse_mode=ParseMode.HTML,
            reply_markup=markup,
        )
        return await self._edit(chat, edit)

    async def edit_photo(
        self,
        chat: int,
        message: int,
        picture: bytes,
        caption: Html,
        markup: InlineKeyboardMarkup | None = None,
    ) -> bool:
        """Replace a picture and its caption; False means that the message is gone, or a text."""
        media = InputMediaPhoto(picture, caption, ParseMode.HTML, filename="picture")
        edit = partial(self.bot.edit_message_media, media, chat, message, reply_markup=markup)
        return await self._edit(chat, edit)

    async def edit_buttons(
        self, chat: int, message: int, markup: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Replace the buttons of a message, or remove them; False means that it is gone."""
        edit = partial(self.bot.edit_message_reply_markup, chat, message, reply_markup=markup)
        return await self._edit(chat, edit)

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        """Delete messages, as far as they exist."""
        step = BulkRequestLimit.MAX_LIMIT
        for start in range(0, len(messages), step):
            some = messages[start : start + step]
            await self.call(chat, partial(self.bot.delete_messages, chat, some))

    async def answer_press(
        self, callback: str, text: str | None = None, *, alert: bool | None = None
    ) -> None:
        """Answer a callback query, at once. One that is too old to be answered is passed over."""
        try:
            await self.bot.answer_callback_query(callback, text, show_alert=alert)
        except BadRequest:
            return

    async def call(self, chat: int, call: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `call`, which concerns `chat`."""
        try:
            return await self._pacer.send(chat, Priority.INTERACTIVE, call)
        except TooManyRequests as error:
            raise ChatLimited(error.seconds) from error
        except Forbidden as error:
            raise BlockedByUser from error
        except BadRequest as error:
            if is_nobody(error):
                raise BlockedByUser from error
            raise

    async def _edit(self, chat: int, edit: Callable[[], Awaitable[object]]) -> bool:
        try:
            await self.call(chat, edit)
        except BadRequest as error:
            reason = error.message.lower()
            if _UNCHANGED in reason:
                return True
            if any(each in reason for each in _NOT_EDITABLE):
                return False
            raise
        return True


def is_nobody(error: BadRequest) -> bool:
    """Return whether Telegram refused a call because there is nobody in the chat."""
    return any(nobody in error.message.lower() for nobody in _NOBODY)
