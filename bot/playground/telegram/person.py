"""A Telegram account in its private chat with the bot: what the person does and sees."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.playground.telegram.content import media
from bot.playground.telegram.content.message_view import Message, message_view
from bot.playground.telegram.refusal import ApiRefusal, bad_request

if TYPE_CHECKING:
    from bot.playground.telegram.state import TelegramState

Markup = dict[str, Any]

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
"""Bot features, "Deep linking": "A-Z, a-z, 0-9, _ and - … up to 64 characters"."""


@dataclass
class Person:
    """A Telegram account in its private chat with the bot."""

    telegram: "TelegramState" = field(repr=False)
    id: int
    """The user id, which is also the id of the private chat."""
    first_name: str
    last_name: str = ""
    language_code: str = "en"
    """The language that Telegram is set to."""
    role: str = "supporter"
    """The role that the demo's page shows: supporter, campaigner or admin."""
    blocked: bool = False
    """Whether the person has blocked the bot."""
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    """The messages in the chat by message_id; deleted ones are missing."""
    toasts: list[str] = field(default_factory=list)
    """The texts of answered button presses (Bot API, answerCallbackQuery)."""
    silent: set[int] = field(default_factory=set)
    """The ids of messages that arrived without sound."""
    last_id: int = 0
    """The id of the newest message, deleted ones included."""
    topic: int = 0
    """The topic that the person writes in; 0 outside topics."""
    topics: dict[int, bool] = field(default_factory=dict)
    """The topics of the chat, and whether they are open. Deleted ones are missing."""
    refusal: ApiRefusal | None = None
    """What the bot is answered whenever it writes to this person, if that is refused."""
    reply_keyboard: Markup | None = None
    """The keyboard below the chat (Bot API, ReplyKeyboardMarkup)."""
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

    # --- what the person does -------------------------------------------------------------------

    def send(self, text: str, entities: Sequence[dict[str, Any]] = ()) -> Message:
        """Send a text, typed with formatting or by a key of the reply keyboard."""
        message = self._write(**_typed(text))
        if entities:
            message["entities"] = [*entities]
        keyboard = self.reply_keyboard
        # ReplyKeyboardMarkup, one_time_keyboard: "hide the keyboard as soon as it's been used".
        if keyboard and keyboard.get("one_time_keyboard") and text in _labels(keyboard):
            self.set_keyboard({})
        self.telegram.queue_update("message", message, self.id)
        return message

    def start(self, payload: str = "") -> Message:
        """Press Start, or open a deep link. Raises ValueError if no link can carry `payload`."""
        if not _PAYLOAD.fullmatch(payload):
            raise ValueError("a link carries up to 64 of A-Z, a-z, 0-9, _ and -")
        if self.blocked:
            self.block(blocked=False)
        return self.send(f"/start {payload}".strip())

    def press(self, message_id: int, data: str) -> str:
        """Press the button with the label or callback data `data`; return the press's id.

        Raises KeyError if the message has no such button.
        """
        message = self.messages[message_id]
        for button in buttons(message):
            if data in (button.get("callback_data"), button["text"]) and "callback_data" in button:
                return self.telegram.press(self, message, button["callback_data"])
        raise KeyError(data)

    def send_other(self, kind: str) -> Message:
        """Send a sticker, a location, or a file without content."""
        message = self._write(**media.field(kind, f"{kind}-of-{self.id}"))
        self.telegram.queue_update("message", message, self.id)
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
        """Send a file, as part of `album` (Message, media_group_id) if that is given."""
        file_id = self.telegram.keep_file(content, name)
        fields = {**media.field(kind, file_id, len(content), name), **more}
        named = {"caption": caption, "media_group_id": album}
        message = self._write(**fields, **{name: value for name, value in named.items() if value})
        self.telegram.queue_update("message", message, self.id)
        return message

    def forward(self, text: str) -> Message:
        """Forward a message whose author hides their account."""
        origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 0}
        message = self._write(text=text, forward_origin=origin)
        self.telegram.queue_update("message", message, self.id)
        return message

    def report(self, **content: Any) -> Message:
        """Let Telegram report something in a service message, such as `gift` (Bot API, Message)."""
        message = self._write(**content)
        self.telegram.queue_update("message", message, self.id)
        return message

    def open_topic(self, name: str) -> int:
        """Open a topic, and write in it from now on (Bot API, ForumTopicCreated). Return its id."""
        self.topic = self.last_id + 1
        self.topics[self.topic] = True
        self.report(forum_topic_created={"name": name, "icon_color": 0x6FB9F0})
        return self.topic

    def edit(self, message_id: int, text: str) -> None:
        """Edit one of the person's own messages."""
        message = self.messages[message_id]
        message.pop("entities", None)
        message |= {**_typed(text), "edit_date": self.telegram.unix_time()}
        self.telegram.queue_update("edited_message", message, self.id)
        self.notify("edited", message)

    def block(self, *, blocked: bool) -> None:
        """Block or unblock the bot (Bot API, my_chat_member)."""
        self.blocked = blocked
        bot = self.telegram.me()
        former, now = ("member", "kicked") if blocked else ("kicked", "member")
        changed: dict[str, Any] = {
            "chat": self.as_chat(),
            "from": self.user(),
            "date": self.telegram.unix_time(),
            "old_chat_member": {"user": bot, "status": former},
            "new_chat_member": {"user": bot, "status": now},
        }
        banned = changed["new_chat_member" if blocked else "old_chat_member"]
        banned["until_date"] = 0  # ChatMemberBanned: "If 0, then the user is banned forever"
        self.telegram.queue_update("my_chat_member", changed, self.id)
        self.notify("blocked", {"blocked": blocked})

    def set_language(self, language_code: str) -> None:
        """Set the language of Telegram."""
        self.language_code = language_code
        self.notify_menu()

    # --- what the bot sends ---------------------------------------------------------------------

    def receive(self, message: Message) -> None:
        """Add a message of the bot to the chat."""
        self.messages[message["message_id"]] = message
        self.notify("message", message)

    def topic_fields(self, topic: int) -> dict[str, Any]:
        """Return the fields of a message in `topic` (Message, message_thread_id).

        sendMessage, message_thread_id: "for forum supergroups and private chats of bots with forum
        topic mode enabled only". Raises ApiRefusal in the words of telegram-bot-api (Client.cpp,
        check_message_topic) and of Telegram's servers.
        """
        if not topic:
            return {}
        if topic not in self.topics:
            raise bad_request("message thread not found")
        if not self.topics[topic]:
            raise bad_request("TOPIC_CLOSED")
        return {"message_thread_id": topic, "is_topic_message": True}

    def set_keyboard(self, markup: Markup) -> None:
        """Replace the reply keyboard; a markup without keys removes it."""
        self.reply_keyboard = markup if markup.get("keyboard") else None
        self.notify("keyboard", {"rows": self.keys()})

    # --- what the person sees -------------------------------------------------------------------

    def chat(self) -> list[dict[str, Any]]:
        """Return the messages as the page shows them, oldest first."""
        return [self.view(message) for _, message in sorted(self.messages.items())]

    def keys(self) -> list[list[str]]:
        """Return the labels of the reply keyboard, row by row."""
        rows = (self.reply_keyboard or {}).get("keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def commands(self) -> list[dict[str, str]]:
        """Return the command menu: the narrowest scope wins (Bot API, BotCommandScope)."""
        language = self.language_code.split("-")[0]
        for scope in (f"chat:{self.id}", "all_private_chats", "default"):
            for code in (language, ""):
                if found := self.telegram.commands.get((scope, code)):
                    return found
        return []

    def notify_menu(self) -> None:
        """Send the command menu to the listeners."""
        self.notify("commands", {"commands": self.commands(), "language": self.language_code})

    def view(self, message: Message) -> dict[str, Any]:
        """Return what the page shows of a message."""
        return message_view(message, self.telegram.files)

    def notify(self, kind: str, content: dict[str, Any]) -> None:
        """Send an event to everyone who watches this chat."""
        if not self._listeners:
            return
        shown = self.view(content) if kind in ("message", "edited") else content
        for listener in self._listeners:
            listener.put_nowait({"event": kind, **shown})

    def watch(self) -> asyncio.Queue[dict[str, Any]]:
        """Return a queue of the events from now on. Return it with `unwatch`."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        return queue

    def unwatch(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        """Stop sending events to a queue of `watch`."""
        self._listeners.discard(queue)

    async def until(self, seen: Callable[["Person"], bool], seconds: float = 10) -> None:
        """Wait until `seen` returns True. Raises TimeoutError."""
        queue = self.watch()
        try:
            async with asyncio.timeout(seconds):
                while not seen(self):
                    await queue.get()
        finally:
            self.unwatch(queue)

    def clear(self) -> None:
        """Delete all messages on the person's side."""
        self.messages.clear()
        self.notify("cleared", {})

    def _write(self, **content: Any) -> Message:
        message = {
            "message_id": self.next_id(),
            "date": self.telegram.unix_time(),
            "chat": self.as_chat(),
            "from": self.user(),
            **({"message_thread_id": self.topic, "is_topic_message": True} if self.topic else {}),
            **content,
        }
        self.messages[message["message_id"]] = message
        self.notify("message", message)
        return message

    def next_id(self) -> int:
        """Return the id of the next message in this chat."""
        self.last_id += 1
        return self.last_id


def buttons(message: Message) -> list[dict[str, Any]]:
    """Return the inline buttons of a message."""
    markup = message.get("reply_markup") or {}
    return [button for row in markup.get("inline_keyboard", []) for button in row]


def _typed(text: str) -> dict[str, Any]:
    """Return a text as clients send it: a leading command is marked (Bot API, MessageEntity)."""
    if not text.startswith("/"):
        return {"text": text}
    length = len(text.split()[0])
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": length}]}


def _labels(keyboard: Markup) -> list[str]:
    return [button["text"] for row in keyboard["keyboard"] for button in row]
