"""Drawing figures: a process of its own, which ends with its picture.

matplotlib takes a second of work and 100 MB, and is asked for a few times a day: so it is imported
there alone, and neither the loop nor the bot's memory knows of it.
"""

import asyncio
import sys

import structlog
from pydantic import TypeAdapter

from bot.services.reporting import NotDrawn
from conversations.chart import Chart

log = structlog.get_logger()

_PATIENCE = 30.0
"""Seconds that a picture may take."""

_AT_ONCE = asyncio.Semaphore(1)
"""One picture at a time: a machine has other things to do."""


async def draw(chart: Chart) -> bytes:
    """Return the picture as PNG. Raises NotDrawn."""
    async with _AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.telegram.drawing"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                picture, _ = await process.communicate(TypeAdapter(Chart).dump_json(chart))
        except TimeoutError:
            raise NotDrawn("it took too long") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise NotDrawn(f"the process ended with {process.returncode}")
    return picture
