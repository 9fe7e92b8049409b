"""Ends albums whose parts have all come."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from bot.logs import error_fields
from storage.broadcasts import drafts
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

_PAUSE = 0.5


class Closing(Protocol):
    """Who answers that an album has ended."""

    async def end_album(self, chat: int) -> None:
        """Answer it, once."""


class Albums:
    """Looks for albums whose parts have all come: each comes by itself, and none is the last."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        answering: Closing,
        clock: Callable[[], datetime],
    ) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._answering = answering
        self._clock = clock

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_PAUSE)

    async def look(self) -> None:
        """End every album to which nothing was added for a while."""
        now = self._clock()
        whole = await self._database.read(lambda c: drafts.complete_albums(c, self._vault, now))
        for chat in whole:
            try:
                await self._answering.end_album(chat)
            except Exception as error:
                log.warning("could not end an album", **error_fields(error))
