"""The Bot API's methods for messages in private chats, at the pace that Telegram allows."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputMediaPhoto, LinkPreviewOptions
from telegram.constants import BulkRequestLimit, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.logs import error_fields
from bot.services.ports import BlockedByUser, CallRefused, ChatLimited, KindRefused, Uncertain
from bot.telegram.client.api_errors import PerhapsSent, TooManyRequests
from bot.telegram.client.error_meanings import Meaning, meaning_of
from bot.telegram.client.pacing import Pacer
from bot.telegram.client.rate_gate import Priority
from conversations.text.html import Html

T = TypeVar("T")

log = structlog.get_logger()

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)

EDIT_RETRY_DELAY = 0.5
"""Seconds after which an edit is made again whose answer was cut off."""

MAX_CUT_OFF_SECONDS = 5.0
"""An edit that took longer than this is not made again: other replies of its chat wait."""

_NO_MESSAGE = (AttributeError, KeyError, TypeError, ValueError)
"""What the library raises where an answer is not the message that it should be."""


class PacedBot:
    """Sends, edits and deletes messages in private chats.

    Every method raises BlockedByUser, ChatLimited, CallRefused, KindRefused, and what the methods
    of `telegram.Bot` raise; those that send raise Uncertain if no answer came. A message that is
    meant for a topic which is closed or deleted is sent outside topics.
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
        topic: int = 0,
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
        return (await self.send(chat, topic, send)).message_id

    async def send_photo(
        self,
        chat: int,
        picture: bytes,
        caption: Html | None = None,
        markup: InlineKeyboardMarkup | None = None,
        *,
        topic: int = 0,
    ) -> int:
        """Send a picture and return the id of the message."""
        key = hashlib.sha256(picture).digest()
        send = partial(
            self.bot.send_photo,
            chat,
            filename="picture",
            caption=caption,
            parse_mode=ParseMode.HTML if caption else None,
            reply_markup=markup,
        )
        if file_id := self._file_ids.get(key):
            try:
                return (await self.send(chat, topic, partial(send, photo=file_id))).message_id
            except CallRefused:  # Telegram may have forgotten the file: it is uploaded again
                self._file_ids.pop(key, None)
        sent = await self.send(chat, topic, partial(send, photo=picture))
        if sent.photo:
            self._file_ids[key] = sent.photo[-1].file_id
        return sent.message_id

    async def send_document(
        self, chat: int, name: str, content: bytes, caption: Html, *, topic: int = 0
    ) -> int:
        """Send a file and return the id of the message."""
        send = partial(
            self.bot.send_document,
            chat,
            content,
            filename=name,
            caption=caption,
            parse_mode=ParseMode.HTML,
        )
        return (await self.send(chat, topic, send)).message_id

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
            await self._edit(chat, partial(self.bot.delete_messages, chat, some))

    async def answer_press(
        self, callback: str, text: str | None = None, *, alert: bool | None = None
    ) -> None:
        """Answer a callback query, at once. One that cannot be answered is passed over.

        Its messages follow all the same, so nobody depends on it.
        """
        try:
            await self.bot.answer_callback_query(callback, text, show_alert=alert)
        except (BadRequest, Forbidden) as error:
            if meaning_of(error) is not Meaning.HARMLESS:
                log.warning("press not answered", **error_fields(error))

    async def show_activity(self, chat: int, activity: str, *, topic: int = 0) -> None:
        """Show what the bot is doing, at once. It is cosmetic: no failure is raised."""
        try:
            await self.bot.send_chat_action(chat, activity, message_thread_id=topic or None)
        except TelegramError as error:
            log.info("activity not shown", **error_fields(error))

    async def send(self, chat: int, topic: int, send: Callable[..., Awaitable[T]]) -> T:
        """Call `send` with the topic as `message_thread_id`, if there is one (Bot API 9.3).

        The person may have closed or deleted the topic. Then it is called without.
        """
        try:
            if topic:
                with suppress(_TopicGone):
                    return await self.call(chat, partial(send, message_thread_id=topic))
            return await self.call(chat, send)
        except PerhapsSent as error:
            raise Uncertain(str(error)) from error

    async def call(self, chat: int, call: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `call`, which concerns `chat`. Raises PerhapsSent."""
        try:
            return await self._pacer.send(chat, Priority.INTERACTIVE, call)
        except TooManyRequests as error:
            raise ChatLimited(error.seconds) from error
        except (BadRequest, ChatMigrated, Forbidden) as error:
            if refused := _REFUSALS.get(meaning_of(error)):
                raise refused from error
            raise
        except _NO_MESSAGE as error:
            raise PerhapsSent("Telegram's answer is not what it should be.") from error

    async def _edit(self, chat: int, edit: Callable[[], Awaitable[object]]) -> bool:
        """Change messages; False means that they are gone, or cannot be changed any more.

        A change whose answer was cut off is made once more: that does no harm if it was made.
        """
        began = asyncio.get_running_loop().time()
        try:
            try:
                await self.call(chat, edit)
            except PerhapsSent:
                if asyncio.get_running_loop().time() - began > MAX_CUT_OFF_SECONDS:
                    raise
                await asyncio.sleep(EDIT_RETRY_DELAY)
                await self.call(chat, edit)
        except _TopicGone:
            return False
        except (BadRequest, Forbidden) as error:
            match meaning_of(error):
                case Meaning.HARMLESS:
                    return True
                case Meaning.MESSAGE_GONE:
                    return False
            raise
        return True


class _TopicGone(BlockedByUser):
    """The topic is closed or deleted, or the whole chat if no topic was given."""


_REFUSALS: Mapping[Meaning, type[Exception]] = {
    Meaning.UNREACHABLE: BlockedByUser,
    Meaning.TOPIC_GONE: _TopicGone,
    Meaning.KIND_REFUSED: KindRefused,
    Meaning.FAULTY: CallRefused,
}
"""What a refusal raises. One with another meaning is raised as it is."""
