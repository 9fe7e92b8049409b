"""Audiences: which subscribers get a broadcast.

What a filter needs is encrypted, so subscriptions are read and decrypted in slices, by person key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, select, text

from conversations.model.broadcast import Audience
from storage.chats.chat_ids import decrypt_chat_id
from storage.chats.subscribers import (
    Subscriber,
    blocked_chats,
    decrypt_subscribers,
)
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tables import LIVE, actions, chats, subscriptions
from storage.stats.action_details import decrypt_details

ALL_CAMPAIGNS = "*"
"""The scope of people who subscribed to the broadcasts of all campaigns."""

SLICE_SIZE = 200
"""Number of subscriptions that one transaction reads, so that other transactions wait little."""

_KEYS_PER_QUERY = 10_000
"""Number of keys that one query looks up: SQLite allows 32,766 parameters."""


COUNT_SIZE = 5_000
"""Number of subscriptions that are counted at once, in some milliseconds."""


@dataclass(frozen=True, slots=True)
class CountStep:
    """The next slice of a count."""

    source: int = 0
    """Which of the scopes is counted; after the last one: people who blocked the bot."""

    after: bytes = b""


COUNT_START = CountStep()


@dataclass(frozen=True, slots=True)
class Slice:
    """The people of an audience in one slice of the subscriptions."""

    people: tuple[Subscriber, ...]
    end: bytes | None
    """Person key after which the next slice begins; None: this is the last one."""


def read_slice(connection: Connection, vault: Vault, audience: Audience, after: bytes) -> Slice:
    """Return the people of `audience` in the slice of subscriptions after this person key.

    People who blocked the bot are left out.
    """
    rows = _read_rows(connection, audience.scope, after)
    end = None
    if len(rows) == SLICE_SIZE:
        # The last person may have another subscription in the next slice.
        rows = [row for row in rows if row.person_key != rows[-1].person_key]
        end = rows[-1].person_key
    people = _within(audience, decrypt_subscribers(vault, rows))
    people = _without_blocked(connection, people)
    if audience.acted is not None or audience.countries:
        people = _who_acted(connection, vault, audience, people)
    return Slice(tuple(people), end)


def _read_rows(connection: Connection, scope: str, after: bytes) -> Sequence[Row[Any]]:
    """Return the next SLICE_SIZE subscriptions, in the order of the person keys.

    Each scope is read by itself: together, SQLite would read and sort all that follow.
    """
    key = subscriptions.c.person_key
    rows: list[Row[Any]] = []
    for each in scopes(scope):
        mine = select(subscriptions).where(subscriptions.c.scope == each, key > after)
        rows += connection.execute(mine.order_by(key).limit(SLICE_SIZE)).all()
    return sorted(rows, key=attrgetter("person_key", "scope"))[:SLICE_SIZE]


def count(connection: Connection, vault: Vault, audience: Audience) -> int:
    """Return how many people are in `audience`: `is_filtered` says whether that may take long."""
    if not is_filtered(audience):
        return count_all(connection, vault, audience.scope)
    found, after = 0, b""
    while True:
        each = read_slice(connection, vault, audience, after)
        found += len(each.people)
        if each.end is None:
            return found
        after = each.end


def is_filtered(audience: Audience) -> bool:
    """Whether an audience is only a part of the subscribers of its scope."""
    parts = (audience.languages, audience.countries, audience.since)
    return audience.acted is not None or any(parts)


def count_all(connection: Connection, vault: Vault, scope: str) -> int:
    """Return how many people are subscribed to `scope` and have not blocked the bot."""
    step: CountStep | None = COUNT_START
    found = 0
    while step is not None:
        counted, step = count_step(connection, vault, scope, step)
        found += counted
    return found


def count_step(
    connection: Connection, vault: Vault, scope: str, step: CountStep
) -> tuple[int, CountStep | None]:
    """Return how many people of `scope` are in one slice, and the next step; None at the end.

    The few who blocked the bot are subtracted at the end: nothing else needs to be decrypted.
    """
    each = scopes(scope)
    if step.source < len(each):
        found, last = _count_subscribed(connection, each[step.source], each[: step.source], step)
    else:
        found, last = _count_blocked(connection, vault, each, step)
    if last is not None:
        return found, CountStep(step.source, last)
    return found, CountStep(step.source + 1) if step.source < len(each) else None


def _count_subscribed(
    connection: Connection, scope: str, before: Sequence[str], step: CountStep
) -> tuple[int, bytes | None]:
    """Count the next people of one scope, without those who are in a scope `before` it, too."""
    key, other = subscriptions.c.person_key, subscriptions.alias()
    mine = select(key).where(subscriptions.c.scope == scope, key > step.after)
    people = mine.order_by(key).limit(COUNT_SIZE).subquery()
    counted, last = connection.execute(
        select(func.count(), func.max(people.c.person_key)).select_from(people)
    ).one()
    again = exists().where(other.c.person_key == people.c.person_key, other.c.scope.in_(before))
    twice = select(func.count()).select_from(people).where(again)
    found = counted - (connection.execute(twice).scalar_one() if before else 0)
    return found, last if counted == COUNT_SIZE else None


def _count_blocked(
    connection: Connection, vault: Vault, of: Sequence[str], step: CountStep
) -> tuple[int, bytes | None]:
    """Count the next people who blocked the bot, as a negative number."""
    rows = blocked_chats(connection, step.after, SLICE_SIZE)
    chats = (decrypt_chat_id(vault, row.encrypted_chat, row.person_key) for row in rows)
    mine = subscriptions.c.person_key.in_([PersonKeys(vault, each).subscriptions for each in chats])
    people = select(func.count(subscriptions.c.person_key.distinct()))
    found = connection.execute(people.where(mine, subscriptions.c.scope.in_(of))).scalar_one()
    return -found, rows[-1].person_key if len(rows) == SLICE_SIZE else None


def scopes(scope: str) -> tuple[str, ...]:
    """Return the scopes of subscriptions that receive broadcasts of `scope`."""
    return tuple(dict.fromkeys((scope, ALL_CAMPAIGNS)))


def countries_of(
    connection: Connection, vault: Vault, people: Sequence[Subscriber]
) -> frozenset[str]:
    """Return the countries of these people, as their letters say."""
    acted = _actions(connection, vault, None, people)
    named = frozenset(_country(vault, row) for rows in acted.values() for row in rows)
    return named - {""}


def _within(audience: Audience, found: Iterable[Subscriber]) -> list[Subscriber]:
    """Return those of `found` whose subscription is in `audience`, each person once.

    Of a person with two subscriptions, the first one counts.
    """
    people: dict[bytes, Subscriber] = {}
    for each in sorted(found, key=attrgetter("key", "at")):
        speaks = not audience.languages or each.language in audience.languages
        if speaks and (audience.since is None or each.at >= audience.since):
            people.setdefault(each.key, each)
    return [*people.values()]


def _without_blocked(connection: Connection, people: Sequence[Subscriber]) -> list[Subscriber]:
    by_key = {each.person.chat: each for each in people}
    among = and_(chats.c.person_key.in_([*by_key]), text("chats.blocked"))
    for key in connection.execute(select(chats.c.person_key).where(among)).scalars():
        del by_key[key]
    return [*by_key.values()]


def _who_acted(
    connection: Connection, vault: Vault, audience: Audience, people: Sequence[Subscriber]
) -> list[Subscriber]:
    """Return those of `people` who acted, or did not, or whose letter names these countries."""
    here = None if audience.scope == ALL_CAMPAIGNS else audience.scope
    acted = _actions(connection, vault, None if audience.countries else here, people)
    found = []
    for each in people:
        rows = acted.get(each.key, ())
        has_acted = any(here in (None, row.campaign) for row in rows)
        lives_there = any(_country(vault, row) in audience.countries for row in rows)
        if audience.acted in (None, has_acted) and (lives_there or not audience.countries):
            found.append(each)
    return found


def _actions(
    connection: Connection, vault: Vault, campaign: str | None, people: Sequence[Subscriber]
) -> dict[bytes, list[Row[Any]]]:
    """Return the rows of the actions of `people` by their key, in one or in all campaigns."""
    keys = campaign_keys.find_all(connection, vault)
    wanted = [key for slug, key in keys.items() if campaign in (None, slug)]
    owners = {each.person.action(key): each.key for key in wanted for each in people}
    found: dict[bytes, list[Row[Any]]] = {}
    for few in _parts([*owners]):
        query = select(actions).where(actions.c.person_key.in_(few), text(LIVE))
        for row in connection.execute(query):
            found.setdefault(owners[row.person_key], []).append(row)
    return found


def _country(vault: Vault, row: Row[Any]) -> str:
    """Return the country that a letter names; "" once the letter is settled."""
    if row.encrypted_details is None:
        return ""
    return decrypt_details(vault, row.action, row.encrypted_details).person.country


def _parts(keys: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    return (keys[at : at + _KEYS_PER_QUERY] for at in range(0, len(keys), _KEYS_PER_QUERY))
