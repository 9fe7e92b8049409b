"""Tasks by key: what is done for one chat does not wait for what is done for another."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, Self, TypeVar

import structlog

from bot.logs import error_fields

log = structlog.get_logger()

K = TypeVar("K", bound=Hashable)

MAX_TASKS = 200
"""How many tasks run at once. What is not started is left to the next round."""


class KeyedTasks(Generic[K]):
    """At most one task for each key. Use it as a context, which waits for the tasks at its end."""

    def __init__(self) -> None:
        """Start without tasks."""
        self._tasks: dict[K, asyncio.Task[None]] = {}

    def start(self, key: K, work: Callable[[], Awaitable[None]]) -> None:
        """Start a task, unless there is one with this key, or MAX_TASKS run. Log its failure."""
        if key not in self._tasks and len(self._tasks) < MAX_TASKS:
            self._tasks[key] = asyncio.create_task(self._run(key, work))

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, failure: type[BaseException] | None, *_: object) -> None:
        """Wait for all tasks. Cancel them if the context failed or was cancelled."""
        tasks = (*self._tasks.values(),)
        if failure is not None:
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: K, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:
            service = getattr(getattr(work, "func", work), "__qualname__", "")
            log.warning("task failed", service=service, **error_fields(error))
        finally:
            del self._tasks[key]
