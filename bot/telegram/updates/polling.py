"""Fetches updates from Telegram (Bot API, getUpdates), in one process.

A call with an offset confirms all earlier updates, and Telegram forgets them. So the offset is the
first update that is not done: after a crash, Telegram sends it again. An update that takes long
holds up its own chat only: the poller fetches the next ones meanwhile.
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
from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates.inbound import (
    ALLOWED_UPDATES,
    IncomingUpdate,
    MalformedUpdate,
    read,
)

T = TypeVar("T")

log = structlog.get_logger()

Update = IncomingUpdate | MalformedUpdate

Handle = Callable[[Update], Awaitable[None]]
"""Returns when the update is done, and raises if it must be tried again."""

POLL_SECONDS = 30
"""How long Telegram may hold a call while there is no update."""

MAX_UPDATES = 100
"""How many updates one call returns, and how many are handled at the same time."""

_MIN_RETRY_DELAY, _MAX_RETRY_DELAY = 0.5, 30.0
"""Seconds between two attempts to handle an update, or to call Telegram."""


async def get_updates(
    request: TelegramRequest, offset: int | None, *, hold_seconds: int
) -> list[dict[str, Any]]:
    """Return updates from `offset` on, as plain JSON values (Bot API, getUpdates).

    Telegram may hold the call for so many seconds while there is no update. `Bot.get_updates` is
    no use here: it fails for the whole batch if the library cannot parse one update.
    """
    parameters = {
        "offset": offset,
        "limit": MAX_UPDATES,
        "timeout": hold_seconds,
        "allowed_updates": ALLOWED_UPDATES,
    }
    answer = await request.call_prepared(
        "getUpdates", orjson.dumps(parameters), read_timeout=request.read_timeout + hold_seconds
    )
    return answer if isinstance(answer, list) else []


class Poller:
    """Fetches updates and handles them: those of a chat in order, different chats in parallel."""

    def __init__(
        self, request: TelegramRequest, handle: Handle, *, caught_up: Callable[[], None]
    ) -> None:
        """Pass updates to `handle`; call `caught_up` once, when no update is waiting any more."""
        self._request = request
        self._handle = handle
        self._caught_up: Callable[[], None] | None = caught_up
        self._offset: int | None = None
        self._unconfirmed: dict[int, bool] = {}
        """The ids of updates that are not confirmed, in their order, and whether they are done."""
        self._queues: dict[int | None, deque[tuple[int, Update]]] = {}
        """The updates of each chat that are not done, with their ids."""
        self._workers: set[asyncio.Task[None]] = set()
        """One task for each queue."""
        self._repoll_delay = Backoff(0.1, 0.25)
        """Delays between polls while updates are being handled."""
        self.answered = time.monotonic()
        """When Telegram last answered a poll, by the monotonic clock."""

    async def run(self) -> None:
        """Poll until cancelled. Errors are logged, and the call is repeated.

        The updates that are being handled then are cancelled. They are not confirmed, so Telegram
        sends them again.
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
        hold = 0 if self._unconfirmed or self._caught_up else POLL_SECONDS
        poll = partial(get_updates, self._request, self._offset, hold_seconds=hold)
        updates = await self._call("getUpdates", poll)
        if sum([self._accept(update) for update in updates]):
            self._repoll_delay.reset()
        if self._workers:
            await asyncio.wait(
                self._workers,
                timeout=self._repoll_delay.wait(),
                # The next poll must not wait until every chat has its answers.
                return_when=asyncio.FIRST_COMPLETED,
            )
        elif not updates and self._caught_up is not None:
            self._caught_up()
            self._caught_up = None

    def _confirm(self) -> None:
        """Move the offset to the first update that is not done."""
        while self._unconfirmed:
            first = next(iter(self._unconfirmed))
            if not self._unconfirmed[first]:
                self._offset = first
                return
            del self._unconfirmed[first]
            self._offset = first + 1

    def _accept(self, raw: object) -> bool:
        """Start to handle an update, unless that was done before. Return whether it was new."""
        update_id = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(update_id, int):
            log.error("update without id")
            return False
        if update_id in self._unconfirmed:
            return False
        update = read(raw)
        self._unconfirmed[update_id] = update is None
        if update is not None:
            chat = update.chat if isinstance(update, IncomingUpdate) else None
            self._enqueue(chat, update_id, update)
        return True

    def _enqueue(self, chat: int | None, update_id: int, update: Update) -> None:
        if chat in self._queues:
            self._queues[chat].append((update_id, update))
            return
        self._queues[chat] = deque([(update_id, update)])
        worker = asyncio.create_task(self._work(chat))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, chat: int | None) -> None:
        """Handle the updates of a chat one after another."""
        queue = self._queues[chat]
        while queue:
            update_id, update = queue[0]
            await self._handle_until_done(update)
            self._unconfirmed[update_id] = True
            queue.popleft()
        del self._queues[chat]

    async def _handle_until_done(self, update: Update) -> None:
        backoff = Backoff(_MIN_RETRY_DELAY, _MAX_RETRY_DELAY)
        while True:
            try:
                return await self._handle(update)
            except Exception as error:
                log.warning("update not done", **error_fields(error))
            await asyncio.sleep(backoff.wait())

    async def _call(self, method: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it succeeds. A 409 means another poller, or a webhook that was set."""
        backoff = Backoff(_MIN_RETRY_DELAY, _MAX_RETRY_DELAY)
        while True:
            try:
                answer = await call()
            except TelegramError as error:
                wait = error.seconds if isinstance(error, TooManyRequests) else backoff.wait()
                log.warning("call to Telegram failed", method=method, **error_fields(error))
            else:
                self.answered = time.monotonic()
                return answer
            await asyncio.sleep(wait)
