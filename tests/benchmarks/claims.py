"""Benchmark claiming letters from the outbox: a queue of 100,000 compared with one of 1,000.

Each claim takes as many letters as a worker takes at once and puts them back, so that the queues
keep their length.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import orjson
from sqlalchemy import Connection

from bot.clock import utc_now
from bot.mail.smtp.transport import IN_HAND
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.mail.delivery import outcomes, sending
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outcomes import MailOutcome
from storage.schema.encryption import MAIL_CONTENT
from storage.schema.migrations import upgrade
from storage.schema.tables import outbox as mails
from tests import databases
from tests.benchmarks.figures import Contender, Result, Run
from tests.benchmarks.processes import Broken
from tests.storage.people import letter
from tests.vaults import vault_of

LONG, SHORT = 100_000, 1_000
_LANES = ("", "river")
_BATCH_SIZE = 5_000


@dataclass(frozen=True)
class Queue:
    """A database with letters queued in its outbox."""

    database: Database
    vault: Vault

    async def fill(self, letters: int) -> None:
        now, content = utc_now(), orjson.dumps(asdict(letter()))
        for first in range(0, letters, _BATCH_SIZE):
            rows = [
                {
                    "mail": mail,
                    "kind": MailKind.LETTER.value,
                    "campaign": "river",
                    "lane": "river",
                    "action": mail,
                    "person_key": mail.encode(),
                    "target": "ministry",
                    "encrypted_content": self.vault.encrypt(
                        content, MAIL_CONTENT, row=mail.encode()
                    ),
                    "message_id": mail,
                    "state": LetterState.QUEUED.value,
                    "not_before": now,
                    "due": now,
                    "expires": now + timedelta(days=5),
                    "queued": now,
                    "changed": now,
                }
                for mail in (f"{n:032}" for n in range(first, min(first + _BATCH_SIZE, letters)))
            ]
            await self.database.transact(partial(_add, rows=rows))

    async def claims(self, seconds: float) -> Run:
        count, begin = 0, time.perf_counter()
        while (took := time.perf_counter() - begin) < seconds:
            if await self.database.transact(self._claim) != IN_HAND:
                raise Broken("A claim returned fewer letters than the queue has.")
            count += 1
        return Run(count / took)

    def _claim(self, connection: Connection) -> int:
        now = utc_now()
        until = now + timedelta(minutes=1)
        claimed = sending.claim(
            connection,
            self.vault,
            lanes=_LANES,
            now=now,
            lease="bench",
            until=until,
            limit=IN_HAND,
        )
        back = [
            MailOutcome(each.mail, each.kind, "bench", DeliveryEvent.NOT_SENT, now)
            for each in claimed
        ]
        return outcomes.record(connection, self.vault, back, now=now)


async def measure(
    engine: str,
    rounds: int,
    seconds: float,
    sizes: tuple[int, int],
    folder: Path,
    advance: Callable[[], None],
) -> Result:
    """Claim for `seconds` from each queue in turn, `rounds` times."""
    long, short = sizes
    runs: dict[int, list[Run]] = {long: [], short: []}
    async with AsyncExitStack() as stack:
        queues = {
            size: await stack.enter_async_context(_queue(engine, size, folder)) for size in sizes
        }
        for queue in queues.values():
            await queue.claims(seconds / 5)
        for _ in range(rounds):
            for size, queue in queues.items():
                runs[size].append(await queue.claims(seconds))
                advance()
    return Result(
        f"claims-{engine}",
        "claims a second",
        f"{IN_HAND} letters each, put back; medians of {rounds} interleaved runs of {seconds:g} s",
        (
            Contender(f"{long:,} letters wait", runs[long]),
            Contender(f"{short:,} letters wait", runs[short], 1 / 1.3),
        ),
    )


@asynccontextmanager
async def _queue(engine: str, size: int, folder: Path) -> AsyncIterator[Queue]:
    with databases.serving() if engine == "postgresql" else nullcontext(None) as address:
        url = databases.plain(address) if address else f"sqlite:///{folder / f'{size}.db'}"
        await asyncio.to_thread(upgrade, url)
        database = await open_database(url)
        try:
            queue = Queue(database, vault_of(folder / f"{size}.keys"))
            await queue.fill(size)
            yield queue
        finally:
            await database.close()


def _add(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.execute(mails.insert(), rows)
