"""Whether letters were answered: one row for each letter of which that is known, without a name."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from conversations.model.scheduled import AnswerKind
from conversations.model.stats.figures import Figure, answer_value
from storage.schema.tables import answers
from storage.schema.tally import Tally
from storage.stats import tallies


def record(
    connection: Connection, campaign: str, target: str, kind: AnswerKind, now: datetime
) -> list[Tally]:
    """Record what became of a letter, and return the changes that count it."""
    day = tallies.day(now)
    row = {
        "answer": secrets.token_hex(16),
        "campaign": campaign,
        "target": target,
        "value": kind.value,
        "day": day,
    }
    connection.execute(answers.insert(), row)
    return [Tally(campaign, Figure.ANSWER, day, answer_value(target, kind))]


def recounted(connection: Connection) -> Iterator[Tally]:
    """Yield the changes that count all rows, from the rows themselves."""
    place = (answers.c.campaign, answers.c.day, answers.c.target, answers.c.value)
    rows = connection.execute(select(*place, func.count()).group_by(*place))
    for campaign, day, target, value, count in rows:
        yield Tally(
            campaign, Figure.ANSWER, day, answer_value(target, AnswerKind(value)), int(count)
        )
