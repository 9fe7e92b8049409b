"""Record in the outbox which mails begin and how attempts ended, many mails in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import count

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.mail.batching import Batcher
from storage.crypto.vault import Vault
from storage.engine.database import DATABASE_ERRORS, Database
from storage.mail.delivery import outcomes, sending
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import Beginning

log = structlog.get_logger()

RETRY_DELAYS = (1.0, 2.0, 4.0)
"""Seconds between two tries to record an outcome. The last one is repeated."""

MAX_TRIES = 5
"""How often an outcome is tried that the database refuses, although it works."""


class MailResults:
    """Writes beginnings and outcomes of attempts to the outbox.

    A batch holds both kinds. A mail begins in the transaction that records another mail's outcome.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
        enough: Callable[[], int],
        failed: Callable[[], object],
    ) -> None:
        """Write to `database`. `enough` returns how many entries make a batch worth it.

        `failed` is called whenever an outcome could not be recorded.
        """
        self._database = database
        self._vault = vault
        self._clock = clock
        self._failed = failed
        self._batcher = Batcher(self._write, enough=enough)

    async def begin(self, beginning: Beginning) -> bool:
        """Record that a mail begins. Return whether we still hold its lease, after the commit.

        Raises what the database raises.
        """
        return await self._batcher.add(beginning)

    async def record(self, outcome: MailOutcome) -> None:
        """Record an outcome, however long the database is full or out of reach.

        A letter whose outcome is lost would be sent again. Raises what a working database raised
        at the last of MAX_TRIES.
        """
        for attempt in count(1):
            try:
                await self._batcher.add(outcome)
            except Exception as error:
                log.warning("outcome not recorded yet", **error_fields(error))
                self._failed()
                if attempt >= MAX_TRIES and not isinstance(error, DATABASE_ERRORS):
                    raise
            else:
                return
            await asyncio.sleep(RETRY_DELAYS[min(attempt, len(RETRY_DELAYS)) - 1])

    async def record_all(self, outcomes: Sequence[MailOutcome]) -> None:
        """Record outcomes at once, in one try. Raises what the database raises."""
        await self._write(outcomes)

    async def _write(self, entries: Sequence[Beginning | MailOutcome]) -> Sequence[bool]:
        done = [each for each in entries if isinstance(each, MailOutcome)]
        begun = [each for each in entries if isinstance(each, Beginning)]
        work = partial(_write, vault=self._vault, done=done, begun=begun, now=self._clock())
        held = iter(await self._database.transact(work))
        return [next(held) if isinstance(each, Beginning) else True for each in entries]


def _write(
    connection: Connection,
    *,
    vault: Vault,
    done: Sequence[MailOutcome],
    begun: Sequence[Beginning],
    now: datetime,
) -> list[bool]:
    """Return which of `begun` may begin. Record `done` last: its tallies lock rows."""
    held = sending.begin(connection, vault, begun, now=now) if begun else []
    if done:
        outcomes.record(connection, vault, done, now=now)
    return held
