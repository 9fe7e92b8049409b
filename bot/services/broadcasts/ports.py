"""The wire that an update goes out on, as its sender sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from conversations.model.broadcast import Broadcast


class NotReached(Exception):
    """Telegram saw nothing of it."""


class Uncertain(Exception):
    """Nobody knows whether it was sent."""


class CallRefused(Exception):
    """Telegram does not take it."""


@dataclass(frozen=True, slots=True)
class BroadcastCall:
    """A call to the Bot API. `body` is JSON that lacks its opening brace and the chat."""

    method: str
    body: bytes


class BroadcastPort(Protocol):
    """Who brings an update to a chat."""

    @property
    def rate(self) -> float:
        """The messages a second that may go now."""

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        """Return the calls that bring `broadcast` to whoever speaks `language`."""

    async def send(self, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        """Send and return the ids of the messages. Raises Blocked, Unreached, Doubtful, Refused."""

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        """Delete messages. Raises as `send` does."""
