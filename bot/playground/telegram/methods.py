"""The methods of the Bot API that the embedded Telegram knows. What is not here is answered 404."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.playground.telegram.intake import Webhook
from bot.playground.telegram.network import BOT_ID, Telegram
from bot.playground.telegram.person import Message, Person
from bot.playground.telegram.refusal import Refused, bad
from bot.playground.telegram.rules import (
    CAPTION,
    DELETABLE,
    TEXT,
    TOAST,
    Bucket,
    decoded,
    markup,
    number,
    rich,
)

_MEDIA = ("photo", "document", "video", "animation", "audio", "voice", "sticker")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LARGEST_PICTURE = 10 * 2**20
"""sendPhoto: "The photo must be at most 10 MB in size"."""


@dataclass
class Call:
    """One request: its fields, as JSON or a form gave them, and the files that came along."""

    fields: Mapping[str, Any]
    files: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)

    def flag(self, name: str) -> bool:
        """Return a Boolean field; forms write it as a word."""
        return self.fields.get(name) in (True, "true", "True", "1", 1)

    def text(self, name: str) -> str:
        """Return a text field, "" where it is missing."""
        value = self.fields.get(name)
        return "" if value is None else str(value)


Method = Callable[[Call], Awaitable[Any]]


class Methods:
    """Answers calls, one bot's."""

    def __init__(self, telegram: Telegram) -> None:
        """Answer for `telegram`."""
        self._telegram = telegram
        self._flood = Bucket()
        self._methods: dict[str, Method] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagecaption": self._edit_caption,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "answercallbackquery": self._answer_press,
            "sendchataction": self._chat_action,
            "setmycommands": self._set_commands,
            "getmycommands": self._get_commands,
            "deletemycommands": self._delete_commands,
            "setmydescription": self._set_text,
            "setmyshortdescription": self._set_text,
            "getchat": self._get_chat,
            "getfile": self._get_file,
            "leavechat": self._leave_chat,
            **{f"send{kind}": self._sender(kind) for kind in _MEDIA},
        }

    async def answer(self, name: str, call: Call) -> Any:
        """Return the result of `name` (method names are case-insensitive). Raises Refused."""
        method = self._methods.get(name.lower())
        if method is None:
            raise Refused(404, "Not Found")
        return await method(call)

    # --- updates --------------------------------------------------------------------------------

    async def _get_me(self, call: Call) -> Any:
        return self._telegram.me()

    async def _get_updates(self, call: Call) -> Any:
        intake = self._telegram.intake
        if (allowed := decoded(call.fields.get("allowed_updates"))) is not None:
            intake.allowed = list(allowed) or None
        offset, limit = (int(call.fields.get(name) or 0) for name in ("offset", "limit"))
        timeout = float(call.fields.get("timeout") or 0)
        return await intake.poll(offset, min(limit or 100, 100), timeout)

    async def _set_webhook(self, call: Call) -> Any:
        url, secret = call.text("url"), call.text("secret_token")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        intake = self._telegram.intake
        if (allowed := decoded(call.fields.get("allowed_updates"))) is not None:
            intake.allowed = list(allowed) or None
        connections = min(max(int(call.fields.get("max_connections") or 40), 1), 100)
        await intake.set_webhook(Webhook(url, secret, connections) if url else None)
        return True

    async def _delete_webhook(self, call: Call) -> Any:
        await self._telegram.intake.set_webhook(None)
        return True

    async def _webhook_info(self, call: Call) -> Any:
        intake = self._telegram.intake
        return {
            "url": intake.webhook.url if intake.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": intake.pending,
        }

    # --- messages -------------------------------------------------------------------------------

    async def _send_message(self, call: Call) -> Any:
        if group := self._telegram.groups.get(number(call.fields, "chat_id")):
            text, _ = rich(call.fields, "text", TEXT)
            if group.left:
                raise Refused(403, "Forbidden: bot is not a member of the group chat")
            group.said.append(text)
            group.last_id += 1
            return {
                "message_id": group.last_id,
                "date": self._telegram.unix(),
                "chat": {"id": group.id, "type": "group", "title": group.title},
                "text": text,
            }
        person = self._addressee(call)
        text, entities = rich(call.fields, "text", TEXT)
        content: dict[str, Any] = {"text": text}
        if entities:
            content["entities"] = entities
        return self._say(person, call, content)

    def _sender(self, kind: str) -> Method:
        async def send(call: Call) -> Any:
            person = self._addressee(call)
            text, entities = rich(call.fields, "caption", CAPTION)
            size = {"width": 1200, "height": 630} if kind == "photo" else {}
            file_id, file_size = self._file(call, kind)
            unique = file_id.partition("-")[2][:12]
            media = {"file_id": file_id, "file_unique_id": unique, "file_size": file_size, **size}
            content: dict[str, Any] = {kind: [media] if kind == "photo" else media}
            if text:
                content["caption"] = text
            if entities:
                content["caption_entities"] = entities
            return self._say(person, call, content)

        return send

    def _file(self, call: Call, kind: str) -> tuple[str, int]:
        """Return the file_id and size of what is to be sent: an upload, or a file kept before."""
        given = call.text(kind)
        name = given.removeprefix("attach://")
        upload = call.files.get(name if given else kind)
        if upload is not None:
            if kind == "photo" and len(upload[0]) > _LARGEST_PICTURE:
                raise bad("too big for a photo")
            return self._telegram.keep_file(*upload), len(upload[0])
        if given.startswith(f"{BOT_ID}-") and given in self._telegram.files:
            return given, len(self._telegram.files[given][0])
        # File ids are good for one bot only (Bot API, "Sending files").
        raise bad("wrong file identifier/HTTP URL specified" if given else f"there is no {kind}")

    def _say(self, person: Person, call: Call, content: dict[str, Any]) -> Message:
        keyboard = markup(call.fields)
        self._spend()
        message: Message = {
            "message_id": person.next_id(),
            "date": self._telegram.unix(),
            "chat": person.as_chat(),
            "from": self._telegram.me(),
            **content,
        }
        if keyboard is not None:
            message["reply_markup"] = keyboard
        person.messages[message["message_id"]] = message
        person.tell("message", message)
        return message

    def _spend(self) -> None:
        if self._telegram.flood:
            self._flood.spend(self._telegram.clock())

    def _addressee(self, call: Call) -> Person:
        return self._telegram.addressee(number(call.fields, "chat_id"))

    # --- edits ----------------------------------------------------------------------------------

    async def _edit_text(self, call: Call) -> Any:
        person, message = self._own(call, "edited")
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        text, entities = rich(call.fields, "text", TEXT)
        return self._edit(person, message, call, {"text": text, "entities": entities})

    async def _edit_caption(self, call: Call) -> Any:
        person, message = self._own(call, "edited")
        if not any(kind in message for kind in _MEDIA):
            raise bad("there is no caption in the message to edit")
        text, entities = rich(call.fields, "caption", CAPTION)
        return self._edit(person, message, call, {"caption": text, "caption_entities": entities})

    async def _edit_markup(self, call: Call) -> Any:
        person, message = self._own(call, "edited")
        return self._edit(person, message, call, {})

    def _edit(self, person: Person, message: Message, call: Call, content: Message) -> Message:
        changed = {**message, **content, "reply_markup": markup(call.fields)}
        shown = {key: value for key, value in changed.items() if value}
        if shown == message:
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        self._spend()
        edited = {**shown, "edit_date": self._telegram.unix()} if content else shown
        person.messages[message["message_id"]] = edited
        person.tell("edited", edited)
        return edited

    def _own(self, call: Call, verb: str) -> tuple[Person, Message]:
        person = self._addressee(call)
        message = person.messages.get(number(call.fields, "message_id"))
        if message is None:
            raise bad(f"message to be {verb} not found".replace("be edited", "edit"))
        if not message["from"]["is_bot"]:
            raise bad("message can't be edited")
        return person, message

    async def _delete_message(self, call: Call) -> Any:
        self._delete(self._addressee(call), number(call.fields, "message_id"), alone=True)
        return True

    async def _delete_messages(self, call: Call) -> Any:
        person, ids = self._addressee(call), decoded(call.fields.get("message_ids"))
        if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
            raise bad("message identifiers are not specified")
        for message_id in ids:
            self._delete(person, int(message_id), alone=False)
        return True

    def _delete(self, person: Person, message_id: int, *, alone: bool) -> None:
        message = person.messages.get(message_id)
        if message is None:
            if alone:
                raise bad("message to delete not found")
            return  # deleteMessages: "If some of the specified messages can't be found, they are
            # skipped"
        age = self._telegram.clock() - datetime.fromtimestamp(message["date"], UTC)
        if age > DELETABLE:
            if alone:
                raise bad("message can't be deleted")
            return
        del person.messages[message_id]
        person.tell("deleted", {"message_id": message_id})

    async def _answer_press(self, call: Call) -> Any:
        text = call.text("text")
        if len(text) > TOAST:
            raise bad("MESSAGE_TOO_LONG")
        press = call.text("callback_query_id")
        self._telegram.answer_press(press, text, alert=call.flag("show_alert"))
        return True

    async def _chat_action(self, call: Call) -> Any:
        self._addressee(call).tell("typing", {})
        return True

    # --- the bot itself -------------------------------------------------------------------------

    async def _set_commands(self, call: Call) -> Any:
        commands = decoded(call.fields.get("commands"))
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad("can't parse commands")
        for command in commands:
            if not _COMMAND.fullmatch(str(command.get("command", ""))):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self._telegram.set_commands(self._scope(call), call.text("language_code"), commands)
        return True

    async def _get_commands(self, call: Call) -> Any:
        key = (self._scope(call), call.text("language_code"))
        return self._telegram.commands.get(key, [])

    async def _delete_commands(self, call: Call) -> Any:
        self._telegram.set_commands(self._scope(call), call.text("language_code"), [])
        return True

    def _scope(self, call: Call) -> str:
        scope = decoded(call.fields.get("scope")) or {"type": "default"}
        return f"{scope['type']}:{scope['chat_id']}" if "chat_id" in scope else str(scope["type"])

    async def _set_text(self, call: Call) -> Any:
        for name, most in (("description", 512), ("short_description", 120)):
            if len(call.text(name)) > most:
                raise bad(f"{name} is too long")
            if name in call.fields:
                self._telegram.texts[name, call.text("language_code")] = call.text(name)
        return True

    async def _get_chat(self, call: Call) -> Any:
        person = self._telegram.people.get(number(call.fields, "chat_id"))
        if person is None:
            raise bad("chat not found")
        return person.as_chat()

    async def _get_file(self, call: Call) -> Any:
        file_id = call.text("file_id")
        if file_id not in self._telegram.files:
            raise bad("invalid file_id")
        return {"file_id": file_id, "file_unique_id": file_id[-12:], "file_path": file_id}

    async def _leave_chat(self, call: Call) -> Any:
        group = self._telegram.groups.get(number(call.fields, "chat_id"))
        if group is None:
            raise bad("chat not found")
        group.left = True
        return True
