"""Serves the public counters of a bot that polls. With a webhook, they are served beside it."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from bot.logs import error_fields
from bot.services.core import Core

if TYPE_CHECKING:
    from bot.web.http_server import WebServer

log = structlog.get_logger()

CHECK_SECONDS = 10.0
"""How often a bot that polls checks whether a campaign has a counter by now."""

BIND_RETRY_SECONDS = 60.0
"""Seconds until a port that another program uses is tried again."""


class CounterServer:
    """Serves the counters once a campaign has one. Until then no port is open."""

    def __init__(self, core: Core, host: str, port: int) -> None:
        """Serve on `port` of the address `host`."""
        self._core = core
        self._where = (host, port)

    @property
    def are_wanted(self) -> bool:
        """Whether a campaign has a counter."""
        campaigns = self._core.deployment().campaigns.values()
        return any(each.public_counter for each in campaigns)

    async def run(self) -> None:
        """Serve until cancelled; return after a while if no campaign has a counter."""
        if not self.are_wanted:
            await asyncio.sleep(CHECK_SECONDS)
            return
        server = await asyncio.to_thread(self._load)
        try:
            async with server:
                log.info("counters are served", port=server.port)
                await asyncio.get_running_loop().create_future()
        except OSError as error:
            log.error("counters are not served", port=self._where[1], **error_fields(error))
            await asyncio.sleep(BIND_RETRY_SECONDS)

    def _load(self) -> "WebServer":
        """Return the server. Imported here: it needs aiohttp, 9 MB, which takes 0.1 s to load."""
        from bot.web.http_server import WebServer
        from bot.web.public_counters import PublicCounters

        return WebServer(*self._where, PublicCounters(self._core).routes)
