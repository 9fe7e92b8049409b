"""What is answered → calls of the Bot API."""

import asyncio
import hashlib
import io
from typing import Any

import segno
from telegram import InputFile
from telegram.error import BadRequest, Forbidden

from bot.services.ports import BlockedByUser, MessagePosition, SentMessages
from bot.telegram import broadcast_payload, menus
from bot.telegram.pacing import Pacer, Priority
from bot.telegram.request import TelegramRequest
from conversations.core.buttons.packing import pack_persistent, pack_turn
from conversations.core.replies import (
    Ask,
    Button,
    ClearChat,
    ClosePrompt,
    CommandMenu,
    CsvFile,
    Document,
    EditButtons,
    EditMessage,
    EditPrompt,
    Keyboard,
    LetterStatus,
    LinkButton,
    OtherChat,
    PersistentButton,
    Picture,
    Preview,
    QrCode,
    Reply,
    Say,
    StatsReport,
    Toast,
    TurnButton,
)
from conversations.text.html import Html, length, plain

CAPTION = 1024
"""What a picture's caption holds (Bot API, sendPhoto)."""

TOAST = 200
"""What a toast holds (Bot API, answerCallbackQuery)."""

_AT_ONCE = 100
"""How many messages one call deletes (Bot API, deleteMessages)."""

_SAME = "message is not modified"
_GONE = ("message to edit not found", "message can't be edited", "there is no")
_NOBODY = ("chat not found", "user is deactivated", "peer_id_invalid")


class Messenger:
    """Says replies in private chats, at the pace that Telegram takes."""

    def __init__(self, request: TelegramRequest, pacer: Pacer) -> None:
        """Speak through `request`."""
        self._request = request
        self._pacer = pacer
        self._pictures: dict[bytes, str] = {}
        """The file ids of pictures that were sent, by their hash: they are uploaded once."""

    async def say(self, place: MessagePosition, reply: Reply) -> SentMessages:
        """Say `reply`. Raises Blocked, and what `TelegramRequest.call` raises."""
        match reply:
            case Ask(text, keyboard, picture):
                return await self._ask(place, text, keyboard, picture)
            case EditPrompt(text, keyboard):
                return await self._amend(place, text, keyboard)
            case ClosePrompt(text):
                return await self._settle(place, text)
            case Say(text, keyboard):
                return await self._send(place.chat, text, _markup(keyboard, place))
            case EditMessage(text, keyboard, message):
                older = message or place.pressed_message
                return await self._replace(place, text, keyboard, older)
            case Toast(text, alert):
                await self._answer(place, text, alert=alert)
            case ClearChat():
                await self._clear(place)
            case Preview():
                return await self._preview(place.chat, reply)
            case QrCode(url, text):
                picture = await asyncio.to_thread(_qr_code, url)
                return SentMessages((await self._send_picture(place.chat, picture, text, None),))
            case CommandMenu(role):
                await menus.offer(self._request, place.chat, role)
            case Picture():
                return await self._pictured(place, reply)
            case EditButtons(keyboard) if place.pressed_message:
                markup = _markup(keyboard, place)
                edit = ("editMessageReplyMarkup", place.chat, place.pressed_message)
                await self._edit_with(*edit, reply_markup=markup)
            case Document(name, content, text):
                return await self._document(place.chat, name, content, text)
            case LetterStatus() | OtherChat() | StatsReport() | CsvFile():
                raise TypeError("this is said by `Telling`")
        return SentMessages()

    async def show(
        self, chat: int, reply: Say, message: int | None, *, silent: bool = False
    ) -> int:
        """Edit `message` to `reply`, or say it anew; return the id of the message.

        What is `silent` makes no sound (Bot API, sendMessage, disable_notification).
        """
        markup = _markup(reply.keyboard, None)
        if message is not None and await self._edit(chat, message, reply.text, markup):
            return message
        return (await self._send(chat, reply.text, markup, silent=silent)).messages[-1]

    async def acknowledge(self, callback: str) -> None:
        """Answer a press without a word: until then the button shows its progress."""
        try:
            await self._request.call("answerCallbackQuery", callback_query_id=callback)
        except BadRequest:
            return  # it is too old, and the person saw the progress bar give up

    # --- one reply each -------------------------------------------------------------------------

    async def _ask(
        self, place: MessagePosition, text: Html, keyboard: Keyboard, picture: bytes | None
    ) -> SentMessages:
        markup = _markup(keyboard, place)
        if picture is None:
            return await self._send(place.chat, text, markup)
        if length(text) <= CAPTION:
            message = await self._send_picture(place.chat, picture, text, markup)
            return SentMessages((message,), has_picture=True)
        alone = await self._send_picture(place.chat, picture, None, None)
        return SentMessages((alone, *(await self._send(place.chat, text, markup)).messages))

    async def _amend(self, place: MessagePosition, text: Html, keyboard: Keyboard) -> SentMessages:
        markup, message = _markup(keyboard, place), place.prompt_message
        picture = place.prompt_has_picture
        fits = not picture or length(text) <= CAPTION
        if (
            message
            and fits
            and await self._edit(place.chat, message, text, markup, picture=picture)
        ):
            return SentMessages((message,), has_picture=picture)
        await self._settle(place, None)
        return await self._send(place.chat, text, markup)

    async def _settle(self, place: MessagePosition, text: Html | None) -> SentMessages:
        message = place.prompt_message
        if message is None:
            return await self._send(place.chat, text, None) if text else SentMessages()
        if text is None:
            await self._edit_with("editMessageReplyMarkup", place.chat, message)
        else:
            await self._edit(place.chat, message, text, None, picture=place.prompt_has_picture)
        return SentMessages()

    async def _replace(
        self, place: MessagePosition, text: Html, keyboard: Keyboard, message: int | None
    ) -> SentMessages:
        markup = _markup(keyboard, place)
        if message is not None and await self._edit(place.chat, message, text, markup):
            return SentMessages()
        return await self._send(place.chat, text, markup)

    async def _pictured(self, place: MessagePosition, reply: Picture) -> SentMessages:
        """Show a picture with its words, in the place of another one where that is there."""
        markup = _markup(reply.keyboard, None)
        if place.pressed_message and not reply.anew:
            file = InputFile(reply.picture, filename="figures.png", attach=True)
            words = {"caption": reply.text, "parse_mode": "HTML"}
            media = {"type": "photo", "media": file, **words}
            edit = ("editMessageMedia", place.chat, place.pressed_message)
            if await self._edit_with(*edit, media=media, reply_markup=markup):
                return SentMessages()
        message = await self._send_picture(place.chat, reply.picture, reply.text, markup)
        return SentMessages((message,))

    async def _document(self, chat: int, name: str, content: bytes, text: Html) -> SentMessages:
        file = InputFile(content, filename=name, attach=True)
        words = {"caption": text, "parse_mode": "HTML"}
        sent = await self._call(chat, "sendDocument", document=file, **words)
        return SentMessages((sent["message_id"],))

    async def _answer(self, place: MessagePosition, text: str, *, alert: bool) -> None:
        if place.callback is None:
            return
        try:
            await self._request.call(
                "answerCallbackQuery",
                callback_query_id=place.callback,
                text=text[:TOAST],
                show_alert=alert,
            )
        except BadRequest:
            return

    async def _preview(self, chat: int, update: Preview) -> SentMessages:
        """Send an update as subscribers get it."""
        messages: list[int] = []
        calls = broadcast_payload.calls(update.parts, plain(update.text))
        for number, (method, body) in enumerate(calls, 1):
            markup = _markup(update.keyboard, None) if number == len(calls) else None
            sent = await self._call(
                chat, method, **body, **({"reply_markup": markup} if markup else {})
            )
            messages += [
                each["message_id"] for each in (sent if isinstance(sent, list) else [sent])
            ]
        return SentMessages(tuple(messages))

    async def _clear(self, place: MessagePosition) -> None:
        for start in range(0, len(place.seen), _AT_ONCE):
            ids = list(place.seen[start : start + _AT_ONCE])
            await self._call(place.chat, "deleteMessages", message_ids=ids)

    # --- calls ----------------------------------------------------------------------------------

    async def _send(
        self, chat: int, text: Html, markup: dict[str, Any] | None, *, silent: bool = False
    ) -> SentMessages:
        how = {**_text(text), "reply_markup": markup}
        if silent:
            how["disable_notification"] = True
        sent = await self._call(chat, "sendMessage", **how)
        return SentMessages((sent["message_id"],))

    async def _send_picture(
        self, chat: int, picture: bytes, text: Html | None, markup: dict[str, Any] | None
    ) -> int:
        key = hashlib.sha256(picture).digest()
        known = self._pictures.get(key)
        caption = {"caption": text, "parse_mode": "HTML"} if text else {}
        sent = await self._call(
            chat,
            "sendPhoto",
            photo=known or InputFile(picture, filename="picture", attach=True),
            reply_markup=markup,
            **caption,
        )
        self._pictures[key] = sent["photo"][-1]["file_id"]
        return int(sent["message_id"])

    async def _edit(
        self,
        chat: int,
        message: int,
        text: Html,
        markup: dict[str, Any] | None,
        *,
        picture: bool = False,
    ) -> bool:
        if picture:
            caption = {"caption": text, "parse_mode": "HTML", "reply_markup": markup}
            return await self._edit_with("editMessageCaption", chat, message, **caption)
        return await self._edit_with(
            "editMessageText", chat, message, **_text(text), reply_markup=markup
        )

    async def _edit_with(self, method: str, chat: int, message: int, **content: Any) -> bool:
        """Edit a message; False where it is gone, or of another kind."""
        try:
            await self._call(chat, method, message_id=message, **content)
        except BadRequest as error:
            why = error.message.lower()
            if _SAME in why:
                return True
            if any(gone in why for gone in _GONE):
                return False
            raise
        return True

    async def _call(self, chat: int, method: str, **parameters: Any) -> Any:
        def call() -> Any:
            return self._request.call(method, chat_id=chat, **parameters)

        try:
            return await self._pacer.send(chat, Priority.INTERACTIVE, call)
        except Forbidden as error:
            raise BlockedByUser from error
        except BadRequest as error:
            if is_nobody(error):
                raise BlockedByUser from error
            raise


def _qr_code(url: str) -> bytes:
    """Return a PNG of `url` (ISO/IEC 18004), with room around it, that survives a crease."""
    picture = io.BytesIO()
    segno.make_qr(url, error="q").save(picture, kind="png", scale=16, border=4)
    return picture.getvalue()


def is_nobody(error: BadRequest) -> bool:
    """Whether a refusal says that there is nobody in the chat."""
    return any(nobody in error.message.lower() for nobody in _NOBODY)


def markup_of(keyboard: Keyboard) -> dict[str, Any] | None:
    """Return a keyboard that belongs to no turn, as the Bot API takes it."""
    return _markup(keyboard, None)


def _text(text: Html) -> dict[str, Any]:
    return {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def _markup(keyboard: Keyboard, place: MessagePosition | None) -> dict[str, Any] | None:
    rows = [[_button(button, place) for button in row] for row in keyboard]
    return {"inline_keyboard": rows} if rows else None


def _button(button: Button, place: MessagePosition | None) -> dict[str, str]:
    """Return a button as the Bot API takes it (InlineKeyboardButton)."""
    match button:
        case TurnButton(label, data) if place is not None:
            packed = pack_turn(data, place.journey, place.asked)
            return {"text": label, "callback_data": packed}
        case PersistentButton(label, data):
            return {"text": label, "callback_data": pack_persistent(data)}
        case LinkButton(label, url):
            return {"text": label, "url": url}
        case _:
            raise TypeError("a button of a turn needs the turn")
