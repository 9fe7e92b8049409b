"""Erase data that has reached the end of its retention period."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import error_fields
from bot.services.runner import repeat
from storage.crypto.vault import Vault
from storage.engine.database import Database, Work
from storage.retention import purge
from storage.retention.conditions import CONSENT_RULES, ConsentRule
from storage.retention.rule import Moment, Rule
from storage.retention.rules import RULES

T = TypeVar("T")

log = structlog.get_logger()

RETENTION_INTERVAL = 600.0
"""Seconds between two rounds."""

SLICE_SIZE = 50
"""Number of rows that one transaction erases at most."""

SLICE_PAUSE = 0.005
"""Seconds between two slices at least, so that replies come first."""


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
        """Erase what is due. Return how many rows were erased, or emptied, in each table.

        A rule that fails, for example because a row is damaged, does not stop the others.
        """
        now, erased = self._clock(), dict[str, int]()
        await self._check_consents(now)
        for rule in RULES:
            try:
                count = await self._erase(rule, now)
            except (SQLAlchemyError, OSError):  # the database: the other rules would fail, too
                raise
            except Exception as error:
                log.error("rows not erased", kind=rule.table.name, **error_fields(error))
                continue
            if count:
                erased[rule.table.name] = erased.get(rule.table.name, 0) + count
        await self._database.transact(partial(purge.finish, now=now))
        await self._database.discard_erased()
        if erased:
            log.info("expired rows erased", count=sum(erased.values()))
        return erased

    async def _check_consents(self, now: datetime) -> None:
        """Find out which old consents are due."""
        for rule in CONSENT_RULES:
            place: purge.Place | None = purge.START
            while place is not None:
                check = partial(self._check_slice, now, rule, place)
                place = await self._change(check)

    def _check_slice(
        self, now: datetime, rule: ConsentRule, place: purge.Place, connection: Connection
    ) -> purge.Place | None:
        return purge.check_consents(Moment(connection, self._vault, now), rule, place)

    async def _erase(self, rule: Rule, now: datetime) -> int:
        """Erase what is due under one rule. The search for it keeps no transaction waiting."""
        count = 0
        while keys := await self._database.read(partial(self._due_keys, rule, now)):
            erased = 0
            for first in range(0, len(keys), SLICE_SIZE):
                some = keys[first : first + SLICE_SIZE]
                erase = partial(self._erase_slice, rule, now, some)
                erased += await self._change(erase)
            if not erased:
                break  # kept as evidence: the audit log, where its chain is broken
            count += erased
        return count

    async def _change(self, work: Work[T]) -> T:
        """Change a slice, and pause as long as that took, so that replies come first."""
        begin = time.monotonic()
        result = await self._database.transact(work)
        await asyncio.sleep(max(SLICE_PAUSE, time.monotonic() - begin))
        return result

    def _due_keys(self, rule: Rule, now: datetime, connection: Connection) -> Sequence[Row[Any]]:
        return purge.due_keys(Moment(connection, self._vault, now), rule)

    def _erase_slice(
        self, rule: Rule, now: datetime, keys: Sequence[Row[Any]], connection: Connection
    ) -> int:
        return purge.purge_slice(Moment(connection, self._vault, now), rule, keys)
