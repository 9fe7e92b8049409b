"""Who gets an update: the subscribers of an audience."""

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
"""The scope of those who agreed to hear of other actions, too."""


def count(connection: Connection, audience: Audience) -> int:
    """Return how many people get it who subscribe now and have not blocked the bot."""
    return int(connection.execute(count_query(audience)).scalar_one())


def count_query(audience: Audience) -> Select[Any]:
    """Return the question how many people there are in `audience`.

    The few who have blocked the bot are taken from the many: looking up a million chats, each
    somewhere else, takes SQLite eight times as long.
    """
    people = select(subscriptions.c.person_key)
    if audience.languages:
        people = people.join(chats, chats.c.person_key == subscriptions.c.person_key)
    deaf = select(chats.c.person_key).where(text("chats.blocked"))
    hearing = people.where(*_within(audience)).except_(deaf).subquery()
    return select(func.count()).select_from(hearing)


def scopes(scope: str) -> tuple[str, ...]:
    """Return the subscriptions that take updates of `scope`."""
    return tuple(dict.fromkeys((scope, ALL_CAMPAIGNS)))


def in_audience(audience: Audience) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of subscriptions, joined with chats, that are in `audience`."""
    return (*_within(audience), ~chats.c.blocked)


def _within(audience: Audience) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of them, whether they hear the bot or not."""
    conditions: list[ColumnElement[bool]] = [subscriptions.c.scope.in_(scopes(audience.scope))]
    mine = (actions.c.person_key == subscriptions.c.person_key, text(LIVE))
    if audience.acted is not None:
        there = () if audience.scope == ALL_CAMPAIGNS else (actions.c.campaign == audience.scope,)
        acted = exists(select(actions.c.action).where(*mine, *there))
        conditions.append(acted if audience.acted else ~acted)
    if audience.countries:
        given = actions.c.country.in_(audience.countries)
        conditions.append(exists(select(actions.c.action).where(*mine, given)))
    if audience.languages:
        conditions.append(subscriber_language().in_(audience.languages))
    if audience.since is not None:
        conditions.append(subscriptions.c.at >= audience.since)
    return tuple(conditions)


def subscriber_language() -> ColumnElement[str]:
    """Return the language of a subscriber: what they chose, else what they spoke then."""
    chosen = func.nullif(chats.c.language, "")
    return func.coalesce(chosen, subscriptions.c.language)
