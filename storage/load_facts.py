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

from conversations.admin.alerts import BUTTONS, TAKE
from conversations.core.events import (
    CommandSent,
    Event,
    PersistentButtonPressed,
    StartPressed,
)
from conversations.core.facts import AlertFacts, Facts
from conversations.journey.play import address_in_play, code_in_play
from conversations.model.broadcast import BroadcastState
from conversations.model.journey import Journey
from conversations.model.roles import Role
from storage.admin import alerts, link_sources
from storage.broadcasts import progress
from storage.chats import chats
from storage.chats.chats import SavedChat
from storage.crypto.vault import Vault
from storage.mail import actions, codes
from storage.schema.tables import (
    LIVE,
    barred,
    campaigns,
    counters,
    disowned,
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
    select(_of("barred"), _NOTHING, _NAUGHT).where(barred.c.person_key == bindparam("person")),
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
        disowned.c.address_key == bindparam("address")
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
    """Return everything that the answer may turn on. `row` is the chat's, None for a new one.

    Where a code was typed, this counts the attempt, and uses the code up if it is right.
    """
    address = address_in_play(journey, event)
    asked: dict[str, Any] = {"person": person}
    if address:
        key = codes.address_key(vault, address)
        asked |= {"in": journey.campaign, "address": key}
    rows = connection.execute(_WITH_ADDRESS if address else _WITHOUT_ADDRESS, asked).all()
    kinds = frozenset(each.of for each in rows)
    done = actions.of(connection, vault, person) if row else ()
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
        sources=_sources(connection, event),
        role=role,
        alert=_alert(connection, vault, person, event) if role is Role.ADMIN else None,
        update=_update(connection, event) if role else None,
        updates=_updates(connection, person, event) if role else (),
    )
    if not address:
        return basics
    code = code_in_play(journey, event)
    check = codes.check(connection, vault, person, key, code, now) if code else None
    wait, pending = codes.wait(connection, person, key, now)
    return replace(basics, code=check, code_wait=wait, code_pending=pending)


def _alert(connection: Connection, vault: Vault, person: bytes, event: Event) -> AlertFacts | None:
    match event:
        case PersistentButtonPressed(str() as action):
            button, _, about = action.partition(":")
            if button == TAKE:
                return alerts.of_id(connection, vault, about, person)
            kind = BUTTONS.get(button)
            return alerts.open_(connection, kind, about) if kind else None
        case _:
            return None


def _sources(connection: Connection, event: Event) -> frozenset[str]:
    """Return the sources that were named for the campaign of a deep link with one."""
    match event:
        case StartPressed(payload) if "__" in payload:
            return frozenset(link_sources.named(connection, payload.partition("__")[0]))
        case _:
            return frozenset()


def _update(connection: Connection, event: Event) -> BroadcastState | None:
    match event:
        case PersistentButtonPressed(str() as action) if action.startswith("update:"):
            return progress.progress(connection, action.rpartition(":")[2])
        case _:
            return None


def _updates(connection: Connection, person: bytes, event: Event) -> tuple[BroadcastState, ...]:
    match event:
        case CommandSent("broadcasts"):
            return progress.past(connection, person)
        case _:
            return ()
