"""Fetches updates from Telegram (Bot API, getUpdates), in one process.

A call with an offset confirms all earlier updates, and Telegram forgets them. So the offset is the
first update that is not done: after a crash, Telegram sends it again. An update that takes long
holds up its own chat only: the poller fetches the next ones meanwhile.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any

import orjson
import structlog
from telegram.error import TelegramError

from bot import metrics
from bot.logs import LogThrottle, error_fields
from bot.services.backoff import Backoff
from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates import update_shape
from bot.telegram.updates.inbound import (
    ALLOWED_UPDATES,
    IncomingUpdate,
    MalformedUpdate,
    read,
)
from bot.telegram.updates.poll_faults import NoUpdateList, PollFault, fault_of
from conversations.core.alerts import UpdatesTrouble

log = structlog.get_logger()


class _Arrival(Enum):
    """What an entry of a batch is."""

    NEW = auto()
    KNOWN = auto()
    """It is being handled, or waits for that."""
    UNUSABLE = auto()
    """It is no update, or was confirmed before."""


Update = IncomingUpdate | MalformedUpdate

Handle = Callable[[Update], Awaitable[object]]
"""Returns when the update is done, and raises if it must be tried again."""

POLL_SECONDS = 30
"""How long Telegram may hold a call while there is no update."""

MAX_UPDATES = 100
"""How many updates one call returns, and how many are handled at the same time."""

MAX_POLL_SILENCE = 180.0
"""Seconds for which Telegram may leave polls unanswered. One poll takes up to 50."""

_MAX_RECENT = 10 * MAX_UPDATES
"""How many ids of confirmed updates are remembered."""

_MIN_HOLD = 1.0
"""Seconds. An empty answer before that means that the server does not hold calls."""

_MAX_IDLE_DELAY = 5.0
"""Seconds between two polls of a server that does not hold calls: so late answers may come."""

_MAX_RETRY_AFTER = 300.0
"""Seconds. After a 429 that asks for longer, one call each five minutes finds out when it ends."""

_MIN_RETRY_DELAY, _MAX_RETRY_DELAY = 0.5, 30.0
"""Seconds between two attempts to handle an update, or to call Telegram."""


async def get_updates(
    request: TelegramRequest, offset: int | None, *, hold_seconds: int
) -> list[Any]:
    """Return updates from `offset` on, as plain JSON values (Bot API, getUpdates).

    Telegram may hold the call for so many seconds while there is no update. `Bot.get_updates` is
    no use here: it fails for the whole batch if the library cannot parse one update. The entries
    of the list are not checked. Raises a TelegramError.
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
    if not isinstance(answer, list):
        raise NoUpdateList("Telegram's answer to getUpdates is no list.")
    return answer


class Poller:
    """Fetches updates and handles them: those of a chat in order, different chats in parallel."""

    def __init__(
        self,
        request: TelegramRequest,
        handle: Handle,
        *,
        caught_up: Callable[[], None],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Pass updates to `handle`; call `caught_up` once, when no update is waiting any more."""
        self._request = request
        self._handle = handle
        self._caught_up: Callable[[], None] | None = caught_up
        self._sleep = sleep
        self._offset: int | None = None
        self._unconfirmed: dict[int, bool] = {}
        """The ids of updates that are not confirmed, in their order, and whether they are done."""
        self._recent: dict[int, None] = {}
        """The ids of the last updates that were confirmed. They should not come again."""
        self._queues: dict[int | None, deque[tuple[int, Update]]] = {}
        """The updates of each chat that are not done, with their ids."""
        self._workers: set[asyncio.Task[None]] = set()
        """One task for each queue."""
        self._repoll_delay = Backoff(0.1, 0.25)
        """Delays between polls while updates are being handled."""
        self._pause = Backoff(_MIN_RETRY_DELAY, _MAX_RETRY_DELAY)
        """Delays after polls that failed or brought nothing that can be used."""
        self._log = LogThrottle()
        self.answered = time.monotonic()
        """When Telegram last answered a poll as it should, by the monotonic clock."""
        self.fault: PollFault | None = None
        """What was wrong with the last poll."""

    def lasting_trouble(self) -> UpdatesTrouble | None:
        """Return why no poll has been answered for MAX_POLL_SILENCE, or None."""
        if time.monotonic() - self.answered < MAX_POLL_SILENCE:
            return None
        return self.fault.trouble if self.fault else UpdatesTrouble.AWAY

    async def run(self) -> None:
        """Poll until cancelled. Errors are logged, and the call is repeated.

        The updates that are being handled then are cancelled. They are not confirmed, so Telegram
        sends them again.
        """
        try:
            while not await self._delete_webhook():
                await self._sleep(self._pause.wait())
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
        began = time.monotonic()
        try:
            updates = await get_updates(self._request, self._offset, hold_seconds=hold)
        except TelegramError as error:
            await self._failed(error)
            return
        arrivals = Counter(self._accept(update) for update in updates)
        if arrivals[_Arrival.NEW]:
            self._repoll_delay.reset()
        if arrivals[_Arrival.UNUSABLE] and not arrivals[_Arrival.NEW]:
            await self._pause_after(PollFault.UNUSABLE)
        elif not updates and hold and time.monotonic() - began < _MIN_HOLD:
            self.answered = time.monotonic()
            await self._pause_after(PollFault.NOT_HELD)
        else:
            self.answered, self.fault = time.monotonic(), None
            self._pause.reset()
        if self._workers:
            await asyncio.wait(
                self._workers,
                timeout=self._repoll_delay.wait(),
                # The next poll must not wait until every chat has its answers.
                return_when=asyncio.FIRST_COMPLETED,
            )
        elif not arrivals[_Arrival.NEW] and self._caught_up is not None:
            self._caught_up()
            self._caught_up = None

    async def _failed(self, error: TelegramError) -> None:
        """Do what can be done about a failed poll, and pause."""
        fault = fault_of(error)
        if fault is PollFault.WEBHOOK:
            await self._delete_webhook()
        at_least = error.seconds if isinstance(error, TooManyRequests) else 0.0
        await self._pause_after(fault, min(at_least, _MAX_RETRY_AFTER), **error_fields(error))

    async def _pause_after(self, fault: PollFault, at_least: float = 0.0, **fields: str) -> None:
        self.fault = fault
        metrics.POLL_FAULTS.labels(fault.name.lower()).inc()
        if count := self._log.count():
            log.warning("poll failed", reason=fault.value, count=count, **fields)
        longest = _MAX_IDLE_DELAY if fault is PollFault.NOT_HELD else _MAX_RETRY_DELAY
        await self._sleep(max(at_least, min(longest, self._pause.wait())))

    async def _delete_webhook(self) -> bool:
        """Have Telegram keep updates for polls (Bot API, deleteWebhook). Return whether it does."""
        try:
            await self._request.bot.delete_webhook()
        except TelegramError as error:
            self.fault = fault_of(error)
            if count := self._log.count():
                fields = error_fields(error)
                log.warning("webhook not deleted", reason=self.fault.value, count=count, **fields)
            return False
        return True

    def _confirm(self) -> None:
        """Move the offset to the first update that is not done."""
        while self._unconfirmed:
            first = next(iter(self._unconfirmed))
            if not self._unconfirmed[first]:
                self._offset = first
                return
            del self._unconfirmed[first]
            self._recent[first] = None
            if len(self._recent) > _MAX_RECENT:
                del self._recent[next(iter(self._recent))]
            self._offset = first + 1

    def _accept(self, raw: object) -> _Arrival:
        """Start to handle an update, if it can be used and was not handled before.

        Ids may go backwards: after a week without updates, Telegram chooses the next one at random
        (Bot API, Update).
        """
        update_id = raw.get("update_id") if isinstance(raw, dict) else None
        if not update_shape.is_update_id(update_id) or update_id in self._recent:
            return _Arrival.UNUSABLE
        if update_id in self._unconfirmed:
            return _Arrival.KNOWN
        update = read(raw)
        self._unconfirmed[update_id] = update is None
        if update is not None:
            chat = update.chat if isinstance(update, IncomingUpdate) else None
            self._enqueue(chat, update_id, update)
        return _Arrival.UNUSABLE if isinstance(update, MalformedUpdate) else _Arrival.NEW

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
                await self._handle(update)
            except Exception as error:
                log.warning("update not done", **error_fields(error))
                await asyncio.sleep(backoff.wait())
            else:
                return
