"""Link sources that admins added in the chat, besides those in the campaigns' files."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.engine.dialects import insert
from storage.schema.tables import link_sources


def add(connection: Connection, campaign: str, source: str, *, now: datetime) -> None:
    """Add a source: its links are counted under its name."""
    row = {"campaign": campaign, "source": source, "at": now}
    connection.execute(insert(connection.dialect.name, link_sources).on_conflict_do_nothing(), row)


def remove(connection: Connection, campaign: str, source: str) -> None:
    """Remove a source: its links are counted as others. Figures stay as they are."""
    own = (link_sources.c.campaign == campaign, link_sources.c.source == source)
    connection.execute(delete(link_sources).where(*own))


def names(connection: Connection, campaign: str) -> tuple[str, ...]:
    """Return the sources that admins added to a campaign."""
    query = select(link_sources.c.source).where(link_sources.c.campaign == campaign)
    return tuple(connection.execute(query).scalars())
