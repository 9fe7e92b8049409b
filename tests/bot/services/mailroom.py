"""An outbox for tests, with workers and the mail server that they send to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import Row, select

from bot.mail.authentication.domains import DomainResolver
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.transport import SmtpTransport
from bot.services.core import Core
from bot.services.mail.mail_worker import MailWorker
from bot.services.ports import PreparedMail
from conversations.core.effects import Effect
from conversations.model.letters.letter import Letter
from storage.crypto.vault import Vault
from storage.engine import wake_ups
from storage.engine.database import Database
from storage.mail.delivery.sending import ClaimedMail
from storage.schema.tables import outbox as mails
from storage.schema.tables import tallies
from tests.bot.mail.signatures import SIGNER
from tests.storage.people import NOW, acts, code, letter, sends


class Clock:
    """A clock that moves only when a test moves it, and that reports when it is read."""

    def __init__(self) -> None:
        self.now = NOW
        self._looked = asyncio.Condition()
        self._count = 0

    def __call__(self) -> datetime:
        self._count += 1
        asyncio.get_running_loop().create_task(self._tell())
        return self.now

    async def _tell(self) -> None:
        async with self._looked:
            self._looked.notify_all()

    async def looked_at(self, times: int) -> None:
        until = self._count + times
        async with asyncio.timeout(30), self._looked:
            await self._looked.wait_for(lambda: self._count >= until)


NO_GRACE = timedelta()
"""For tests that move the clock: nobody waits for holders of leases after that."""


def no_deployment() -> NoReturn:
    raise AssertionError("a mail worker needs no campaigns")


@dataclass
class Watched(SmtpTransport):
    """Keeps the mails that were assembled. A mail to `broken@` cannot be assembled."""

    assembled: list[PreparedMail] = field(default_factory=list)

    async def assemble(self, claimed: ClaimedMail, now: datetime) -> PreparedMail:
        content = claimed.content
        if isinstance(content, Letter) and content.target_address.startswith("broken@"):
            raise ValueError
        mail = await super().assemble(claimed, now)
        self.assembled.append(mail)
        return mail


@dataclass(frozen=True)
class Worker:
    delivering: MailWorker
    task: "asyncio.Task[None]"


class MailRoom:
    """`ended` is called before a worker is cancelled, so that nothing blocks it."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        url: str,
        *,
        trust: ssl.SSLContext | None = None,
        ended: Callable[[], None] = lambda: None,
        grace: timedelta = NO_GRACE,
    ) -> None:
        self.database, self.vault = database, vault
        self.url, self.trust, self.ended, self.grace = url, trust, ended, grace
        self.assembled: list[PreparedMail] = []
        self.envelopes = Envelopes(vault, "send.example")
        self.clock = Clock()
        self.workers: list[Worker] = []
        self._news = asyncio.Event()
        database.wake_ups.listen(wake_ups.Worker.REPLIES, self._news.set)

    async def letter(
        self, number: int, to: str = "minister@gov.example", *, like: Letter | None = None
    ) -> str:
        """Queue a letter and return its Message-ID."""
        content = like or letter(f"p{number}@mail.example")
        effect = replace(
            sends(f"{number:032}", address=f"p{number}@mail.example", undo_seconds=0),
            letter=replace(content, target_address=to),
            message_token=f"{number:032}",
        )
        await self._acts(number, effect)
        return self.envelopes.message_id(f"{number:032}")

    async def code(self, number: int) -> None:
        await self._acts(number, code(address=f"p{number}@mail.example"))

    async def _acts(self, number: int, effect: Effect) -> None:
        chat, now = 2000 + number, self.clock.now
        await self.database.transact(lambda c: acts(c, self.vault, chat, effect, now=now))
        self.poke()

    @asynccontextmanager
    async def works(self, slots: int = 2) -> AsyncIterator[Worker]:
        """Run a worker while the context lasts."""
        courier = SmtpPool(parse_smtp_url(self.url), connections=slots, trust=self.trust)
        post = MessageBuilder(
            self.envelopes, "actions@send.example", DomainResolver(), signer=SIGNER
        )
        delivering = MailWorker(
            Core(self.database, self.vault, no_deployment, self.clock),
            Watched(post, courier, slots, self.assembled),
            grace=self.grace,
        )
        worker = Worker(delivering, asyncio.create_task(delivering.run()))
        self.workers.append(worker)
        try:
            yield worker
        finally:
            self.ended()
            worker.task.cancel()
            with suppress(asyncio.CancelledError):
                await worker.task
            self.workers.remove(worker)
            await courier.close()

    def poke(self) -> None:
        for worker in self.workers:
            worker.delivering.wake()

    def later(self, **time: float) -> None:
        self.until(self.clock.now + timedelta(**time))

    def until(self, now: datetime) -> None:
        self.clock.now = now
        self.poke()

    async def nothing_happens(self) -> None:
        """Wait until every worker has queried the outbox and found nothing."""
        for _ in range(2):
            # A worker reads the clock before it claims, and again before it sleeps. Twice, because
            # the first reading may be that before an earlier sleep.
            self.poke()
            await self.clock.looked_at(2 * len(self.workers))

    async def rows(self) -> list[Row[Any]]:
        query = select(mails).order_by(mails.c.message_id)
        return list(await self.database.read(lambda c: c.execute(query).all()))

    async def row(self, number: int = 1) -> Row[Any]:
        (row,) = [row for row in await self.rows() if row.message_id == f"{number:032}"]
        return row

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def tally(self) -> dict[str, int]:
        query = select(tallies.c.value, tallies.c.count).where(tallies.c.figure == "step")
        rows = await self.database.read(lambda c: c.execute(query).all())
        return {step: number for step, number in rows}

    async def begins(self, kind: str) -> None:
        """Wait until a mail of that kind waits for a connection. Workers do not report that."""
        async with asyncio.timeout(30):
            while not any(row.transmitting and row.kind == kind for row in await self.rows()):
                continue

    async def comes(self, condition: Callable[[list[Row[Any]]], bool]) -> None:
        """Wait until the condition holds. Workers report every change of the outbox."""
        async with asyncio.timeout(30):
            while True:
                self._news.clear()
                if condition(await self.rows()):
                    return
                await self._news.wait()

    async def become(self, *states: str) -> None:
        await self.comes(lambda rows: [row.state for row in rows] == list(states))
