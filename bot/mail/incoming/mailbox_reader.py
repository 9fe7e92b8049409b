"""Collecting mail from a mailbox: what is for us is taken in and deleted, all other mail stays.

What somebody wrote and nobody has got is flagged, and so is what cannot be taken in for a day.

A mail is deleted after its transaction is committed. One that is taken twice, because the line
broke between the two or another process collects as well, does no harm.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.logs import error_fields
from bot.mail.incoming.imap import ImapAccount, ImapError, Mailbox
from bot.mail.incoming.inbound_mail import Disposition

log = structlog.get_logger()

POLL_INTERVAL = 60.0
"""Seconds from one look to the next."""

MAX_POLLS_BETWEEN_ATTEMPTS = 60
"""Looks between two tries of a mail that cannot be taken in; the first are 1, 2, 4, …"""

MAX_ATTEMPTS = 30
"""How often that is tried: for a day, in which a database comes back."""


class MailReceiver(Protocol):
    """Who takes mail in."""

    @property
    def largest(self) -> int:
        """How many bytes of a mail are looked at."""

    def is_ours(self, head: bytes) -> bool:
        """Whether a mail with these headers is for us."""

    async def take(self, raw: bytes) -> Disposition:
        """Do what a mail asks for. May raise anything: then it is taken again later."""


@dataclass
class _DeferredMail:
    """A mail that could not be taken in, and the look at which it is tried again."""

    tries: int = 0
    at: int = 0

    def again(self, look: int) -> None:
        self.at = look + min(2**self.tries, MAX_POLLS_BETWEEN_ATTEMPTS)
        self.tries += 1


class MailboxReader:
    """Looks into the mailbox every minute."""

    def __init__(
        self,
        account: ImapAccount,
        reception: MailReceiver,
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
        """All mails up to this one are done with, wait, or are not for us."""
        self._waiting: dict[int, _DeferredMail] = {}
        self._looks = 0
        self._validity = b""

    async def run(self) -> None:
        """Look for ever; what goes wrong is logged, and tried again."""
        while True:
            try:
                await self.look()
            except (OSError, ImapError) as error:
                log.warning("mailbox is out of reach", **error_fields(error))
            await self._rest(POLL_INTERVAL)

    async def look(self) -> None:
        """Take in what is there. Raises OSError or Error."""
        box = Mailbox(self._account, self._trust)
        try:
            await asyncio.to_thread(box.open)
            if box.validity != self._validity:
                self._seen, self._validity, self._waiting = 0, box.validity, {}
            await self._take_in(box, await asyncio.to_thread(box.mails, self._seen))
            await asyncio.to_thread(box.close)
        finally:
            # Where this is called off, a thread may still wait for the server.
            box.cut()

    async def _take_in(self, box: Mailbox, mails: list[int]) -> None:
        self._looks += 1
        due = [mail for mail, waiting in self._waiting.items() if waiting.at <= self._looks]
        for mail in (*due, *mails):
            if await self._is_done_with(box, mail):
                self._waiting.pop(mail, None)
            self._seen = max(self._seen, mail)

    async def _is_done_with(self, box: Mailbox, mail: int) -> bool:
        """Take in one mail if it is for us; False where that cannot be done now."""
        if not self._reception.is_ours(await asyncio.to_thread(box.head, mail)):
            return True
        raw = await asyncio.to_thread(box.whole, mail, self._reception.largest)
        try:
            fate = await self._reception.take(raw)
        except Exception as error:
            # It stays in the mailbox, and stops no other one.
            log.warning("mail cannot be taken in now", **error_fields(error))
            waiting = self._waiting.setdefault(mail, _DeferredMail())
            waiting.again(self._looks)
            if waiting.tries < MAX_ATTEMPTS:
                return False
            log.error("mail is left to people", count=waiting.tries)
            fate = Disposition.LEFT
        if fate is Disposition.DONE:
            await asyncio.to_thread(box.remove, mail)
        elif fate is Disposition.LEFT:
            await asyncio.to_thread(box.set_aside, mail)
        return True
