"""The state of the embedded Telegram: one bot, the people who chat with it, updates and files."""

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


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class _ButtonPress:
    person: Person
    at: datetime
    answered: bool = False


@dataclass
class Group:
    """A group that somebody added the bot to."""

    id: int
    title: str
    said: list[str]
    left: bool = False


class TelegramState:
    """One bot's Telegram."""

    def __init__(
        self,
        token: str = f"{BOT_ID}:playground-of-this-machine-alone",
        username: str = "action_bot",
        *,
        clock: Callable[[], datetime] = utc_now,
        flood: bool = True,
    ) -> None:
        """Start with nobody. `flood` False takes any number of messages a second."""
        self.token = token
        self.username = username
        self.clock = clock
        self.flood = flood
        self.intake = UpdateQueue(clock)
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self._presses: dict[str, _ButtonPress] = {}

    def me(self) -> dict[str, Any]:
        """Return the bot as a User of the Bot API."""
        return {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "Action",
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def person(
        self,
        id_: int,
        first_name: str,
        last_name: str = "",
        language_code: str = "en",
        role: str = "supporter",
    ) -> Person:
        """Let somebody open an account."""
        person = Person(self, id_, first_name, last_name, language_code, role)
        self.people[id_] = person
        return person

    def group(self, id_: int, title: str, by: Person) -> Group:
        """Let `by` add the bot to a group."""
        group = Group(id_, title, [])
        self.groups[id_] = group
        bot = self.me()
        changed = {
            "chat": {"id": id_, "type": "group", "title": title},
            "from": by.user(),
            "date": self.unix(),
            "old_chat_member": {"user": bot, "status": "left"},
            "new_chat_member": {"user": bot, "status": "member"},
        }
        self.update("my_chat_member", changed, id_)
        return group

    def unix(self) -> int:
        """Return the time as Telegram writes it, in seconds since 1970."""
        return int(self.clock().timestamp())

    def update(self, kind: str, content: Mapping[str, Any], lane: int) -> int:
        """Queue an update for the bot and return its id."""
        return self.intake.add(kind, dict(content), lane)

    def press(self, person: Person, message: dict[str, Any], data: str) -> str:
        """Let `person` press a button of `message`."""
        press_id = str(secrets.randbits(60))
        self._presses[press_id] = _ButtonPress(person, self.clock())
        query = {
            "id": press_id,
            "from": person.user(),
            "message": message,
            "chat_instance": str(person.id),
            "data": data,
        }
        # Presses have a queue of their own, so a press and a message may race.
        self.update("callback_query", query, -person.id)
        return press_id

    def answer_press(self, press_id: str, text: str, *, alert: bool) -> None:
        """Answer a press, once and in time. Raises Refused."""
        press = self._presses.get(press_id)
        late = press is not None and self.clock() - press.at > PRESS_TIMEOUT
        if press is None or press.answered or late:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        press.answered = True
        if text:
            press.person.toasts.append(text)
        press.person.tell("toast", {"text": text, "alert": alert})

    def unanswered(self) -> int:
        """Return how many presses still show their progress bar."""
        return sum(not press.answered for press in self._presses.values())

    def addressee(self, chat_id: int) -> Person:
        """Return who is in the private chat. Raises Refused as Telegram does."""
        person = self.people.get(chat_id)
        if person is None:
            raise bad_request("chat not found")
        if person.blocked:
            raise ApiRefusal(403, "Forbidden: bot was blocked by the user")
        if not person.messages and person.last_id == 0:
            raise ApiRefusal(403, "Forbidden: bot can't initiate conversation with a user")
        return person

    def set_commands(self, scope: str, language: str, commands: list[dict[str, str]]) -> None:
        """Set a menu (Bot API, setMyCommands) and let everybody see it."""
        self.commands[scope, language] = commands
        for person in self.people.values():
            person.tell_menu()

    def keep_file(self, content: bytes, name: str) -> str:
        """Keep a file and return its file_id, which is good for this bot only."""
        file_id = f"{BOT_ID}-{secrets.token_urlsafe(16)}"
        self.files[file_id] = (content, name)
        return file_id
