"""Panic: at once, nobody has a role and nothing is sent, until somebody ends that on the server."""

from datetime import datetime

from sqlalchemy import Connection

from conversations.core.effects.admin import Panic
from storage.admin import approvals, roles
from storage.campaigns import drafts
from storage.crypto.vault import Vault
from storage.mail.delivery import pauses
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()


@HANDLERS.handles(Panic)
def _panic(effect: Panic, transaction: Transaction) -> None:
    start(transaction.connection, transaction.vault, transaction.now)


def start(connection: Connection, vault: Vault, now: datetime) -> None:
    """Suspend every role, cancel invitations and approvals, and pause all sending."""
    roles.suspend(connection, vault, suspended=True)
    approvals.revoke_all(connection, vault)
    drafts.revoke_approvals(connection)
    pauses.pause(connection, pauses.ALL_SENDING, now)


def end(connection: Connection, vault: Vault) -> None:
    """Give the roles back. What was cancelled stays so, and all sending stays paused."""
    roles.suspend(connection, vault, suspended=False)
