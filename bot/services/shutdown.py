"""Ending in order: what is in hand is finished, if it goes soon."""

import asyncio
from collections.abc import Iterable
from typing import Any

PATIENCE = 10.0
"""Seconds that an end may wait. What a silent server keeps longer is taken up at the next start."""


async def part(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Wait for `tasks` for at most `PATIENCE` seconds, and cancel those that are not done then."""
    pending = set(tasks)
    if pending:
        _, late = await asyncio.wait(pending, timeout=PATIENCE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
