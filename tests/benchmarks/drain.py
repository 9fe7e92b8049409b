"""Run our outbox and its mail worker in a separate process, as `actionbot work` does.

For each line on standard input, with how many letters and how many of them each action has, this
process queues that many letters and prints "queued". At the next line, it sends them and prints the
seconds that took, and the seconds of CPU time.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
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
from bot.services.ports import AttemptResult, PreparedMail
from storage.crypto.vault import Vault
from storage.engine import wake_ups
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema.tables import outbox as mails
from tests.bot.mail.signatures import SIGNER
from tests.bot.services.mailroom import no_deployment
from tests.storage.people import queues
from tests.vaults import vault_of

CONNECTIONS = 8
SENDER = "actions@send.example"

_BODY = "The river belongs to those who live by it. Let it flow.\n" * 30
_BATCH_SIZE = 200


@dataclass
class Counting(SmtpTransport):
    """Counts the mails that the server has taken, and says when it was all."""

    letters: int = 0
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self, mail: PreparedMail, go: Callable[[], Awaitable[bool]], slow: Callable[[], None]
    ) -> AttemptResult | None:
        result = await super().send(mail, go, slow)
        self.letters -= 1
        if not self.letters:
            self.taken.set()
        return result


class Drain:
    """A database with an outbox, and the worker that empties it."""

    def __init__(self, database: Database, vault: Vault, smtp: str) -> None:
        self._database, self._vault, self._smtp = database, vault, smtp
        self._queued = self._people = 0
        self._recorded = asyncio.Event()
        database.wake_ups.listen(wake_ups.Worker.REPLIES, self._recorded.set)

    async def fill(self, letters: int, each: int) -> None:
        """Queue `letters`, of which each action has `each`."""
        until, now = self._people + letters // each, utc_now()

        def work(connection: Connection) -> None:
            for number in range(self._people, min(self._people + _BATCH_SIZE, until)):
                queues(connection, self._vault, number, now, _BODY, each)

        while self._people < until:
            await self._database.transact(work)
            self._people = min(self._people + _BATCH_SIZE, until)
        self._queued += letters

    async def run(self, letters: int) -> tuple[float, float]:
        """Send all queued letters; return the seconds until all are accepted, and CPU seconds."""
        pool = SmtpPool(parse_smtp_url(self._smtp), connections=CONNECTIONS)
        builder = MessageBuilder(
            Envelopes(self._vault, "send.example"), SENDER, DomainResolver(), signer=SIGNER
        )
        transport = Counting(builder, pool, 3 * CONNECTIONS, letters)
        worker = MailWorker(Core(self._database, self._vault, no_deployment, utc_now), transport)
        begin, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(worker.run())
        await transport.taken.wait()
        await self._record_all()
        took, used = time.perf_counter() - begin, time.process_time() - cpu
        running.cancel()
        await asyncio.wait((running,))
        await pool.close()
        return took, used

    async def _record_all(self) -> None:
        """Wait until the outbox says that all letters are accepted."""
        self._recorded.clear()
        while await self._database.read(_accepted) < self._queued:
            await self._recorded.wait()
            self._recorded.clear()


def _accepted(connection: Connection) -> int:
    query = select(func.count()).select_from(mails).where(mails.c.state == "accepted")
    return connection.execute(query).scalar_one()


async def serve(url: str, keys: str, smtp: str) -> None:
    database = await open_database(url)
    drain = Drain(database, vault_of(Path(keys)), smtp)
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            letters, each = map(int, line.split())
            await drain.fill(letters, each)
            # The bot does this too when it starts.
            gc.collect()
            gc.freeze()
            _print("queued")
            await asyncio.to_thread(sys.stdin.readline)
            took, used = await drain.run(letters)
            _print(f"{took} {used}")
    finally:
        await database.close()


def _print(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logs.configure()
    uvloop.run(serve(*sys.argv[1:]))
