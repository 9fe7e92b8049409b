"""Methods that send, edit and delete messages, and answer button presses."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.content import keyboards, media
from bot.playground.telegram.content.message_view import Message
from bot.playground.telegram.content.quoting import reply_fields
from bot.playground.telegram.person import Person
from bot.playground.telegram.refusal import ApiRefusal, bad_request
from bot.playground.telegram.rules import (
    MAX_CAPTION_LENGTH,
    MAX_DELETION_AGE,
    MAX_TEXT_LENGTH,
    MAX_TOAST_LENGTH,
    RateLimit,
    formatted_text,
)
from bot.playground.telegram.state import Group, TelegramState

_ALBUM_KINDS = frozenset({"photo", "video", "document", "audio"})
"""sendMediaGroup, media: InputMediaAudio, InputMediaDocument, InputMediaPhoto, InputMediaVideo."""

_EDITABLE_KINDS = _ALBUM_KINDS | {"animation"}
"""editMessageMedia, media: InputMedia, one of five kinds."""

_MAX_ALBUM_SIZE = 10
"""sendMediaGroup, media: "must include 2-10 items"."""

_CHAT_ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)
"""sendChatAction, action."""

_MAX_PHOTO_BYTES = 10 * 2**20
"""sendPhoto: "The photo must be at most 10 MB in size"."""

_MAX_DELETIONS = 100
"""deleteMessages, message_ids: "a list of 1-100 identifiers"."""


class Messages:
    """Methods about messages in chats."""

    def __init__(self, telegram: TelegramState) -> None:
        """Write to the chats of `telegram`."""
        self._telegram = telegram
        self._rate_limit = RateLimit()

    async def send_message(self, call: ApiCall) -> Message:
        """sendMessage."""
        if group := self._telegram.groups.get(call.number("chat_id")):
            return self._send_to_group(group, call)
        person = self._recipient(call)
        text, entities = formatted_text(call, "text", MAX_TEXT_LENGTH)
        content: dict[str, Any] = {"text": text}
        if entities:
            content["entities"] = entities
        return self._send(person, call, content)

    def sender(self, kind: str) -> Callable[[ApiCall], Awaitable[Message]]:
        """Return the method that sends files of `kind`: sendPhoto, sendVoice and so on."""

        async def send(call: ApiCall) -> Message:
            person = self._recipient(call)
            text, entities = formatted_text(call, "caption", MAX_CAPTION_LENGTH)
            content = media.field(kind, *self._file(call, kind))
            if text:
                content["caption"] = text
            if entities:
                content["caption_entities"] = entities
            return self._send(person, call, content)

        return send

    async def send_group(self, call: ApiCall) -> list[Message]:
        """sendMediaGroup: messages with one media_group_id. There is no parameter reply_markup."""
        person, items = self._recipient(call), call.objects("media") or []
        if not 2 <= len(items) <= _MAX_ALBUM_SIZE:
            raise bad_request("wrong number of messages in media group")
        kinds = {str(item.get("type")) for item in items}
        # "Documents and audio files can be only grouped in an album with messages of the same
        # type."
        if not kinds <= _ALBUM_KINDS or (len(kinds) > 1 and not kinds <= {"photo", "video"}):
            raise bad_request("media of these types can't be in one group")
        contents = [self._media_content(item) for item in items]
        group = str(person.next_id())
        where = ("message_thread_id", "reply_parameters")
        each_call = ApiCall({name: call.fields[name] for name in where if name in call.fields})
        return [self._send(person, each_call, {**one, "media_group_id": group}) for one in contents]

    def _media_content(
        self, item: dict[str, Any], files: Mapping[str, tuple[bytes, str]] | None = None
    ) -> dict[str, Any]:
        """Return the fields of a message for an InputMedia object, like InputMediaPhoto."""
        kind = str(item["type"])
        call = ApiCall({**item, kind: item.get("media", "")}, files or {})
        text, entities = formatted_text(call, "caption", MAX_CAPTION_LENGTH)
        content = media.field(kind, *self._file(call, kind))
        named = {"caption": text, "caption_entities": entities}
        return {**content, **{name: value for name, value in named.items() if value}}

    async def edit_text(self, call: ApiCall) -> Message:
        """editMessageText."""
        person, message = self._own_message(call)
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        text, entities = formatted_text(call, "text", MAX_TEXT_LENGTH)
        return self._edit(person, message, call, {"text": text, "entities": entities})

    async def edit_caption(self, call: ApiCall) -> Message:
        """editMessageCaption."""
        person, message = self._own_message(call)
        if not any(kind in message for kind in media.KINDS):
            raise bad_request("there is no caption in the message to edit")
        text, entities = formatted_text(call, "caption", MAX_CAPTION_LENGTH)
        return self._edit(person, message, call, {"caption": text, "caption_entities": entities})

    async def edit_media(self, call: ApiCall) -> Message:
        """editMessageMedia: replace the file and the caption."""
        person, message = self._own_message(call)
        if not any(kind in message for kind in media.KINDS):
            raise bad_request("there is no media in the message to edit")
        item = call.value("media")
        if not isinstance(item, dict) or item.get("type") not in _EDITABLE_KINDS:
            raise bad_request("can't parse InputMedia")
        removed = dict.fromkeys((*media.KINDS, "caption", "caption_entities"))
        content = removed | self._media_content(item, call.files)
        return self._edit(person, message, call, content)

    async def edit_markup(self, call: ApiCall) -> Message:
        """editMessageReplyMarkup."""
        person, message = self._own_message(call)
        return self._edit(person, message, call, {})

    async def delete_message(self, call: ApiCall) -> bool:
        """deleteMessage. "Bots can delete incoming messages in private chats", too."""
        person, message_id = self._recipient(call), call.number("message_id")
        if message_id not in person.messages:
            raise bad_request("message to delete not found")
        if not self._delete(person, message_id):
            raise bad_request("message can't be deleted")
        return True

    async def delete_messages(self, call: ApiCall) -> bool:
        """deleteMessages: "If some of the specified messages can't be found, they are skipped"."""
        person, ids = self._recipient(call), call.value("message_ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= _MAX_DELETIONS:
            raise bad_request("message identifiers are not specified")
        for message_id in ids:
            self._delete(person, message_id)
        return True

    async def answer_press(self, call: ApiCall) -> bool:
        """answerCallbackQuery."""
        text = call.text("text")
        if len(text) > MAX_TOAST_LENGTH:
            raise bad_request("MESSAGE_TOO_LONG")
        press = call.text("callback_query_id")
        self._telegram.answer_press(press, text, alert=call.flag("show_alert"))
        return True

    async def chat_action(self, call: ApiCall) -> bool:
        """sendChatAction: "The status is set for 5 seconds or less"."""
        person = self._recipient(call)
        action = call.text("action")
        if action not in _CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        person.notify("typing", {"action": action})
        return True

    # --- helpers --------------------------------------------------------------------------------

    def _recipient(self, call: ApiCall) -> Person:
        return self._telegram.recipient(call.number("chat_id"))

    def _check_rate(self) -> None:
        if self._telegram.flood:
            self._rate_limit.spend(self._telegram.clock())

    def _send(self, person: Person, call: ApiCall, content: dict[str, Any]) -> Message:
        markup = keyboards.read(call)
        self._check_rate()
        message: Message = {
            "message_id": person.next_id(),
            "date": self._telegram.unix_time(),
            "chat": person.as_chat(),
            "from": self._telegram.me(),
            **person.topic_fields(call.number_or("message_thread_id", 0)),
            **reply_fields(person, call),
            **content,
        }
        if markup is not None and "inline_keyboard" in markup:
            message["reply_markup"] = markup
        # sendMessage, disable_notification: "Users will receive a notification with no sound".
        if call.flag("disable_notification"):
            person.silent.add(message["message_id"])
        person.receive(message)
        # Message, reply_markup: "Inline keyboard attached to the message". Other keyboards belong
        # to the chat, until another one replaces them.
        if markup is not None and "inline_keyboard" not in markup:
            person.set_keyboard(markup)
        return message

    def _send_to_group(self, group: Group, call: ApiCall) -> Message:
        text, _ = formatted_text(call, "text", MAX_TEXT_LENGTH)
        if group.left:
            raise ApiRefusal(403, "Forbidden: bot is not a member of the group chat")
        self._check_rate()
        group.messages.append(text)
        return {
            "message_id": len(group.messages),
            "date": self._telegram.unix_time(),
            "chat": {"id": group.id, "type": group.kind, "title": group.title},
            "text": text,
        }

    def _file(self, call: ApiCall, kind: str) -> tuple[str, int]:
        """Return file_id and size of the file to send: an upload, or a stored file."""
        value = call.text(kind)
        name = value.removeprefix("attach://")
        upload = call.files.get(name if value else kind)
        if upload is not None:
            if kind == "photo" and len(upload[0]) > _MAX_PHOTO_BYTES:
                raise bad_request("too big for a photo")
            return self._telegram.keep_file(*upload), len(upload[0])
        if value.startswith(f"{self._telegram.bot_id}-") and value in self._telegram.files:
            return value, len(self._telegram.files[value][0])
        # Bot API, "Sending files": "file_id is unique for each individual bot and can't be
        # transferred from one bot to another".
        raise bad_request(
            "wrong file identifier/HTTP URL specified" if value else f"there is no {kind}"
        )

    def _own_message(self, call: ApiCall) -> tuple[Person, Message]:
        person = self._recipient(call)
        message = person.messages.get(call.number("message_id"))
        if message is None:
            raise bad_request("message to edit not found")
        if not message["from"]["is_bot"]:
            raise bad_request("message can't be edited")
        return person, message

    def _edit(self, person: Person, message: Message, call: ApiCall, content: Message) -> Message:
        changed = {**message, **content, "reply_markup": keyboards.inline(call)}
        shown = {key: value for key, value in changed.items() if value}
        if shown == message:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        self._check_rate()
        edited = {**shown, "edit_date": self._telegram.unix_time()} if content else shown
        person.messages[message["message_id"]] = edited
        person.notify("edited", edited)
        return edited

    def _delete(self, person: Person, message_id: object) -> bool:
        """Delete a message; return False if it does not exist or is too old."""
        message = person.messages.get(message_id) if isinstance(message_id, int) else None
        if message is None:
            return False
        sent = datetime.fromtimestamp(message["date"], UTC)
        if self._telegram.clock() - sent > MAX_DELETION_AGE:
            return False
        del person.messages[message["message_id"]]
        person.notify("deleted", {"message_id": message["message_id"]})
        return True
