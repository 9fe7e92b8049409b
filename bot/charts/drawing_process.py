"""Draws charts in a separate process, which ends when the picture is done.

matplotlib takes a second of CPU time and 100 MB, and is needed a few times a day. So the bot itself
never imports it.
"""

import asyncio
import sys

import structlog
from pydantic import TypeAdapter

from bot.logs import error_fields
from bot.services.ports import NotDrawn
from conversations.model.stats.chart import Chart

log = structlog.get_logger()

_TIMEOUT = 20.0
"""Seconds that a picture may take, including the wait for other pictures."""

_ONE_AT_A_TIME = asyncio.Semaphore(1)

_CACHE_SIZE = 16
_CACHE: dict[bytes, bytes] = {}
"""The last pictures, by their charts: a person may press a button a thousand times."""


async def draw(chart: Chart) -> bytes:
    """Return the picture of `chart` as PNG. Raises NotDrawn."""
    data = TypeAdapter(Chart).dump_json(chart)
    try:
        async with asyncio.timeout(_TIMEOUT), _ONE_AT_A_TIME:
            if data not in _CACHE:
                _CACHE[data] = await _run_process(data)
                for oldest in [*_CACHE][:-_CACHE_SIZE]:
                    del _CACHE[oldest]
            return _CACHE[data]
    except (NotDrawn, OSError) as error:  # TimeoutError is an OSError
        log.warning("no picture", **error_fields(error))
        raise NotDrawn from None


async def _run_process(data: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.charts.drawing"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        picture, _ = await process.communicate(data)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NotDrawn
    return picture
