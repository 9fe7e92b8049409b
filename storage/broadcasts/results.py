"""Results of sending: recorded in the ledger, and counted."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Update,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    update,
)

from conversations.model.broadcast import RecipientState
from storage.broadcasts.recipients.listing import STATE_CODES
from storage.chats.ledger_numbers import ledger_number
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts

COUNTED = (
    RecipientState.SENT,
    RecipientState.BLOCKED,
    RecipientState.FAILED,
    RecipientState.UNCERTAIN,
)
"""States that are counted in the broadcast's row, in the column of the state's value."""

CLAIMED = rows.c.state == literal_column(str(STATE_CODES[RecipientState.CLAIMED]), Integer)

_THIS = broadcasts.c.broadcast == bindparam("id")
_COUNT = (
    update(broadcasts)
    .where(_THIS)
    .values(
        {
            state.value: broadcasts.c[state.value] + bindparam(f"new_{state.value}")
            for state in COUNTED
        }
    )
)


@cache
def _recording(dialect: str) -> Update:
    """Return the statement that gives `people` their new state.

    It is one statement for any number of people. `ids` is a JSON object of their message ids, by
    person key. With one set of parameters for each person, SQLite's driver would release the
    interpreter's lock each time, and wait for it.
    """
    ids = bindparam("ids", type_=String)
    if dialect == "sqlite":
        messages = func.json_extract(ids, "$." + func.hex(rows.c.person_key))
    else:
        from sqlalchemy.dialects.postgresql import JSONB  # SQLite doesn't need it

        key = func.upper(func.encode(rows.c.person_key, "hex"))
        messages = cast(ids, JSONB)[key].as_string()
    return (
        update(rows)
        .where(
            rows.c.broadcast == bindparam("of"),
            rows.c.person_key.in_(bindparam("people", expanding=True)),
            CLAIMED,
        )
        .values(
            {
                "state": bindparam("new_state"),
                "sent_twice": bindparam("again"),
                "messages": messages,
            }
        )
    )


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """The outcome of a claim."""

    person: bytes
    """Key of the recipient."""

    state: RecipientState
    """PENDING: the call was not made, or there is a further call."""

    messages: str
    """Ids of all messages sent to the recipient: commas within one call, semicolons between."""

    sent_twice: bool = False
    """Whether a call was repeated because the outcome of the first is unknown."""


def record(connection: Connection, id_: str, outcomes: Sequence[RecipientOutcome]) -> None:
    """Record the outcomes of claims, and count them. Recipients erased meanwhile are ignored."""
    if not outcomes:
        return
    counted: Counter[RecipientState] = Counter()
    alike = attrgetter("state", "sent_twice")
    for (state, twice), group in groupby(sorted(outcomes, key=alike), key=alike):
        counted[state] += _set_state(connection, id_, state, [*group], twice=twice)
    if counted.total() > counted[RecipientState.PENDING]:
        new = {f"new_{state.value}": counted[state] for state in COUNTED}
        connection.execute(_COUNT, {"id": id_, **new})
    if counted[RecipientState.PENDING]:
        first = min(each.person for each in outcomes if each.state is RecipientState.PENDING)
        back = update(broadcasts).where(_THIS).values(next_key=earlier_key(first))
        connection.execute(back, {"id": id_})


def earlier_key(person: bytes) -> Any:
    """Return the SQL expression for the earlier of a broadcast's `next_key` and `person`."""
    return case((broadcasts.c.next_key > person, person), else_=broadcasts.c.next_key)


def _set_state(
    connection: Connection,
    id_: str,
    state: RecipientState,
    outcomes: Sequence[RecipientOutcome],
    *,
    twice: bool,
) -> int:
    """Set the state of these recipients, and return how many were still claimed."""
    values = {
        "of": ledger_number(id_),
        "people": [each.person for each in outcomes],
        "ids": json.dumps({each.person.hex().upper(): each.messages for each in outcomes}),
        "new_state": STATE_CODES[state],
        "again": twice,
    }
    return connection.execute(_recording(connection.dialect.name), values).rowcount
