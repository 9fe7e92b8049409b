"""Audiences: which subscribers get a broadcast."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, text

from conversations.model.broadcast import Audience
from storage.schema.tables import (
    LIVE,
    actions,
    chats,
    subscriptions,
)

ALL_CAMPAIGNS = "*"
"""The scope of people who subscribed to the broadcasts of all campaigns."""


def count(connection: Connection, audience: Audience) -> int:
    """Return how many people in `audience` are subscribed now and have not blocked the bot."""
    return int(connection.execute(count_query(audience)).scalar_one())


def count_query(audience: Audience) -> Select[Any]:
    """Return the query that counts the people in `audience`.

    The few people who blocked the bot are subtracted: looking up a million scattered chats takes
    SQLite eight times as long.
    """
    people = select(subscriptions.c.person_key)
    if audience.languages:
        people = people.join(chats, chats.c.person_key == subscriptions.c.person_key)
    blocked = select(chats.c.person_key).where(text("chats.blocked"))
    reachable = people.where(*_within(audience)).except_(blocked).subquery()
    return select(func.count()).select_from(reachable)


def scopes(scope: str) -> tuple[str, ...]:
    """Return the scopes of subscriptions that receive broadcasts of `scope`."""
    return tuple(dict.fromkeys((scope, ALL_CAMPAIGNS)))


def in_audience(audience: Audience) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for subscriptions, joined with chats, that are in `audience`."""
    return (*_within(audience), ~chats.c.blocked)


def _within(audience: Audience) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions without that for people who blocked the bot."""
    conditions: list[ColumnElement[bool]] = [subscriptions.c.scope.in_(scopes(audience.scope))]
    own = (actions.c.person_key == subscriptions.c.person_key, text(LIVE))
    if audience.acted is not None:
        there = () if audience.scope == ALL_CAMPAIGNS else (actions.c.campaign == audience.scope,)
        acted = exists(select(actions.c.action).where(*own, *there))
        conditions.append(acted if audience.acted else ~acted)
    if audience.countries:
        given = actions.c.country.in_(audience.countries)
        conditions.append(exists(select(actions.c.action).where(*own, given)))
    if audience.languages:
        conditions.append(subscriber_language().in_(audience.languages))
    if audience.since is not None:
        conditions.append(subscriptions.c.at >= audience.since)
    return tuple(conditions)


def subscriber_language() -> ColumnElement[str]:
    """Return the language of a subscriber: the chosen one, else that of the subscription."""
    chosen = func.nullif(chats.c.language, "")
    return func.coalesce(chosen, subscriptions.c.language)
