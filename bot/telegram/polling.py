"""Updates fetched from Telegram (Bot API, getUpdates): the one poller.

Asking with an offset confirms all updates below it, and Telegram forgets them. So the offset is the
first update that is not done: what a crash interrupts is sent again. What takes long holds up its
own chat only: meanwhile it is asked again, and what came after it is taken in hand.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import orjson
import structlog
from telegram.error import TelegramError

from bot.logs import error_fields
from bot.services.backoff import Backoff
from bot.telegram.api_errors import TooManyRequests
from bot.telegram.inbound import ALLOWED_UPDATES, Incoming, Malformed, read
from bot.telegram.request import TelegramRequest

T = TypeVar("T")

log = structlog.get_logger()

Handle = Callable[[Incoming | Malformed], Awaitable[None]]
"""Returns when the update is done for good, and raises where it must be tried again."""

LONG = 30
"""Seconds for which Telegram may hold a poll that has nothing to tell."""

AT_ONCE = 100
"""The most updates that a poll returns, and so the most that are in hand."""


async def get_updates(
    request: TelegramRequest, offset: int | None, *, hold_seconds: int
) -> list[dict[str, Any]]:
    """Return updates from `offset` on, as plain JSON values (Bot API, getUpdates).

    Telegram may hold the call for so many seconds while there is no update. `Bot.get_updates` is
    no use here: it fails for the whole batch if the library cannot parse one update.
    """
    parameters = {
        "offset": offset,
        "limit": AT_ONCE,
        "timeout": hold_seconds,
        "allowed_updates": ALLOWED_UPDATES,
    }
    answer = await request.call_prepared(
        "getUpdates", orjson.dumps(parameters), read_timeout=request.read_timeout + hold_seconds
    )
    return answer if isinstance(answer, list) else []


class Poller:
    """Fetches updates and hands them on: those of a chat in order, those of others side by side."""

    def __init__(
        self, request: TelegramRequest, handle: Handle, *, caught_up: Callable[[], None]
    ) -> None:
        """Hand updates to `handle`; call `caught_up` once, when nothing more is waiting."""
        self._request = request
        self._handle = handle
        self._caught_up: Callable[[], None] | None = caught_up
        self._offset: int | None = None
        self._window: dict[int, bool] = {}
        """Updates that are not confirmed, as they came, and whether they are done."""
        self._queues: dict[int | None, deque[tuple[int, Incoming | Malformed]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        """One for each queue, which is there while the chat has updates in hand."""
        self._glance = Backoff(0.1, 0.5)
        self.answered = time.monotonic()
        """When Telegram last answered a poll, by the monotonic clock."""

    async def run(self) -> None:
        """Poll until cancelled. Trouble is logged and waited out.

        What is in hand then is cancelled: it was not confirmed, so it comes again.
        """
        try:
            await self._call("deleteWebhook", self._request.bot.delete_webhook)
            while True:
                await self._poll()
        finally:
            workers = tuple(self._workers)
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _poll(self) -> None:
        self._confirm()
        hold = 0 if self._window or self._caught_up else LONG
        poll = partial(get_updates, self._request, self._offset, hold_seconds=hold)
        updates = await self._call("getUpdates", poll)
        if sum([self._take(update) for update in updates]):
            self._glance.reset()
        if self._workers:
            await asyncio.wait(self._workers, timeout=self._glance.wait())
        elif not updates and self._caught_up is not None:
            self._caught_up()
            self._caught_up = None

    def _confirm(self) -> None:
        """Move the offset to the first update that is not done."""
        while self._window:
            first = next(iter(self._window))
            if not self._window[first]:
                self._offset = first
                return
            del self._window[first]
            self._offset = first + 1

    def _take(self, update: object) -> bool:
        """Take `update` in hand, unless it is; tell whether it was new."""
        update_id = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(update_id, int):
            log.error("update without id")
            return False
        if update_id in self._window:
            return False
        came = read(update)
        self._window[update_id] = came is None
        if came is not None:
            chat = came.chat if isinstance(came, Incoming) else None
            self._enqueue(chat, update_id, came)
        return True

    def _enqueue(self, chat: int | None, update_id: int, came: Incoming | Malformed) -> None:
        if chat in self._queues:
            self._queues[chat].append((update_id, came))
            return
        self._queues[chat] = deque([(update_id, came)])
        worker = asyncio.create_task(self._work(chat))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, chat: int | None) -> None:
        """Do what a chat has in hand, one after another."""
        queue = self._queues[chat]
        while queue:
            update_id, came = queue[0]
            await self._persist(came)
            self._window[update_id] = True
            queue.popleft()
        del self._queues[chat]

    async def _persist(self, came: Incoming | Malformed) -> None:
        backoff = Backoff(0.5, 30)
        while True:
            try:
                return await self._handle(came)
            except Exception as error:
                log.warning("update not done", **error_fields(error))
            await asyncio.sleep(backoff.wait())

    async def _call(self, method: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it succeeds. A 409 is another poller, or a webhook set meanwhile."""
        backoff = Backoff(0.5, 30)
        while True:
            try:
                answer = await call()
            except TelegramError as error:
                wait = error.seconds if isinstance(error, TooManyRequests) else backoff.wait()
                log.warning("Telegram request failed", method=method, **error_fields(error))
            else:
                self.answered = time.monotonic()
                return answer
            await asyncio.sleep(wait)
