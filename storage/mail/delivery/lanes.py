"""The lanes of the outbox in which there is mail, found without reading all of the mail."""

from sqlalchemy import CTE, func, select, text

from storage.schema.tables import outbox as mails


def each_lane(condition: str) -> CTE:
    """Return the lanes with mail for which `condition` holds, and null.

    It is the condition of an index that begins with the lane: each step finds the next lane in it,
    without reading the rows between.
    """
    lane, holds = func.min(mails.c.lane), text(condition)
    first = select(lane.label("lane")).where(holds).cte("lanes", recursive=True)
    following = select(lane).where(holds, mails.c.lane > first.c.lane).scalar_subquery()
    return first.union_all(select(following).where(first.c.lane.is_not(None)))
