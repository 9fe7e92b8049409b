"""Erasing: everything of a person at once, and what is past its time."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from storage import chats, codes, updates
from storage.tables import actions, consents, outbox, subscriptions
from storage.tables import chats as chats_table

SENT_TEXT_KEPT = timedelta(days=28)
"""How long the history of a letter that is done with stays, as WriteToThem keeps sent text."""

_DONE = ("accepted", "failed", "bounced", "cancelled")


def erase(connection: Connection, person: bytes) -> None:
    """Erase what is held about the person: details, actions, consents, updates, waiting mail.

    A letter that is being sent at this moment is out of reach; its row goes all the same, and what
    becomes of it is recorded nowhere. Of the chat, only what is needed to say so stays; codes stay
    as hashes for two days, or asking to be forgotten would lift their limits.
    """
    for table in (outbox, actions, consents, subscriptions):
        connection.execute(delete(table).where(table.c.person_key == person))
    connection.execute(
        update(chats_table)
        .where(chats_table.c.person_key == person)
        .values(language="", sealed_details=None)
    )


def purge(connection: Connection, keep_until: Mapping[str, date], *, now: datetime) -> int:
    """Erase what is past its time: actions of campaigns past `keep_until`, and what is abandoned.

    Returns how many actions were erased. Tallies stay: they name nobody.
    """
    past = [slug for slug, until in keep_until.items() if until < now.date()]
    erased = 0
    if past:
        old = select(actions.c.person_key).where(actions.c.campaign.in_(past))
        connection.execute(
            delete(consents).where(
                consents.c.person_key.in_(old),
                consents.c.kind == "send",
                consents.c.scope.in_(past),
            )
        )
        connection.execute(delete(outbox).where(outbox.c.campaign.in_(past)))
        erased = connection.execute(delete(actions).where(actions.c.campaign.in_(past))).rowcount
    done = (outbox.c.state.in_(_DONE), outbox.c.changed < now - SENT_TEXT_KEPT)
    connection.execute(
        update(outbox)
        .where(*done, outbox.c.sealed_message.is_not(None))
        .values(sealed_content=None, sealed_message=None)
    )
    codes.prune(connection, now)
    updates.prune(connection, now)
    chats.expire(connection, now)
    return erased
