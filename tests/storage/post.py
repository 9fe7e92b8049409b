"""The outbox in tests, and what workers and chats do with it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from conversations.model.letters.delivery import DeliveryEvent, LetterState
from conversations.model.letters.server_reply import ServerReply
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.delivery import outcomes, sending, uncertain
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import Beginning, ClaimedMail
from storage.schema.tables import tallies as tallies_table
from tests.storage.people import MARIA, NOW, acts, known


class Post:
    """One method for each use of the outbox."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault

    async def act(self, chat: int, *effects: object, now: datetime = NOW) -> None:
        await self.database.transact(
            lambda c: acts(c, self.vault, chat, *effects, now=now)  # type: ignore[arg-type]
        )

    async def claim(
        self, now: datetime, lease: str = "worker", limit: int = 10, seconds: int = 60
    ) -> tuple[ClaimedMail, ...]:
        until = now + timedelta(seconds=seconds)
        return await self.database.transact(
            lambda c: sending.claim(
                c,
                self.vault,
                lanes=sending.schedule(c).lanes,
                now=now,
                lease=lease,
                until=until,
                limit=limit,
            )
        )

    async def begin(self, claimed: ClaimedMail, now: datetime) -> bool:
        beginning = Beginning(claimed, b"raw")
        (begun,) = await self.database.transact(
            lambda c: sending.begin(c, self.vault, [beginning], now=now)
        )
        return begun

    async def finish(
        self,
        claimed: ClaimedMail,
        happened: DeliveryEvent,
        now: datetime,
        wait: datetime | None = None,
        *,
        held: bool = False,
    ) -> int:
        outcome = MailOutcome(
            claimed.mail, claimed.kind, claimed.lease, happened, wait, ServerReply(250), held=held
        )
        return await self.database.transact(
            lambda c: outcomes.record(c, self.vault, [outcome], now=now)
        )

    async def recover(self, now: datetime) -> int:
        return await self.database.transact(lambda c: uncertain.recover_lost(c, now=now))

    async def tally(self) -> dict[str, int]:
        rows = await self.database.read(
            lambda c: c.execute(
                select(tallies_table.c.value, tallies_table.c.count).where(
                    tallies_table.c.figure == "step"
                )
            ).all()
        )
        return {step: number for step, number in rows}

    async def state(self, chat: int = MARIA) -> LetterState:
        told = await self.database.transact(lambda c: known(c, self.vault, chat))
        return told.acted["river"].state
