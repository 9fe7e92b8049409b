"""Erase data that has reached the end of its retention period."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.services.runner import repeat
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.retention import purge
from storage.retention.rule import Moment, Rule
from storage.retention.rules import RULES

log = structlog.get_logger()

RETENTION_INTERVAL = 600.0
"""Seconds between two rounds."""


class Retention:
    """Erases expired data every ten minutes, in slices, so that answers need not wait."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], datetime]) -> None:
        """`clock` returns the current time."""
        self._database = database
        self._vault = vault
        self._clock = clock

    async def run(self) -> None:
        """Erase until cancelled."""
        await repeat(self.run_once, RETENTION_INTERVAL)

    async def run_once(self) -> dict[str, int]:
        """Erase what is due. Return how many rows were erased, or emptied, in each table."""
        now, erased = self._clock(), dict[str, int]()
        for rule in RULES:
            if count := await self._erase(rule, now):
                erased[rule.table.name] = erased.get(rule.table.name, 0) + count
        await self._database.transact(partial(purge.finish, now=now))
        await self._database.discard_erased()
        if erased:
            log.info("expired rows erased", count=sum(erased.values()))
        return erased

    async def _erase(self, rule: Rule, now: datetime) -> int:
        """Erase what is due under one rule. The search for it keeps no transaction waiting."""

        def at(connection: Connection) -> Moment:
            return Moment(connection, self._vault, now)

        count = 0
        while keys := await self._database.read(lambda c: purge.due_keys(at(c), rule)):
            slice_ = keys
            erased = await self._database.transact(
                lambda c: purge.purge_slice(at(c), rule, slice_)  # noqa: B023 - runs at once
            )
            if not erased:
                break  # kept as evidence: the audit log, where its chain is broken
            count += erased
        return count
