"""Someone who chats with the bot: what they do, and what they see."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.playground.telegram import media
from bot.playground.telegram.entities import to_html

if TYPE_CHECKING:
    from bot.playground.telegram.state import TelegramState

Message = dict[str, Any]
Markup = dict[str, Any]

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
"""Bot features, "Deep linking": "A-Z, a-z, 0-9, _ and - … up to 64 characters"."""


@dataclass
class Person:
    """A Telegram account in its private chat with the bot."""

    telegram: "TelegramState" = field(repr=False)
    id: int
    first_name: str
    last_name: str = ""
    language_code: str = "en"
    role: str = "supporter"
    blocked: bool = False
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    toasts: list[str] = field(default_factory=list)
    silent: set[int] = field(default_factory=set)
    """The messages that came without sound."""
    last_id: int = 0
    reply_keyboard: Markup | None = None
    """The keys below the chat (Bot API, ReplyKeyboardMarkup), until another markup comes."""
    _listeners: set[asyncio.Queue[dict[str, Any]]] = field(default_factory=set, repr=False)

    def user(self) -> dict[str, Any]:
        """Return the account as a User of the Bot API."""
        user = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }
        return {**user, "last_name": self.last_name} if self.last_name else user

    def as_chat(self) -> dict[str, Any]:
        """Return the private chat as a Chat of the Bot API."""
        names = {"first_name": self.first_name, "last_name": self.last_name}
        kept = {key: value for key, value in names.items() if value}
        return {"id": self.id, "type": "private", **kept}

    # --- what they do ---------------------------------------------------------------------------

    def send(self, text: str, entities: Sequence[dict[str, Any]] = ()) -> Message:
        """Type a text, with formatting, or press the key of a reply keyboard that says it."""
        message = self._write(**_typed(text))
        if entities:
            message["entities"] = [*entities]
        keyboard = self.reply_keyboard
        # ReplyKeyboardMarkup, one_time_keyboard: "hide the keyboard as soon as it's been used".
        if keyboard and keyboard.get("one_time_keyboard") and text in _labels(keyboard):
            self.offer({})
        self.telegram.update("message", message, self.id)
        return message

    def start(self, payload: str = "") -> Message:
        """Press Start, or open a deep link. Raises ValueError where no link holds `payload`."""
        if not _PAYLOAD.fullmatch(payload):
            raise ValueError("a link carries up to 64 of A-Z, a-z, 0-9, _ and -")
        if self.blocked:
            self.block(blocked=False)
        return self.send(f"/start {payload}".strip())

    def press(self, message_id: int, data: str) -> str:
        """Press the button of that label or callback data; return the press's id.

        Raises KeyError where the message shows no such button.
        """
        message = self.messages[message_id]
        for button in buttons(message):
            if data in (button.get("callback_data"), button["text"]) and "callback_data" in button:
                return self.telegram.press(self, message, button["callback_data"])
        raise KeyError(data)

    def send_other(self, kind: str) -> Message:
        """Send a sticker, a voice message, a photo or the like."""
        message = self._write(**media.field(kind, f"{kind}-of-{self.id}"))
        self.telegram.update("message", message, self.id)
        return message

    def send_file(
        self,
        kind: str,
        content: bytes,
        caption: str = "",
        album: str = "",
        *,
        name: str = "",
        **more: Any,
    ) -> Message:
        """Send a picture or the like; of one `album` (Message, media_group_id), or alone."""
        file_id = self.telegram.keep_file(content, name)
        fields = {**media.field(kind, file_id, len(content)), **more}
        named = {"caption": caption, "media_group_id": album}
        message = self._write(**fields, **{name: value for name, value in named.items() if value})
        self.telegram.update("message", message, self.id)
        return message

    def forward(self, text: str) -> Message:
        """Forward somebody's message."""
        origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 0}
        message = self._write(text=text, forward_origin=origin)
        self.telegram.update("message", message, self.id)
        return message

    def edit(self, message_id: int, text: str) -> None:
        """Edit an older message of their own."""
        message = self.messages[message_id]
        message.pop("entities", None)
        message |= {**_typed(text), "edit_date": self.telegram.unix()}
        self.telegram.update("edited_message", message, self.id)
        self.tell("edited", message)

    def block(self, *, blocked: bool) -> None:
        """Block the bot, or let it in again (Bot API, my_chat_member)."""
        self.blocked = blocked
        bot = self.telegram.me()
        former, now = ("member", "kicked") if blocked else ("kicked", "member")
        changed: dict[str, Any] = {
            "chat": self.as_chat(),
            "from": self.user(),
            "date": self.telegram.unix(),
            "old_chat_member": {"user": bot, "status": former},
            "new_chat_member": {"user": bot, "status": now},
        }
        banned = changed["new_chat_member" if blocked else "old_chat_member"]
        banned["until_date"] = 0  # ChatMemberBanned: "If 0, then the user is banned forever"
        self.telegram.update("my_chat_member", changed, self.id)
        self.tell("blocked", {"blocked": blocked})

    def speak(self, language_code: str) -> None:
        """Set the language of their Telegram."""
        self.language_code = language_code
        self.tell_menu()

    # --- what reaches them ----------------------------------------------------------------------

    def hear(self, message: Message) -> None:
        """Get a message of the bot."""
        self.messages[message["message_id"]] = message
        self.tell("message", message)

    def offer(self, markup: Markup) -> None:
        """Get other keys below the chat; a markup without any takes them away."""
        self.reply_keyboard = markup if markup.get("keyboard") else None
        self.tell("keyboard", {"rows": self.keys()})

    # --- what they see --------------------------------------------------------------------------

    def chat(self) -> list[dict[str, Any]]:
        """Return the chat as it shows: what stands, oldest first."""
        return [self.view(message) for _, message in sorted(self.messages.items())]

    def keys(self) -> list[list[str]]:
        """Return the labels of the keys below the chat, row by row."""
        rows = (self.reply_keyboard or {}).get("keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def commands(self) -> list[dict[str, str]]:
        """Return the menu that this person sees (Bot API, BotCommandScope: the narrowest wins)."""
        language = self.language_code.split("-")[0]
        for scope in (f"chat:{self.id}", "all_private_chats", "default"):
            for spoken in (language, ""):
                if found := self.telegram.commands.get((scope, spoken)):
                    return found
        return []

    def tell_menu(self) -> None:
        """Tell which commands the menu holds now."""
        self.tell("commands", {"commands": self.commands(), "language": self.language_code})

    def view(self, message: Message) -> dict[str, Any]:
        """Return one message as it shows."""
        text: str = message.get("text") or message.get("caption") or ""
        entities: list[Any] = message.get("entities") or message.get("caption_entities") or []
        photo = message["photo"][-1]["file_id"] if "photo" in message else None
        picture = photo if photo in self.telegram.files else None  # what people send has no bytes
        kind = None if picture else next((kind for kind in _KINDS if kind in message), None)
        return {
            "message_id": message["message_id"],
            "mine": not message["from"]["is_bot"],
            "text": text,
            "html": to_html(text, entities),
            "photo": picture,
            "kind": kind,
            "name": self._file_name(message, kind),
            "keyboard": [
                [_button_view(button) for button in row]
                for row in (message.get("reply_markup") or {}).get("inline_keyboard", [])
            ],
            "date": message["date"],
            "edited": "edit_date" in message,
        }

    def _file_name(self, message: Message, kind: str | None) -> str:
        """Return what the file of a message is called; "" where it has no name, or none to show."""
        file = message.get(kind or "")
        kept = self.telegram.files.get(file.get("file_id", "")) if isinstance(file, dict) else None
        return kept[1] if kept else ""

    def tell(self, what: str, content: dict[str, Any]) -> None:
        """Tell everyone who watches this chat what changed in it."""
        shown = self.view(content) if what in ("message", "edited") else content
        for listener in self._listeners:
            listener.put_nowait({"event": what, **shown})

    def watch(self) -> asyncio.Queue[dict[str, Any]]:
        """Return a queue of what changes from now on. Give it back with `unwatch`."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        return queue

    def unwatch(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        """End watching."""
        self._listeners.discard(queue)

    async def until(self, seen: Callable[["Person"], bool], seconds: float = 10) -> None:
        """Wait until `seen` holds. Raises TimeoutError."""
        queue = self.watch()
        try:
            async with asyncio.timeout(seconds):
                while not seen(self):
                    await queue.get()
        finally:
            self.unwatch(queue)

    def clear(self) -> None:
        """Empty the chat on this side."""
        self.messages.clear()
        self.tell("cleared", {})

    def _write(self, **content: Any) -> Message:
        message = {
            "message_id": self.next_id(),
            "date": self.telegram.unix(),
            "chat": self.as_chat(),
            "from": self.user(),
            **content,
        }
        self.messages[message["message_id"]] = message
        self.tell("message", message)
        return message

    def next_id(self) -> int:
        """Return the id of the next message in this chat."""
        self.last_id += 1
        return self.last_id


_KINDS = (
    "photo",
    "sticker",
    "voice",
    "video",
    "animation",
    "document",
    "audio",
    "location",
    "contact",
)


def buttons(message: Message) -> list[dict[str, Any]]:
    """Return the inline buttons of a message."""
    markup = message.get("reply_markup") or {}
    return [button for row in markup.get("inline_keyboard", []) for button in row]


def _typed(text: str) -> dict[str, Any]:
    """Return a text as a client sends it, a command in front marked (MessageEntity)."""
    if not text.startswith("/"):
        return {"text": text}
    length = len(text.split()[0])
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": length}]}


def _labels(keyboard: Markup) -> list[str]:
    return [button["text"] for row in keyboard["keyboard"] for button in row]


def _button_view(button: dict[str, Any]) -> dict[str, Any]:
    if "url" in button:
        return {"text": button["text"], "kind": "url", "url": button["url"]}
    if "copy_text" in button:
        return {"text": button["text"], "kind": "copy", "copy": button["copy_text"]["text"]}
    return {"text": button["text"], "kind": "press", "data": button.get("callback_data", "")}
