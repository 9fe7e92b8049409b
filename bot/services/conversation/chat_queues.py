"""Runs what is to be sent to chats: one job at a time in a chat, different chats at the same time.

The number of jobs that wait is bounded. Where a chat has too many, those that wait there are
dropped, and one job takes their place that shows how things stand. Where all chats together have
too many, `has_room` is False, and no more updates should be taken.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot import metrics
from bot.logs import error_fields
from bot.services.shutdown import finish

log = structlog.get_logger()

MAX_WAITING_IN_CHAT = 20
"""How many jobs wait in one chat: Telegram takes about one message a second there."""

MAX_PENDING = 2000
"""How many jobs wait or run in all chats together. Each keeps about 10 kB."""

MAX_WAITING_IN_CROWD = 3
"""How many jobs wait in one chat while more than half of MAX_PENDING wait or run in all."""

Job = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _WaitingJob:
    run: Job
    keep: bool
    """Whether it must run, even if the chat has too many jobs."""


@dataclass(slots=True)
class _ChatQueue:
    waiting: deque[_WaitingJob] = field(default_factory=deque)
    urgent: Job | None = None
    """The job that runs before those that wait."""


class ChatQueues:
    """One queue for each chat that has jobs, with a task that works through it."""

    def __init__(self, overflow_job: Callable[[int], Job]) -> None:
        """`overflow_job` returns the job that takes the place of the dropped ones in a chat."""
        self._overflow_job = overflow_job
        self._queues: dict[int, _ChatQueue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending = 0
        """How many jobs wait or run in all chats."""
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def has_room(self) -> bool:
        """Whether fewer than MAX_PENDING jobs wait or run."""
        return self._has_room.is_set()

    async def wait_for_room(self) -> None:
        """Wait until fewer than MAX_PENDING jobs wait or run."""
        await self._has_room.wait()

    def is_idle(self, chat: int) -> bool:
        """Return whether no job runs or waits in the chat."""
        return chat not in self._queues

    def has_waiting(self, chat: int) -> bool:
        """Return whether a job waits in the chat."""
        return chat in self._queues and bool(self._queues[chat].waiting)

    def add(self, chat: int, run: Job, *, keep: bool = False) -> None:
        """Run a job after the earlier ones of its chat. `keep`: never drop it for being too many.

        Of the jobs to keep, too, a chat has at most MAX_WAITING_IN_CHAT: the oldest are dropped.
        """
        queue = self._queue(chat)
        crowded = self._pending > MAX_PENDING // 2
        most = MAX_WAITING_IN_CROWD if crowded else MAX_WAITING_IN_CHAT
        if len(queue.waiting) >= most:
            self.drop_waiting(chat)
            queue.urgent = queue.urgent or self._overflow_job(chat)
            if len(queue.waiting) >= MAX_WAITING_IN_CHAT:
                queue.waiting.popleft()
                self._count(-1)
        queue.waiting.append(_WaitingJob(run, keep))
        self._count(1)

    def add_urgent(self, chat: int, run: Job) -> None:
        """Run a job before those that wait in its chat, instead of an urgent one that waits."""
        self._queue(chat).urgent = run

    def drop_waiting(self, chat: int) -> None:
        """Drop the jobs that wait in a chat, but for those to keep."""
        queue = self._queue(chat)
        kept = deque(job for job in queue.waiting if job.keep)
        dropped, queue.waiting = len(queue.waiting) - len(kept), kept
        metrics.REPLIES_DROPPED.inc(dropped)
        self._count(-dropped)

    async def wait_until_idle(self) -> None:
        """Wait until no chat has a job."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def finish(self) -> None:
        """Run the jobs that wait, within the grace period of a shutdown."""
        await finish(self._tasks)

    def _queue(self, chat: int) -> _ChatQueue:
        queue = self._queues.get(chat)
        if queue is None:
            queue = self._queues[chat] = _ChatQueue()
            task = asyncio.create_task(self._work(chat, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return queue

    async def _work(self, chat: int, queue: _ChatQueue) -> None:
        try:
            while queue.urgent is not None or queue.waiting:
                if queue.urgent is not None:
                    run, queue.urgent = queue.urgent, None
                    await _logged(run)
                    continue
                try:
                    await _logged(queue.waiting.popleft().run)
                finally:
                    self._count(-1)
        finally:
            del self._queues[chat]
            self._count(-len(queue.waiting))

    def _count(self, change: int) -> None:
        self._pending += change
        if self._pending < MAX_PENDING:
            self._has_room.set()
        else:
            self._has_room.clear()


async def _logged(run: Job) -> None:
    """Run a job, and log its failure: nothing else depends on it."""
    try:
        await run()
    except Exception as error:
        log.warning("reply not sent", **error_fields(error))
