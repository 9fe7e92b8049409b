"""Telling chats what came back of their mail: another process may have taken it in."""

import asyncio

import structlog

from bot.logs import error_fields
from bot.services.conversation.update_handler import UpdateHandler
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import returned_mail

log = structlog.get_logger()

_PAUSE = 2.0


class BounceNotices:
    """Looks every two seconds for codes and copies that came back, and has them answered."""

    def __init__(self, database: Database, vault: Vault, answering: UpdateHandler) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._answering = answering

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_PAUSE)

    async def look(self) -> None:
        """Tell every chat that waits; what cannot be told stays for the next time."""
        waiting = await self._database.read(lambda c: returned_mail.chats_to_notify(c, self._vault))
        for chat in waiting:
            try:
                await self._answering.answer_bounces(chat)
            except Exception as error:
                log.warning("could not tell what came back", **error_fields(error))
