"""Attempts and what became of them, written down for many mails at once."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.mail.batching import Batcher
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import outcomes, sending
from storage.mail.outcomes import MailOutcome
from storage.mail.sending import Beginning

log = structlog.get_logger()

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try. A letter that left and is not recorded would be sent once more."""


class MailResults:
    """Writes into the outbox: what became of some mails, and in the same transaction which begin.

    So a mail may begin as soon as the outcome of another is told: it begins not before that stands.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
        enough: Callable[[], int],
    ) -> None:
        """Use these; `enough` tells how many of them are worth a transaction."""
        self._database = database
        self._vault = vault
        self._clock = clock
        self._gathering = Batcher(self._write, enough=enough)

    async def begin(self, beginning: Beginning) -> bool:
        """Return, once it is committed, whether the mail is still ours. Raises what that raised."""
        return await self._gathering.add(beginning)

    async def record(self, outcome: MailOutcome) -> None:
        """Return when the outcome is committed. Raises what the database raised to the last."""
        for pause in PAUSES:
            if pause:
                await asyncio.sleep(pause)
            try:
                await self._gathering.add(outcome)
            except Exception as error:
                log.warning("an outcome is not recorded yet", **error_fields(error))
                failed = error
            else:
                return
        raise failed

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
    """Return which of `begun` begin; record what is `done`, whose tallies come last."""
    held = sending.begin(connection, vault, begun, now=now) if begun else []
    if done:
        outcomes.finish(connection, done, now=now)
    return held
