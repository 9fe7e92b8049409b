"""What campaigners do with broadcasts that were confirmed: pause, resume, stop, retry, recall.

A broadcast that is paused or done is not released any more, so that nobody starts it by changing
its state in the database. Resuming it, or trying again, releases it as it was confirmed.
"""

from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection

from conversations.core.effects.broadcasts import BroadcastAction
from storage.broadcasts import broadcasts, ledger, releases
from storage.crypto.vault import Vault
from storage.engine.wake_ups import Worker, wake


def control(
    connection: Connection, vault: Vault, id_: str, action: BroadcastAction, now: datetime
) -> bool:
    """Apply a campaigner's action; False if the broadcast's state does not allow it."""
    match action:
        case BroadcastAction.PAUSE:
            done = broadcasts.pause(connection, id_, now)
        case BroadcastAction.RESUME:
            done = broadcasts.resume(connection, id_, now)
        case BroadcastAction.STOP:
            done = broadcasts.stop(connection, id_, now)
        case BroadcastAction.RETRY:
            done = ledger.retry(connection, id_, now)
        case BroadcastAction.RECALL:
            done = broadcasts.recall(connection, id_, now)
        case unreachable:
            assert_never(unreachable)
    if done:
        wake(connection, Worker.BROADCAST)
        sends = action in (BroadcastAction.RESUME, BroadcastAction.RETRY)
        releases.set_suspended(connection, vault, id_, suspended=not sends)
    return done
