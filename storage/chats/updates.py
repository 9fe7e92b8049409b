"""Telegram updates that were handled, so that none is handled twice."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Executable, delete

from storage.engine.dialects import insert
from storage.engine.rounding import hour_of
from storage.schema.tables import updates

RETENTION = timedelta(hours=48)
"""How long updates are remembered: Telegram keeps them for 24 hours (Bot API, Getting updates)."""


def claim(connection: Connection, update_id: int, now: datetime, *, failed: bool = False) -> bool:
    """Record that an update is handled; False if it was handled before.

    `failed` marks one that could not be handled; its content is not kept.
    """
    row = {"update_id": update_id, "at": hour_of(now), "failed": failed}
    return connection.execute(_claim(connection.dialect.name), row).rowcount == 1


@cache
def _claim(dialect: str) -> Executable:
    return insert(dialect, updates).on_conflict_do_nothing()


def prune(connection: Connection, now: datetime) -> int:
    """Delete updates that Telegram no longer keeps: by age, since their ids restart at random."""
    return connection.execute(
        delete(updates).where(updates.c.at < hour_of(now - RETENTION))
    ).rowcount
