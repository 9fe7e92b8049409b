"""Sends replies: each becomes one or more calls of the Bot API."""

import asyncio
import io
from functools import partial

import structlog
from telegram import Bot, InlineKeyboardMarkup
from telegram.constants import CallbackQueryLimit, MessageLimit

from bot.logs import error_fields
from bot.services.ports import Activity, CallRefused, MessagePosition, SentMessages
from bot.telegram import broadcast_payload, menus
from bot.telegram.client.paced_bot import PacedBot
from bot.telegram.client.pacing import Pacer
from bot.telegram.markup import inline_keyboard
from conversations.core.replies import (
    Ask,
    ClearChat,
    ClosePrompt,
    CommandMenu,
    CsvFile,
    DeleteMessages,
    Document,
    EditButtons,
    EditMessage,
    EditPrompt,
    LetterStatus,
    OtherChat,
    Picture,
    Preview,
    QrCode,
    Reply,
    Say,
    StatsReport,
    Toast,
)
from conversations.text.html import Html, length, plain

log = structlog.get_logger()

MAX_CAPTION = int(MessageLimit.CAPTION_LENGTH)
_ACTIVITY_SECONDS = 5.0
"""How long Telegram shows an activity (Bot API, sendChatAction)."""

MAX_TOAST = int(CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH)


class Messenger:
    """Sends replies in private chats, at the pace that Telegram allows (`MessageSender`)."""

    def __init__(self, bot: Bot, pacer: Pacer) -> None:
        """Send through `bot`."""
        self._bot = PacedBot(bot, pacer)
        self._active_since: dict[int, float] = {}
        """When an activity was shown in each chat, on the event loop's clock."""

    async def send(self, position: MessagePosition, reply: Reply) -> SentMessages:
        """Send `reply`.

        Raises BlockedByUser, CallRefused, and what the methods of `telegram.Bot` raise.
        """
        match reply:
            case Ask():
                return await self._ask(position, reply)
            case EditPrompt():
                return await self._edit_prompt(position, reply)
            case ClosePrompt(text, keyboard):
                markup = inline_keyboard(keyboard, position)
                return await self._close_prompt(position, text, markup)
            case EditMessage():
                return await self._edit_message(position, reply)
            case Preview():
                return await self._preview(position, reply)
            case Picture():
                return await self._picture(position, reply)
            case Say(text, keyboard):
                markup = inline_keyboard(keyboard, position)
                message = await self._send_text(position, text, markup)
            case QrCode(url, text, keyboard):
                picture, markup = await asyncio.to_thread(_qr_code, url), inline_keyboard(keyboard)
                message = await self._send_photo(position, picture, text, markup)
            case Document(name, content, text):
                message = await self._bot.send_document(
                    position.chat, name, content, text, topic=position.topic
                )
            case Toast() | ClearChat() | DeleteMessages() | CommandMenu() | EditButtons():
                await self._change(position, reply)
                return SentMessages()
            case LetterStatus() | OtherChat() | StatsReport() | CsvFile():
                raise TypeError("ReplySender replaces this reply before it is sent")
        return SentMessages((message,))

    async def show(
        self, chat: int, reply: Say, message: int | None, *, silent: bool = False, topic: int = 0
    ) -> int:
        """Edit `message` so that it shows `reply`, or send a new one. Return the message's id.

        A `silent` message makes no sound (Bot API, sendMessage, disable_notification). A new one is
        sent in `topic`, if there is one.
        """
        markup = inline_keyboard(reply.keyboard)
        if message and await self._bot.edit_text(chat, message, reply.text, markup):
            return message
        return await self._bot.send_text(chat, reply.text, markup, silent=silent, topic=topic)

    async def acknowledge(self, callback: str) -> None:
        """Answer a callback query without a text. Until then the button shows a progress bar."""
        await self._bot.answer_press(callback)

    async def show_activity(self, position: MessagePosition, activity: Activity) -> None:
        """Show at the top of the chat what the bot is doing (Bot API, sendChatAction).

        Telegram shows it for five seconds or less, so it is sent at most once in that time.
        """
        chat, now = position.chat, asyncio.get_running_loop().time()
        self._active_since = {
            each: since
            for each, since in self._active_since.items()
            if now - since < _ACTIVITY_SECONDS
        }
        if chat not in self._active_since:
            self._active_since[chat] = now
            await self._bot.show_activity(chat, activity.value, topic=position.topic)

    async def _ask(self, position: MessagePosition, reply: Ask) -> SentMessages:
        """Ask a question; without its picture where Telegram refuses that."""
        text, picture = reply.text, reply.picture
        markup = inline_keyboard(reply.keyboard, position)
        alone: tuple[int, ...] = ()
        try:
            if picture is not None and length(text) <= MAX_CAPTION:
                message = await self._send_photo(position, picture, text, markup)
                return SentMessages((message,), has_picture=True)
            if picture is not None:
                alone = (await self._send_photo(position, picture),)
        except CallRefused as refused:
            log.error("picture refused", **error_fields(refused))
        return SentMessages((*alone, await self._send_text(position, text, markup)))

    async def _edit_prompt(self, position: MessagePosition, reply: EditPrompt) -> SentMessages:
        """Edit the open question, or ask again below where that is impossible."""
        chat, message, text = position.chat, position.prompt_message, reply.text
        markup = inline_keyboard(reply.keyboard, position)
        has_picture = position.prompt_has_picture
        if message and not (has_picture and length(text) > MAX_CAPTION):
            edit = self._bot.edit_caption if has_picture else self._bot.edit_text
            if await edit(chat, message, text, markup):
                return SentMessages((message,), has_picture=has_picture)
        await self._close_prompt(position, None)
        return SentMessages((await self._send_text(position, text, markup),))

    async def _close_prompt(
        self,
        position: MessagePosition,
        text: Html | None,
        markup: InlineKeyboardMarkup | None = None,
    ) -> SentMessages:
        """Remove the buttons of the open question; `text`, if there is one, replaces its text."""
        chat, message = position.chat, position.prompt_message
        if message is None:
            return SentMessages((await self._send_text(position, text, markup),) if text else ())
        if text is None:
            await self._bot.edit_buttons(chat, message)
        elif position.prompt_has_picture:
            await self._bot.edit_caption(chat, message, text, markup)
        else:
            await self._bot.edit_text(chat, message, text, markup)
        return SentMessages()

    async def _edit_message(self, position: MessagePosition, reply: EditMessage) -> SentMessages:
        """Edit an older message, or send a new one where that is impossible."""
        message, text = reply.message or position.pressed_message, reply.text
        markup = inline_keyboard(reply.keyboard, position)
        if message and await self._bot.edit_text(position.chat, message, text, markup):
            return SentMessages()
        return SentMessages((await self._send_text(position, text, markup),))

    async def _picture(self, position: MessagePosition, reply: Picture) -> SentMessages:
        """Send a picture with its caption, or replace the one whose button was pressed."""
        content = (reply.picture, reply.text, inline_keyboard(reply.keyboard))
        older = None if reply.is_new else position.pressed_message
        if older and await self._bot.edit_photo(position.chat, older, *content):
            return SentMessages()
        return SentMessages((await self._send_photo(position, *content),))

    async def _preview(self, position: MessagePosition, preview: Preview) -> SentMessages:
        """Send a broadcast as subscribers get it."""
        chat = position.chat
        messages: list[int] = []
        calls = broadcast_payload.calls(preview.parts, plain(preview.text))
        if markup := inline_keyboard(preview.keyboard):
            calls[-1][1]["reply_markup"] = markup
        for method, parameters in calls:
            send = partial(getattr(self._bot.bot, method), chat, **parameters)
            sent = await self._bot.send(chat, position.topic, send)
            messages += [each.message_id for each in (sent if isinstance(sent, tuple) else [sent])]
        return SentMessages(tuple(messages))

    async def _send_text(
        self, position: MessagePosition, text: Html, markup: InlineKeyboardMarkup | None = None
    ) -> int:
        return await self._bot.send_text(position.chat, text, markup, topic=position.topic)

    async def _send_photo(
        self,
        position: MessagePosition,
        picture: bytes,
        caption: Html | None = None,
        markup: InlineKeyboardMarkup | None = None,
    ) -> int:
        return await self._bot.send_photo(
            position.chat, picture, caption, markup, topic=position.topic
        )

    async def _change(
        self,
        position: MessagePosition,
        reply: Toast | ClearChat | DeleteMessages | CommandMenu | EditButtons,
    ) -> None:
        """Do what `reply` asks for, which sends no message."""
        match reply:
            case Toast(text, alert) if position.callback is not None:
                await self._bot.answer_press(position.callback, text[:MAX_TOAST], alert=alert)
            case ClearChat():
                await self._bot.delete(position.chat, position.seen)
            case DeleteMessages(messages):
                await self._bot.delete(position.chat, messages)
            case CommandMenu(role):
                await menus.offer(self._bot.bot, position.chat, role)
            case EditButtons(keyboard) if position.pressed_message:
                markup = inline_keyboard(keyboard, position)
                await self._bot.edit_buttons(position.chat, position.pressed_message, markup)
            case _:
                pass  # the message or the press that it concerns is gone


def _qr_code(url: str) -> bytes:
    """Return a PNG of `url` (ISO/IEC 18004), with a margin, that is readable despite a crease."""
    import segno  # here, since it takes 3 MB

    picture = io.BytesIO()
    segno.make_qr(url, error="q").save(picture, kind="png", scale=16, border=4)
    return picture.getvalue()
