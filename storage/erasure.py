"""Erasing: everything of a person at once, and what is past its time."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from conversations.core.effects.journey import ErasePerson
from conversations.model.delivery import LetterState
from storage.admin import alerts, roles
from storage.broadcasts import drafts, recipients
from storage.chats import chats, updates
from storage.mail import actions as record
from storage.mail import codes, copies
from storage.mail.content import MailKind
from storage.schema.tables import (
    actions,
    consents,
    outbox,
    paces,
    subscriptions,
)
from storage.schema.tables import chats as chats_table
from storage.schema.tally import Tally
from storage.stats import digests, recount, tallies
from storage.transaction import EffectHandlers, Transaction

SENT_TEXT_KEPT = timedelta(days=28)
"""How long the history of a letter that is done with stays, as WriteToThem keeps sent text."""

HANDLERS = EffectHandlers()

_WAITING = ("queued", "deferred")
_DONE = ("accepted", "failed", "bounced", "cancelled")


@HANDLERS.handles(ErasePerson)
def _erase_person(effect: ErasePerson, transaction: Transaction) -> None:
    transaction.count(erase(transaction.connection, transaction.person))


def erase(connection: Connection, person: bytes) -> list[Tally]:
    """Erase what is held about the person: details, actions, consents, updates, waiting mail.

    Returns how the tallies change: letters that never left are not counted any more, and of those
    that are, it is noted that they are erased. A letter that is being sent at
    this moment is out of reach; its row goes all the same, and what becomes of it is recorded
    nowhere. Of the chat, only what is needed to say so stays; codes stay as hashes for two days, or
    asking to be forgotten would lift their limits. A role stays: it is not a supporter's.
    """
    waits = (outbox.c.state.in_(_WAITING), ~outbox.c.possible_duplicate)
    mine = select(outbox.c.action).where(outbox.c.person_key == person, *waits)
    waiting = connection.execute(mine.where(outbox.c.action.is_not(None))).scalars().all()
    withdrawn = [record.withdraw(connection, person, action) for action in waiting]
    erased = recount.count_erased(connection, actions.c.person_key == person)
    for table in (outbox, actions, consents, subscriptions):
        connection.execute(delete(table).where(table.c.person_key == person))
    recipients.erase_recipient(connection, person)
    drafts.erase_author(connection, person)
    digests.delete_for(connection, person)
    connection.execute(
        update(chats_table)
        .where(chats_table.c.person_key == person)
        .values(language="", zone="", encrypted_details=None)
    )
    return [*erased, *(each for done in withdrawn if done for each in done.tallies)]


def purge(connection: Connection, *, now: datetime) -> int:
    """Erase what is past its time: actions past the day that was promised, and what is abandoned.

    Returns how many actions were erased. Tallies stay: they name nobody.
    """
    past = select(actions.c.action).where(actions.c.keep_until < tallies.day(now))
    given = exists().where(
        actions.c.action.in_(past),
        actions.c.person_key == consents.c.person_key,
        actions.c.campaign == consents.c.scope,
    )
    connection.execute(delete(consents).where(consents.c.kind == "send", given))
    # Nothing may become of a letter between its counting and its end.
    connection.execute(select(outbox.c.mail).where(outbox.c.action.in_(past)).with_for_update())
    counted = recount.count_erased(connection, actions.c.keep_until < tallies.day(now))
    of_them = or_(outbox.c.action.in_(past), outbox.c.about.in_(past))
    connection.execute(delete(outbox).where(of_them))
    erased = connection.execute(delete(actions).where(actions.c.action.in_(past))).rowcount
    _forget_what_is_done(connection, now)
    alerts.sync_uncertain(connection, now=now)
    alerts.prune(connection, now - SENT_TEXT_KEPT)
    connection.execute(delete(paces).where(paces.c.last < now - SENT_TEXT_KEPT))
    codes.prune(connection, now)
    updates.prune(connection, now)
    drafts.prune(connection, now)
    roles.prune(connection, now)
    recipients.prune(connection, now - SENT_TEXT_KEPT)
    chats.prune(connection, now)
    tallies.add(connection, counted)
    return erased


def _forget_what_is_done(connection: Connection, now: datetime) -> None:
    """Erase the words of letters that are done with, code mails, copies, and void consents."""
    long_ago = now - SENT_TEXT_KEPT
    given_up = and_(outbox.c.state == LetterState.UNKNOWN.value, outbox.c.possible_duplicate)
    connection.execute(
        update(outbox)
        .where(or_(outbox.c.state.in_(_DONE), given_up), outbox.c.changed < long_ago)
        .where(
            or_(outbox.c.encrypted_content.is_not(None), outbox.c.encrypted_message.is_not(None))
        )
        .values(encrypted_content=None, encrypted_message=None)
    )
    late = (outbox.c.kind == MailKind.CODE.value, outbox.c.expires < now)
    connection.execute(delete(outbox).where(*late))
    copies.prune(connection, long_ago)
    acted = exists().where(
        actions.c.person_key == consents.c.person_key, actions.c.campaign == consents.c.scope
    )
    void = (consents.c.kind == "send", consents.c.at < long_ago, ~acted)
    connection.execute(delete(consents).where(*void))
