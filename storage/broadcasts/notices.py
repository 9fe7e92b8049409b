"""Notices about people's data: sent by two admins, or by a command on the server."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from conversations.model.broadcast import Broadcast, BroadcastKind, BroadcastStatus
from storage.broadcasts import releases
from storage.broadcasts.content import decrypt_broadcast, encrypt_broadcast
from storage.broadcasts.releases import SERVER, Approval
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.schema.tables import broadcasts


def send(connection: Connection, vault: Vault, id_: str, approval: Approval, now: datetime) -> bool:
    """Send a notice that its author wrote, and another admin approved.

    False if it was sent or discarded before, or is not what was approved: then nothing changes.
    """
    waits = (broadcasts.c.broadcast == id_, broadcasts.c.state == BroadcastStatus.DRAFT.value)
    row = connection.execute(select(broadcasts).where(*waits).with_for_update()).one_or_none()
    if row is None:
        return False
    notice, author = decrypt_broadcast(vault, row), row.person_key.hex()
    if notice.kind is not BroadcastKind.NOTICE or approval.content != notice.digest:
        return False
    if approval.by == author:
        return False
    begins = {"state": BroadcastStatus.SENDING.value, "began": now, "changed": now}
    connection.execute(update(broadcasts).where(*waits).values(begins))
    releases.approve(connection, vault, id_, approval)
    releases.release(connection, vault, id_, author)
    return True


def send_from_server(
    connection: Connection, vault: Vault, notice: Broadcast, now: datetime
) -> None:
    """Send a notice that was written and confirmed on the server, unless it was sent before."""
    row = {
        "broadcast": notice.id,
        "person_key": b"",
        "state": BroadcastStatus.SENDING.value,
        "kind": notice.kind.value,
        "scope": notice.audience.scope,
        "encrypted_content": encrypt_broadcast(vault, notice),
        "changed": now,
        "began": now,
    }
    added = insert(connection.dialect.name, broadcasts).on_conflict_do_nothing()
    if not connection.execute(added, row).rowcount:
        return
    releases.approve(connection, vault, notice.id, Approval(notice.digest, SERVER))
    releases.release(connection, vault, notice.id, SERVER)
