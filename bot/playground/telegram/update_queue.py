"""Updates on their way to the bot (Bot API, "Getting updates")."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import orjson

from bot.playground.telegram.refusal import ApiRefusal
from bot.playground.telegram.rules import PRESS_TIMEOUT, UPDATE_LIFETIME

_DEFAULT_KINDS = ("message", "edited_message", "callback_query")
"""What comes where nothing was asked for in particular; my_chat_member has to be asked for."""

_FIRST_RETRY_DELAY, _MAX_RETRY_DELAY = 0.05, 5.0


@dataclass
class QueuedUpdate:
    """An update that the bot has not confirmed."""

    update: dict[str, Any]
    kind: str
    lane: int
    at: datetime


@dataclass
class Webhook:
    """Where updates are brought to."""

    url: str
    secret: str
    connections: int
    trouble: tuple[int, str] | None = None
    """When it last failed, in seconds since 1970, and how."""
    lanes: dict[int, asyncio.Task[None]] = field(default_factory=dict)


class UpdateQueue:
    """Keeps updates until they are confirmed: by an offset, or by a 200 of the webhook."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Start with nothing to tell."""
        self._clock = clock
        self._queue: deque[QueuedUpdate] = deque()
        self._next = 1
        self._news = asyncio.Event()
        self._polling: asyncio.Task[Any] | None = None
        self.polled = asyncio.Event()
        """Whether the bot ever asked for updates."""
        self.allowed: list[str] | None = None
        self.webhook: Webhook | None = None
        self._session: aiohttp.ClientSession | None = None
        self._room = asyncio.Semaphore(40)

    def add(self, kind: str, content: dict[str, Any], lane: int) -> int:
        """Queue an update; return its id."""
        update_id, self._next = self._next, self._next + 1
        if kind not in (self.allowed or _DEFAULT_KINDS):
            return update_id
        update = {"update_id": update_id, kind: content}
        self._queue.append(QueuedUpdate(update, kind, lane, self._clock()))
        self._news.set()
        self._pump()
        return update_id

    def drop(self) -> None:
        """Forget all that waits (setWebhook, drop_pending_updates)."""
        self._queue.clear()

    @property
    def pending(self) -> int:
        """How many updates are not confirmed."""
        self._expire()
        return len(self._queue)

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Return unconfirmed updates from `offset` on, and forget those below (getUpdates).

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
        if offset > 0:
            self._queue = deque(
                queued for queued in self._queue if queued.update["update_id"] >= offset
            )
        elif offset < 0:
            self._queue = deque(list(self._queue)[offset:])
        try:
            async with asyncio.timeout(seconds):
                while not self.pending:
                    self._news.clear()
                    await self._news.wait()
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

    async def close(self) -> None:
        """Bring nothing any more."""
        if self._polling is not None:
            self._polling.cancel()
        await self.set_webhook(None)
        if self._session is not None:
            await self._session.close()

    async def set_webhook(self, webhook: Webhook | None) -> None:
        """Bring updates to `webhook` from now on, or keep them for getUpdates."""
        if self.webhook is not None:
            lanes = list(self.webhook.lanes.values())
            for lane in lanes:
                lane.cancel()
            if lanes:
                await asyncio.wait(lanes)
        self.webhook = webhook
        if webhook is not None:
            self._room = asyncio.Semaphore(webhook.connections)
        self._pump()

    def _pump(self) -> None:
        """Start a bringer for each chat that has something: one update of a chat at a time."""
        hook = self.webhook
        if hook is None:
            return
        for lane in {queued.lane for queued in self._queue} - hook.lanes.keys():
            hook.lanes[lane] = asyncio.create_task(self._bring(hook, lane))

    async def _bring(self, hook: Webhook, lane: int) -> None:
        pause = _FIRST_RETRY_DELAY
        try:
            while queued := self._first(lane):
                async with self._room:
                    wait = await self._post(hook, queued)
                if wait is None:
                    if queued in self._queue:
                        self._queue.remove(queued)
                    pause = _FIRST_RETRY_DELAY
                    continue
                await asyncio.sleep(wait or pause)
                pause = min(pause * 2, _MAX_RETRY_DELAY)
        finally:
            hook.lanes.pop(lane, None)

    def _first(self, lane: int) -> QueuedUpdate | None:
        self._expire()
        return next((queued for queued in self._queue if queued.lane == lane), None)

    async def _post(self, hook: Webhook, queued: QueuedUpdate) -> float | None:
        """Return None where the bot took it, else the seconds that it asks to wait.

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
            ) as answer:
                if 200 <= answer.status < 300:
                    return None
                why = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                wait = answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, OSError):
            why, wait = "Connection failed", ""
        hook.trouble = (int(self._clock().timestamp()), why)
        return float(wait) if wait.isdecimal() else 0.0

    def _expire(self) -> None:
        now = self._clock()
        self._queue = deque(
            queued
            for queued in self._queue
            if now - queued.at
            <= (PRESS_TIMEOUT if queued.kind == "callback_query" else UPDATE_LIFETIME)
        )
