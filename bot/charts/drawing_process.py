"""Drawing figures: a process of its own, which ends with its picture.

matplotlib takes a second of work and 100 MB, and is asked for a few times a day: so it is imported
there alone, and neither the loop nor the bot's memory knows of it.
"""

import asyncio
import sys

import structlog
from pydantic import TypeAdapter

from bot.logs import error_fields
from bot.services.ports import NotDrawn
from conversations.model.chart import Chart

log = structlog.get_logger()

_PATIENCE = 20.0
"""Seconds that a picture may take, those included in which it waits for others."""

_AT_ONCE = asyncio.Semaphore(1)
"""One picture at a time: a machine has other things to do."""

_KEPT = 16
_DRAWN: dict[bytes, bytes] = {}
"""The last pictures, by what they show: who presses a button a thousand times gets one of these."""


async def draw(chart: Chart) -> bytes:
    """Return the picture as PNG. Raises NotDrawn."""
    shown = TypeAdapter(Chart).dump_json(chart)
    try:
        async with asyncio.timeout(_PATIENCE), _AT_ONCE:
            if shown not in _DRAWN:
                _DRAWN[shown] = await _drawn(shown)
                for old in [*_DRAWN][:-_KEPT]:
                    del _DRAWN[old]
            return _DRAWN[shown]
    except (NotDrawn, OSError) as error:  # the time that is over is an OSError, too
        log.warning("no picture", **error_fields(error))
        raise NotDrawn from None


async def _drawn(shown: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.charts.drawing"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        picture, _ = await process.communicate(shown)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NotDrawn
    return picture
