"""Finish tasks at shutdown, within a grace period."""

import asyncio
from collections.abc import Iterable
from typing import Any

SHUTDOWN_GRACE = 4.0
"""Seconds that tasks have to finish. What is unfinished then is done at the next start.

Mail and replies finish one after the other, and the process ends within ten seconds of a signal.
"""


async def finish(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Wait for `tasks` to finish, and cancel those that have not finished in time."""
    pending = set(tasks)
    if pending:
        _, late = await asyncio.wait(pending, timeout=SHUTDOWN_GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
