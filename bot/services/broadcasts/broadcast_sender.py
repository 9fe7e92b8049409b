"""Send broadcasts to their recipients. One process sends at a time: it holds a lease.

lease ─▶ list a slice ─▶ claim some ─▶ send ─▶ record, claim more ─▶ … ─▶ done
           ▲                  one transaction for each batch  │
           └──────────── while recipients are left ───────────┘
"""

import asyncio
import secrets
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.services.broadcasts.broadcast_recall import BroadcastRecall
from bot.services.broadcasts.broadcast_run import BroadcastRun, SenderLease
from bot.services.core import Core
from bot.services.ports import BroadcastPort
from bot.services.recovery_gate import RECOVERY_GRACE, RecoveryGate
from bot.services.runner import repeat
from conversations.broadcasts.broadcast_view import UNRELEASED
from storage.broadcasts import broadcasts, lease, ledger, releases
from storage.broadcasts.releases import ReleasedBroadcast
from storage.engine.database import DATABASE_ERRORS
from storage.mail.delivery import pauses

log = structlog.get_logger()

SENDER_LEASE = timedelta(seconds=25)
"""How long a sender that stopped responding keeps others from sending. One takes over in 30 s."""

POLL_INTERVAL = 1.0
"""Seconds between two queries for broadcasts to send. `wake` starts one at once."""


class BroadcastSender:
    """Sends confirmed broadcasts. Several of these may run: the one with the lease sends."""

    def __init__(
        self,
        core: Core,
        port: BroadcastPort,
        *,
        lease: timedelta = SENDER_LEASE,
        grace: timedelta = RECOVERY_GRACE,
    ) -> None:
        """Send with `port`. Another sender takes over when this one is silent for `lease`, but not
        within `grace` after an outage of the database.
        """
        self._core = core
        self._database = core.database
        self._port = port
        self._lease = SenderLease(secrets.token_hex(8), lease)
        self._recall = BroadcastRecall(core, port)
        self._gate = RecoveryGate(core.clock, grace, alone=not core.database.multi_process)
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Query for broadcasts to send now."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled. Then let another process send."""
        try:
            interval = min(POLL_INTERVAL, self._lease.renewal_interval)
            await repeat(self.run_once, interval, self._wake)
        finally:
            await self._release_lease()

    async def run_once(self) -> None:
        """Send and recall all that is due, if no other process does."""
        try:
            await self._send_due()
        except Exception:
            await self._release_lease()
            raise

    async def _send_due(self) -> None:
        while await self._leases():
            if await self._recall.run_once():
                continue
            broadcast = await self._database.transact(self._next_broadcast)
            if broadcast is None:
                return
            await BroadcastRun(self._core, self._port, broadcast, self._lease).send()

    async def _leases(self) -> bool:
        """Take or renew the lease; False if another process has it."""
        take = partial(
            ledger.take_lease,
            token=self._lease.token,
            now=self._core.clock(),
            duration=self._lease.duration,
            take_over=self._gate.is_open,
        )
        taken = await self._database.transact(take)
        self._gate.contact()
        return taken

    async def _release_lease(self) -> None:
        with suppress(*DATABASE_ERRORS):  # the lease ends by itself, and a cancellation goes on
            leave = partial(lease.release, token=self._lease.token)
            await asyncio.shield(self._database.transact(leave))

    def _next_broadcast(self, connection: Connection) -> ReleasedBroadcast | None:
        """Return the broadcast to send now: the one that was confirmed first.

        One that nobody released is paused: somebody changed the database.
        """
        if pauses.all_paused(connection):
            return None
        now = self._core.clock()
        releases.end_finished(connection, self._core.vault)
        found = releases.find_released(connection, self._core.vault, now)
        while isinstance(found, str):
            log.error("broadcast is not what was confirmed")
            broadcasts.pause(connection, found, now, UNRELEASED)
            found = releases.find_released(connection, self._core.vault, now)
        return found
