"""Our outbox and its worker in a process of their own, as `actionbot work` runs them.

For each number on standard input it queues so many letters and says "queued"; at the next line it
drains them, and says how long that took: seconds, and seconds of CPU.
"""

import asyncio
import gc
import sys
import time
from pathlib import Path

import uvloop
from sqlalchemy import Connection, func, select

from bot import logs
from bot.clock import utc_now
from bot.mail.authentication.domains import DomainResolver
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.transport import SmtpTransport
from bot.services.core import Core
from bot.services.mail.mail_worker import MailWorker
from storage.crypto.keys import load_or_create
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema.tables import outbox as mails
from tests.bot.mail.signatures import SIGNER
from tests.bot.services.mailroom import no_deployment
from tests.storage.people import queues

CONNECTIONS = 8
SENDER = "actions@send.example"

_BODY = "The river belongs to those who live by it. Let it flow.\n" * 30
_AT_ONCE = 200


class Drain:
    """A database with an outbox, and the worker that drains it."""

    def __init__(self, database: Database, vault: Vault, smtp: str) -> None:
        self._database, self._vault, self._smtp = database, vault, smtp
        self._queued = self._told = 0
        self._done = asyncio.Event()

    async def fill(self, letters: int) -> None:
        until, now = self._queued + letters, utc_now()

        def work(connection: Connection) -> None:
            for number in range(self._queued, min(self._queued + _AT_ONCE, until)):
                queues(connection, self._vault, number, now, _BODY)

        while self._queued < until:
            await self._database.transact(work)
            self._queued = min(self._queued + _AT_ONCE, until)

    async def run(self, letters: int) -> tuple[float, float]:
        """Return the seconds until all are accepted, and those of CPU."""
        courier = SmtpPool(parse_smtp_url(self._smtp), connections=CONNECTIONS)
        post = MessageBuilder(
            Envelopes(self._vault, "send.example"), SENDER, DomainResolver(), signer=SIGNER
        )
        carrier = SmtpTransport(post, courier, 3 * CONNECTIONS)
        self._told = 0
        self._done.clear()
        delivering = MailWorker(
            Core(self._database, self._vault, no_deployment, utc_now),
            carrier,
            lambda: self._tell(letters),
        )
        begin, cpu = time.perf_counter(), time.process_time()
        working = asyncio.create_task(delivering.run())
        await self._done.wait()
        took, used = time.perf_counter() - begin, time.process_time() - cpu
        working.cancel()
        await asyncio.wait((working,))
        await courier.close()
        accepted = await self._database.read(_accepted)
        assert accepted == self._queued, f"{self._queued} were queued, and {accepted} accepted"
        return took, used

    def _tell(self, letters: int) -> None:
        self._told += 1
        if self._told >= letters:
            self._done.set()


def _accepted(connection: Connection) -> int:
    query = select(func.count()).select_from(mails).where(mails.c.state == "accepted")
    return connection.execute(query).scalar_one()


async def serve(url: str, keys: str, smtp: str) -> None:
    database = await open_database(url)
    drain = Drain(database, Vault(load_or_create(Path(keys))), smtp)
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            letters = int(line)
            await drain.fill(letters)
            # As the bot does before it begins.
            gc.collect()
            gc.freeze()
            _say("queued")
            await asyncio.to_thread(sys.stdin.readline)
            took, used = await drain.run(letters)
            _say(f"{took} {used}")
    finally:
        await database.close()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logs.configure()
    uvloop.run(serve(*sys.argv[1:]))
