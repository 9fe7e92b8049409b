"""Run a service's work again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.logs import error_fields

log = structlog.get_logger()

RETRY_DELAY = 2.0
"""Seconds after a failure until the work runs again, whatever its interval."""


async def repeat(
    work: Callable[[], Awaitable[object]],
    every: float,
    wake: asyncio.Event | None = None,
) -> None:
    """Run `work`, wait for `every` seconds or until `wake` is set, and run it again.

    A failure is logged, and the work runs again after RETRY_DELAY: the database may be restarting.
    This ends only when it is cancelled.
    """
    wake = wake or asyncio.Event()
    while True:
        wake.clear()
        try:
            await work()
        except Exception as error:
            service = getattr(work, "__qualname__", "")
            log.error("service failed", service=service, **error_fields(error))
            await asyncio.sleep(RETRY_DELAY)
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await wake.wait()
