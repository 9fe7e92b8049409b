"""The state of the embedded Telegram: one bot, its people and groups, updates and files."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.playground.telegram.person import Person
from bot.playground.telegram.refusal import ApiRefusal, bad_request
from bot.playground.telegram.rules import PRESS_TIMEOUT
from bot.playground.telegram.update_queue import UpdateQueue

BOT_ID = 4_200_000_001
"""The id of the demo's bot, and of the tests'."""


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@dataclass
class _ButtonPress:
    person: Person
    at: datetime
    answered: bool = False
    """Whether the bot has called answerCallbackQuery."""


@dataclass
class Group:
    """A group or a channel that the bot was added to."""

    id: int
    title: str
    messages: list[str]
    """The texts that the bot sent."""
    kind: str = "group"
    """group, supergroup or channel (Bot API, Chat)."""
    left: bool = False
    """Whether the bot has left it."""


class TelegramState:
    """Everything that the embedded Telegram stores for one bot."""

    def __init__(
        self,
        token: str = f"{BOT_ID}:playground-of-this-machine-alone",
        username: str = "action_bot",
        first_name: str = "Action",
        *,
        clock: Callable[[], datetime] = utc_now,
        flood: bool = True,
    ) -> None:
        """Start empty. A `token` is the bot's id, a colon and a secret.

        With `flood` False, no rate limit applies.
        """
        self.token = token
        self.bot_id = int(token.partition(":")[0])
        self.username = username
        self.first_name = first_name
        self.clock = clock
        self.flood = flood
        self.updates = UpdateQueue(clock)
        self.people: dict[int, Person] = {}
        """Accounts by user id."""
        self.groups: dict[int, Group] = {}
        """Groups by chat id."""
        self.files: dict[str, tuple[bytes, str]] = {}
        """Content and name of each file, by file_id."""
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        """Command menus by scope and language (Bot API, setMyCommands)."""
        self.texts: dict[tuple[str, str], str] = {}
        """The bot's descriptions by field name and language (Bot API, setMyDescription)."""
        self.photos: list[str] = []
        """The file ids of the bot's profile photos, the newest last (Bot API 9.4)."""
        self._presses: dict[str, _ButtonPress] = {}

    def me(self) -> dict[str, Any]:
        """Return the bot as a User of the Bot API."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def add_person(
        self,
        id_: int,
        first_name: str,
        last_name: str = "",
        language_code: str = "en",
        role: str = "supporter",
    ) -> Person:
        """Create an account."""
        person = Person(self, id_, first_name, last_name, language_code, role)
        self.people[id_] = person
        return person

    def add_group(self, id_: int, title: str, by: Person, kind: str = "group") -> Group:
        """Create a group, supergroup or channel to which `by` adds the bot.

        ChatMemberUpdated: in a channel, a bot can only be an administrator.
        """
        group = Group(id_, title, [], kind)
        self.groups[id_] = group
        bot, status = self.me(), "administrator" if kind == "channel" else "member"
        changed = {
            "chat": {"id": id_, "type": kind, "title": title},
            "from": by.user(),
            "date": self.unix_time(),
            "old_chat_member": {"user": bot, "status": "left"},
            "new_chat_member": {"user": bot, "status": status},
        }
        self.queue_update("my_chat_member", changed, id_)
        return group

    def unix_time(self) -> int:
        """Return the current time in seconds since 1970, as in the Bot API."""
        return int(self.clock().timestamp())

    def queue_update(self, kind: str, content: Mapping[str, Any], lane: int) -> int:
        """Queue an update of a kind, like message; return its id. See `QueuedUpdate` for `lane`."""
        return self.updates.add(kind, dict(content), lane)

    def press(self, person: Person, message: dict[str, Any], data: str) -> str:
        """Queue the press of a button of `message`; return the press's id."""
        press_id = str(secrets.randbits(60))
        self._presses[press_id] = _ButtonPress(person, self.clock())
        query = {
            "id": press_id,
            "from": person.user(),
            "message": message,
            "chat_instance": str(person.id),
            "data": data,
        }
        # Presses have a lane of their own: a press and a message can overtake each other.
        self.queue_update("callback_query", query, -person.id)
        return press_id

    def answer_press(self, press_id: str, text: str, *, alert: bool) -> None:
        """Answer a press. Raises ApiRefusal if it was answered before, or too long ago."""
        press = self._presses.get(press_id)
        late = press is not None and self.clock() - press.at > PRESS_TIMEOUT
        if press is None or press.answered or late:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        press.answered = True
        if text:
            press.person.toasts.append(text)
        press.person.notify("toast", {"text": text, "alert": alert})

    def unanswered(self) -> int:
        """Return how many presses the bot has not answered."""
        return sum(not press.answered for press in self._presses.values())

    def recipient(self, chat_id: int) -> Person:
        """Return the person in a private chat. Raises ApiRefusal if the bot cannot write to it."""
        person = self.people.get(chat_id)
        if person is None:
            raise bad_request("chat not found")
        if person.blocked:
            raise ApiRefusal(403, "Forbidden: bot was blocked by the user")
        if not person.messages and person.last_id == 0:
            raise ApiRefusal(403, "Forbidden: bot can't initiate conversation with a user")
        if person.refusal is not None:
            raise person.refusal
        return person

    def set_commands(self, scope: str, language: str, commands: list[dict[str, str]]) -> None:
        """Set a command menu (Bot API, setMyCommands) and update all chats."""
        self.commands[scope, language] = commands
        for person in self.people.values():
            person.notify_menu()

    def keep_file(self, content: bytes, name: str) -> str:
        """Store a file and return its file_id, which belongs to this bot."""
        file_id = f"{self.bot_id}-{secrets.token_urlsafe(16)}"
        self.files[file_id] = (content, name)
        return file_id
