"""Sources of links that an admin named in the chat, besides those of the campaign's file."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.engine.dialects import insert
from storage.schema.tables import sources


def name(connection: Connection, campaign: str, source: str, *, now: datetime) -> None:
    """Let links with this source count by its name."""
    row = {"campaign": campaign, "source": source, "at": now}
    connection.execute(insert(connection.dialect.name, sources).on_conflict_do_nothing(), row)


def drop(connection: Connection, campaign: str, source: str) -> None:
    """Let links with this source count as those of others; what was counted stays."""
    mine = (sources.c.campaign == campaign, sources.c.source == source)
    connection.execute(delete(sources).where(*mine))


def named(connection: Connection, campaign: str) -> tuple[str, ...]:
    """Return the sources that were named for a campaign."""
    query = select(sources.c.source).where(sources.c.campaign == campaign)
    return tuple(connection.execute(query).scalars())
