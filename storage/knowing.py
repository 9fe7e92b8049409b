"""What is known of a person when their event is answered: read inside its transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    String,
    bindparam,
    exists,
    literal_column,
    select,
    union_all,
)

from conversations.events import Event
from conversations.journey import Journey
from conversations.known import Details, Known
from conversations.play import address_in_play, code_in_play
from storage import actions, codes
from storage.tables import actions as acted
from storage.tables import counters, disowned, subscriptions
from storage.vault import Vault

# Two questions of every answer in one: what the person subscribed to, and the accepted letters.
_FIGURES = union_all(
    select(
        literal_column("'wanted'", String).label("of"),
        subscriptions.c.scope.label("name"),
        literal_column("0", BigInteger).label("number"),
    ).where(subscriptions.c.person_key == bindparam("person")),
    select(literal_column("'accepted'", String), counters.c.campaign, counters.c.accepted),
)
_STANDING = select(
    exists()
    .where(
        acted.c.campaign == bindparam("in"),
        acted.c.address_key == bindparam("address"),
        acted.c.person_key != bindparam("person"),
    )
    .label("taken"),
    exists().where(disowned.c.address_key == bindparam("address")).label("disowned"),
)


@dataclass(frozen=True)
class Profile:
    """What Telegram says of a person."""

    name: str
    language: str


def known(
    connection: Connection,
    vault: Vault,
    person: bytes,
    row: Row[Any] | None,
    *,
    journey: Journey,
    event: Event,
    profile: Profile,
    now: datetime,
) -> Known:
    """Return everything that the answer may turn on. `row` is the chat's, None for a new one.

    Where a code was typed, this counts the attempt, and uses the code up if it is right.
    """
    figures = connection.execute(_FIGURES, {"person": person}).all()
    basics = Known(
        profile_name=profile.name,
        profile_language=profile.language,
        language=row.language if row else "",
        details=_details(vault, row) if row else None,
        acted=actions.of(connection, vault, person) if row else {},
        subscriptions=frozenset(each.name for each in figures if each.of == "wanted"),
        accepted={each.name: each.number for each in figures if each.of == "accepted"},
    )
    address = address_in_play(journey, event)
    return _with_address(connection, vault, person, basics, address, journey, event, now=now)


def _with_address(
    connection: Connection,
    vault: Vault,
    person: bytes,
    basics: Known,
    address: str,
    journey: Journey,
    event: Event,
    *,
    now: datetime,
) -> Known:
    if not address:
        return basics
    key = codes.address_key(vault, address)
    code = code_in_play(journey, event)
    check = codes.check(connection, vault, person, key, code, now) if code else None
    wait, pending = codes.wait(connection, person, key, now)
    acting = {"in": journey.campaign, "address": key, "person": person}
    standing = connection.execute(_STANDING, acting).one()
    return Known(
        **{
            **vars(basics),
            "address_taken": standing.taken,
            "disowned": standing.disowned,
            "code": check,
            "code_wait": wait,
            "code_pending": pending,
        }
    )


def _details(vault: Vault, row: Row[Any]) -> Details | None:
    if row.sealed_details is None:
        return None
    place = {"table": "chats", "column": "details"}
    return Details(**orjson.loads(vault.open(row.sealed_details, **place, row=row.person_key)))
