"""Sources of links that an admin named in the chat, besides those of the campaign's file."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.engine.dialects import insert
from storage.schema.tables import link_sources


def add(connection: Connection, campaign: str, source: str, *, now: datetime) -> None:
    """Let links with this source count by its name."""
    row = {"campaign": campaign, "source": source, "at": now}
    connection.execute(insert(connection.dialect.name, link_sources).on_conflict_do_nothing(), row)


def remove(connection: Connection, campaign: str, source: str) -> None:
    """Let links with this source count as those of others; what was counted stays."""
    mine = (link_sources.c.campaign == campaign, link_sources.c.source == source)
    connection.execute(delete(link_sources).where(*mine))


def names(connection: Connection, campaign: str) -> tuple[str, ...]:
    """Return the sources that were named for a campaign."""
    query = select(link_sources.c.source).where(link_sources.c.campaign == campaign)
    return tuple(connection.execute(query).scalars())
