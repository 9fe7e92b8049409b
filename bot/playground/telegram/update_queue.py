"""Stores updates until the bot has confirmed them (Bot API, "Getting updates")."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import orjson

from bot.playground.telegram.refusal import ApiRefusal
from bot.playground.telegram.rules import PRESS_TIMEOUT, UPDATE_LIFETIME

_DEFAULT_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds that are queued without allowed_updates: "all update types except chat_member,
message_reaction, and message_reaction_count"."""

_FIRST_RETRY_DELAY, _MAX_RETRY_DELAY = 0.05, 5.0


@dataclass
class QueuedUpdate:
    """An update that the bot has not confirmed."""

    update: dict[str, Any]
    kind: str
    """The name of the update's field, like message."""
    lane: int
    """Updates of one lane are delivered to the webhook one after the other."""
    at: datetime


@dataclass
class Webhook:
    """The webhook that the bot has set."""

    url: str
    secret: str
    connections: int
    """How many requests can be open at the same time."""
    last_error: tuple[int, str] | None = None
    """When the last request failed, in seconds since 1970, and why."""
    lanes: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    """The tasks that deliver updates, by lane."""


class UpdateQueue:
    """Updates that wait for confirmation: an offset of getUpdates, or a 200 of the webhook."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Start empty."""
        self._clock = clock
        self._queue: deque[QueuedUpdate] = deque()
        self._next = 1
        self._has_updates = asyncio.Event()
        self._polling: asyncio.Task[Any] | None = None
        self.polled = asyncio.Event()
        """Set once the bot has called getUpdates."""
        self.allowed: list[str] | None = None
        self.webhook: Webhook | None = None
        self.call_method: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        """Calls the method in the webhook's response, if there is one."""
        self._session: aiohttp.ClientSession | None = None
        self._free_connections = asyncio.Semaphore(40)

    def add(self, kind: str, content: dict[str, Any], lane: int) -> int:
        """Queue an update and return its id. Kinds that are not allowed are dropped."""
        update_id, self._next = self._next, self._next + 1
        if kind not in (self.allowed or _DEFAULT_KINDS):
            return update_id
        update = {"update_id": update_id, kind: content}
        self._queue.append(QueuedUpdate(update, kind, lane, self._clock()))
        self._has_updates.set()
        self._start_lanes()
        return update_id

    def drop(self) -> None:
        """Delete all waiting updates (setWebhook, drop_pending_updates)."""
        self._queue.clear()

    @property
    def pending(self) -> int:
        """How many updates wait for confirmation."""
        self._expire()
        return len(self._queue)

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Return unconfirmed updates from `offset` on, and delete those below (getUpdates).

        "The negative offset can be specified to retrieve updates starting from -offset update from
        the end of the updates queue. All previous updates will be forgotten."
        """
        if self.webhook is not None:
            raise ApiRefusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._polling is not None:
            self._polling.cancel()
        self._polling = asyncio.current_task()
        self.polled.set()
        self._confirm(offset)
        try:
            async with asyncio.timeout(seconds):
                while not self.pending:
                    self._has_updates.clear()
                    await self._has_updates.wait()
        except TimeoutError:
            return []
        except asyncio.CancelledError:
            if self._polling is asyncio.current_task():
                raise
            raise ApiRefusal(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            ) from None
        finally:
            if self._polling is asyncio.current_task():
                self._polling = None
        return [queued.update for queued in list(self._queue)[:limit]]

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            self._queue = deque(
                queued for queued in self._queue if queued.update["update_id"] >= offset
            )
        elif offset < 0:
            self._queue = deque(list(self._queue)[offset:])

    async def close(self) -> None:
        """Stop delivering."""
        if self._polling is not None:
            self._polling.cancel()
        await self.set_webhook(None)
        if self._session is not None:
            await self._session.close()

    async def set_webhook(self, webhook: Webhook | None) -> None:
        """Deliver updates to `webhook` from now on, or keep them for getUpdates."""
        if self.webhook is not None:
            lanes = list(self.webhook.lanes.values())
            for lane in lanes:
                lane.cancel()
            if lanes:
                await asyncio.wait(lanes)
        self.webhook = webhook
        if webhook is not None:
            self._free_connections = asyncio.Semaphore(webhook.connections)
        self._start_lanes()

    def _start_lanes(self) -> None:
        """Start a task for each lane with updates: each lane delivers one update at a time."""
        hook = self.webhook
        if hook is None:
            return
        for lane in {queued.lane for queued in self._queue} - hook.lanes.keys():
            hook.lanes[lane] = asyncio.create_task(self._deliver_lane(hook, lane))

    async def _deliver_lane(self, hook: Webhook, lane: int) -> None:
        delay = _FIRST_RETRY_DELAY
        try:
            while queued := self._first(lane):
                async with self._free_connections:
                    wait = await self._post(hook, queued)
                if wait is None:
                    if queued in self._queue:
                        self._queue.remove(queued)
                    delay = _FIRST_RETRY_DELAY
                    continue
                await asyncio.sleep(wait or delay)
                delay = min(delay * 2, _MAX_RETRY_DELAY)
        finally:
            hook.lanes.pop(lane, None)

    def _first(self, lane: int) -> QueuedUpdate | None:
        self._expire()
        return next((queued for queued in self._queue if queued.lane == lane), None)

    async def _post(self, hook: Webhook, queued: QueuedUpdate) -> float | None:
        """Return None if the bot accepted the update, else the seconds that it asks to wait.

        Getting updates, setWebhook: "In case of an unsuccessful request (a request with response
        HTTP status code different from 2XY), we will repeat the request".
        """
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        body = orjson.dumps(queued.update)
        try:
            async with self._session.post(
                hook.url, data=body, headers=headers, allow_redirects=False
            ) as response:
                if 200 <= response.status < 300:
                    await self._call_from(await response.read())
                    return None
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
                wait = response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, OSError):
            reason, wait = "Connection failed", ""
        hook.last_error = (int(self._clock().timestamp()), reason)
        return float(wait) if wait.isdecimal() else 0.0

    async def _call_from(self, body: bytes) -> None:
        """Call the method in the webhook's response.

        Making requests when getting updates: "perform a request to the Bot API while sending an
        answer to the webhook […] It's not possible to know that such a request was successful".
        """
        try:
            call = orjson.loads(body or b"null")
        except orjson.JSONDecodeError:
            return
        if self.call_method is not None and isinstance(call, dict) and "method" in call:
            await self.call_method(call)

    def _expire(self) -> None:
        now = self._clock()
        self._queue = deque(
            queued
            for queued in self._queue
            if now - queued.at
            <= (PRESS_TIMEOUT if queued.kind == "callback_query" else UPDATE_LIFETIME)
        )
