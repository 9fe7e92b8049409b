"""Collecting mail from a mailbox: what is for us is taken in and deleted, all other mail stays.

A mail is deleted after its transaction is committed. One that is taken twice, because the line
broke between the two or another process collects as well, does no harm.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from bot.mail.imap import Account, Box, Error

log = structlog.get_logger()

PAUSE = 60.0
"""Seconds from one look to the next."""


class Reception(Protocol):
    """Who takes mail in."""

    @property
    def largest(self) -> int:
        """How many bytes of a mail are looked at."""

    def is_ours(self, head: bytes) -> bool:
        """Whether a mail with these headers is for us."""

    async def take(self, raw: bytes) -> None:
        """Do what a mail asks for. May raise anything: then it is taken again later."""


class Collecting:
    """Looks into the mailbox every minute."""

    def __init__(
        self,
        account: Account,
        reception: Reception,
        *,
        trust: ssl.SSLContext | None = None,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Use these; `trust` are the certificates that are taken for good, by default the usual."""
        self._account = account
        self._reception = reception
        self._trust = trust
        self._rest = rest
        self._seen = 0
        """All mails up to this one are done with, or not for us."""
        self._validity = b""

    async def run(self) -> None:
        """Look for ever; what goes wrong is logged, and tried again."""
        while True:
            try:
                await self.look()
            except (OSError, Error) as error:
                log.warning("mailbox is out of reach", error=type(error).__name__)
            await self._rest(PAUSE)

    async def look(self) -> None:
        """Take in what is there. Raises OSError or Error."""
        box = Box(self._account, self._trust)
        try:
            await asyncio.to_thread(box.open)
            if box.validity != self._validity:
                self._seen, self._validity = 0, box.validity
            await self._take_in(box, await asyncio.to_thread(box.mails, self._seen))
            await asyncio.to_thread(box.close)
        finally:
            # Where this is called off, a thread may still wait for the server.
            box.cut()

    async def _take_in(self, box: Box, mails: list[int]) -> None:
        waits = False
        for mail in mails:
            done = await self._done_with(box, mail)
            waits = waits or not done
            if not waits:
                self._seen = mail

    async def _done_with(self, box: Box, mail: int) -> bool:
        """Take in one mail if it is for us; False where that cannot be done now."""
        if not self._reception.is_ours(await asyncio.to_thread(box.head, mail)):
            return True
        raw = await asyncio.to_thread(box.whole, mail, self._reception.largest)
        try:
            await self._reception.take(raw)
        except Exception as error:
            # It stays in the mailbox, and stops no other one.
            log.warning("mail cannot be taken in now", error=type(error).__name__)
            return False
        await asyncio.to_thread(box.remove, mail)
        return True
