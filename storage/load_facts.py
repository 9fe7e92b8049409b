"""What is known of a person when their event is answered: read inside its transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Label,
    String,
    bindparam,
    literal_column,
    select,
    text,
    union_all,
)

from conversations.core.events import Event
from conversations.core.facts import Facts
from conversations.journey.play import address_in_play
from conversations.model.journey import Journey
from conversations.model.roles import Role
from storage.chats import chats
from storage.chats.chats import SavedChat
from storage.crypto.vault import Vault
from storage.mail import actions, codes
from storage.schema.tables import (
    LIVE,
    blocked_senders,
    campaigns,
    counters,
    disowned_addresses,
    subscriptions,
)
from storage.schema.tables import actions as acted


def _of(kind: str) -> Label[str]:
    return literal_column(f"'{kind}'", String).label("of")


_NOTHING = literal_column("''", String)
_NAUGHT = literal_column("0", BigInteger)
# Questions of every answer in one: what the person subscribed to, the accepted letters, and which
# campaigns nobody has confirmed to be live, or are closed; whether the person is
# blocked.
_FIGURES = (
    select(_of("wanted"), subscriptions.c.scope.label("name"), _NAUGHT.label("number")).where(
        subscriptions.c.person_key == bindparam("person")
    ),
    select(_of("accepted"), counters.c.campaign, counters.c.accepted),
    select(_of("unconfirmed"), campaigns.c.slug, _NAUGHT).where(campaigns.c.live_since.is_(None)),
    select(_of("barred"), _NOTHING, _NAUGHT).where(
        blocked_senders.c.person_key == bindparam("person")
    ),
    select(_of("closed"), campaigns.c.slug, _NAUGHT).where(campaigns.c.closed_since.is_not(None)),
)
# And two more where an address is in play: has somebody else acted with it, is it disowned?
_STANDING = (
    select(_of("taken"), _NOTHING, _NAUGHT).where(
        acted.c.campaign == bindparam("in"),
        acted.c.address_key == bindparam("address"),
        acted.c.person_key != bindparam("person"),
        text(LIVE),
    ),
    select(_of("disowned"), _NOTHING, _NAUGHT).where(
        disowned_addresses.c.address_key == bindparam("address")
    ),
)
_WITHOUT_ADDRESS, _WITH_ADDRESS = union_all(*_FIGURES), union_all(*_FIGURES, *_STANDING)


@dataclass(frozen=True)
class TelegramProfile:
    """What Telegram says of a person."""

    name: str
    language: str


def load(
    connection: Connection,
    vault: Vault,
    person: bytes,
    row: SavedChat | None,
    *,
    journey: Journey,
    event: Event,
    profile: TelegramProfile,
    now: datetime,
    role: Role | None = None,
) -> Facts:
    """Return everything that the answer may turn on. `row` is the chat's, None for a new one."""
    address = address_in_play(journey, event)
    asked: dict[str, Any] = {"person": person}
    if address:
        key = codes.address_key(vault, address)
        asked |= {"in": journey.campaign, "address": key}
    rows = connection.execute(_WITH_ADDRESS if address else _WITHOUT_ADDRESS, asked).all()
    kinds = frozenset(each.of for each in rows)
    done = actions.find_all(connection, vault, person) if row else ()
    basics = Facts(
        profile_name=profile.name,
        profile_language=profile.language,
        language=row.language if row else "",
        details=chats.details(vault, row) if row else None,
        acted={each.campaign: each for each in done if not each.test},
        tried=tuple(each for each in done if each.test),
        unconfirmed=frozenset(each.name for each in rows if each.of == "unconfirmed"),
        closed=frozenset(each.name for each in rows if each.of == "closed"),
        subscriptions=frozenset(each.name for each in rows if each.of == "wanted"),
        accepted={each.name: each.number for each in rows if each.of == "accepted"},
        address_taken="taken" in kinds,
        disowned="disowned" in kinds,
        barred=any(each.of == "barred" for each in rows),
        role=role,
        member_id=person.hex(),
    )
    if not address:
        return basics
    wait, pending = codes.resend_wait(connection, person, key, now)
    return replace(basics, code_wait=wait, code_pending=pending)
