"""Watch the documents of authority and the audit log: remember the newest, and report forgeries.

What was committed is copied to the state file beside the key file at once, so that older rows can't
be put back later. The whole audit log is verified at the start and every hour.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.services.core import Core
from bot.services.runner import repeat
from storage.admin import audit_chain, authority, roles
from storage.admin.audit_chain import Walk
from storage.crypto.trusted_state import LogHead, TrustedDocument
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

WATCH_INTERVAL = 5.0
"""Seconds between two looks. `wake` starts one at once."""

VERIFY_INTERVAL = timedelta(hours=1)
"""How often the whole audit log is verified."""

AUDIT_LOG = "audit"
"""Names the audit log among the documents in reports."""


class AuthorityWatch:
    """Keeps this machine's state file up to date. Each process has one."""

    def __init__(self, core: Core) -> None:
        """Nothing is known to be forged yet."""
        self._core = core
        self._wake = asyncio.Event()
        self._verified: datetime | None = None
        self._log_is_forged = False
        self.forged: tuple[str, ...] = ()
        """What was changed from outside: names of documents, and AUDIT_LOG."""

    def wake(self) -> None:
        """Look now rather than after the interval."""
        self._wake.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        await repeat(self.run_once, WATCH_INTERVAL, self._wake)

    async def run_once(self) -> None:
        """Remember what is newest, and log what was changed from outside."""
        database, vault, now = self._core.database, self._core.vault, self._core.clock()
        has_head = await remember(database, vault)
        if self._verified is None or now - self._verified >= VERIFY_INTERVAL or not has_head:
            self._log_is_forged = (await verify_log(database, vault)).is_broken
            self._verified = now
        refused = await database.read(partial(authority.refused, vault=vault))
        forged = tuple(sorted({*refused, *((AUDIT_LOG,) if self._log_is_forged else ())}))
        if forged != self.forged:
            self.forged = forged
            log.error("database changed from outside", where=", ".join(forged) or "repaired")
        await database.transact(partial(roles.prune, vault=vault, now=now))


async def remember(database: Database, vault: Vault) -> bool:
    """Remember the newest committed documents, and the head of the audit log.

    Returns whether the log still holds the head that was known before.
    """
    documents, head = await database.read(partial(_committed, vault))
    await asyncio.to_thread(vault.trusted.advance, documents, head)
    return head is not None


async def verify_log(database: Database, vault: Vault) -> Walk:
    """Verify the whole audit log, in slices, so that no other work waits."""
    walk = Walk()
    while not walk.complete:
        walk = await database.read(partial(audit_chain.verify_slice, vault=vault, walk=walk))
    return walk


def _committed(
    vault: Vault, connection: Connection
) -> tuple[Mapping[str, TrustedDocument], LogHead | None]:
    return authority.committed(connection, vault), audit_chain.next_head(connection, vault)
