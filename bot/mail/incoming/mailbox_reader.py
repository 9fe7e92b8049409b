"""Poll a mailbox: process and delete the emails that are for the bot; all others stay.

An email that a person wrote and nobody reads is flagged, and so is one whose meaning is unclear, or
that can't be processed for a day. An email is deleted after its transaction has committed. If the
connection breaks in between, or another process polls, too, it is processed twice, which does no
harm.
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
from storage.mail.forwards import TooManyForwards

log = structlog.get_logger()

POLL_INTERVAL = 60.0
"""Seconds between two polls."""

MAX_POLLS_BETWEEN_ATTEMPTS = 60
"""Polls between two attempts to process an email; the first gaps are 1, 2, 4, … polls."""

MAX_ATTEMPTS = 30
"""Attempts to process an email: about a day, in which a database should be back."""


class MailReceiver(Protocol):
    """Processes incoming emails."""

    @property
    def max_bytes(self) -> int:
        """How many bytes of an email are read."""

    def is_ours(self, head: bytes) -> bool:
        """Whether an email with these headers is for the bot."""

    async def process(self, raw: bytes) -> Disposition:
        """Process an email. If this raises, it is tried again later."""


@dataclass
class _DeferredMail:
    """An email that could not be processed yet."""

    tries: int = 0
    """Attempts so far."""

    next_poll: int = 0
    """The number of the poll at which it is tried again."""

    def wait_for_turn(self, poll: int) -> None:
        """Try again at the longest gap, as often as it takes: too many replies wait already."""
        self.next_poll = poll + MAX_POLLS_BETWEEN_ATTEMPTS

    def defer(self, poll: int) -> None:
        self.next_poll = poll + min(2**self.tries, MAX_POLLS_BETWEEN_ATTEMPTS)
        self.tries += 1


class MailboxReader:
    """Polls the mailbox every minute."""

    def __init__(
        self,
        account: ImapAccount,
        receiver: MailReceiver,
        *,
        trust: ssl.SSLContext | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Create the reader.

        `trust` are the accepted certificate authorities, by default those of the system. `sleep`
        waits so many seconds.
        """
        self._account = account
        self._receiver = receiver
        self._trust = trust
        self._sleep = sleep
        self._highest_seen = 0
        """Emails up to this id are processed, deferred, or not for the bot."""
        self._deferred: dict[int, _DeferredMail] = {}
        self._polls = 0
        self._validity = b""

    async def run(self) -> None:
        """Poll until cancelled; errors are logged, and the next poll tries again."""
        while True:
            try:
                await self.poll()
            except (OSError, ImapError) as error:
                log.warning("mailbox is out of reach", **error_fields(error))
            await self._sleep(POLL_INTERVAL)

    async def poll(self) -> None:
        """Process the emails in the mailbox. Raises OSError or ImapError."""
        box = Mailbox(self._account, self._trust)
        try:
            await asyncio.to_thread(box.open)
            if box.validity != self._validity:
                self._highest_seen, self._validity, self._deferred = 0, box.validity, {}
            await self._process_all(box, await asyncio.to_thread(box.mails, self._highest_seen))
            await asyncio.to_thread(box.close)
        finally:
            # If this is cancelled, a thread may still wait for the server.
            box.abort()

    async def _process_all(self, box: Mailbox, mails: list[int]) -> None:
        self._polls += 1
        due = [mail for mail, waiting in self._deferred.items() if waiting.next_poll <= self._polls]
        for mail in (*due, *mails):
            if await self._process(box, mail):
                self._deferred.pop(mail, None)
            self._highest_seen = max(self._highest_seen, mail)

    async def _process(self, box: Mailbox, mail: int) -> bool:
        """Process one email if it is for the bot; False if it must be tried again later."""
        if not self._receiver.is_ours(await asyncio.to_thread(box.fetch_headers, mail)):
            return True
        raw = await asyncio.to_thread(box.fetch, mail, self._receiver.max_bytes)
        try:
            disposition = await self._receiver.process(raw)
        except TooManyForwards:
            self._deferred.setdefault(mail, _DeferredMail()).wait_for_turn(self._polls)
            return False
        except Exception as error:
            # It stays in the mailbox and does not block the others.
            log.warning("mail cannot be taken in now", **error_fields(error))
            waiting = self._deferred.setdefault(mail, _DeferredMail())
            waiting.defer(self._polls)
            if waiting.tries < MAX_ATTEMPTS:
                return False
            log.error("mail is left to people", count=waiting.tries)
            disposition = Disposition.LEFT
        if disposition is Disposition.DONE:
            await asyncio.to_thread(box.remove, mail)
        elif disposition in (Disposition.LEFT, Disposition.UNCLEAR):
            await asyncio.to_thread(box.flag, mail)
        return True
