"""Erasure: of a person at their request, and of data past its retention."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from conversations.core.effects.journey import ErasePerson
from conversations.model.delivery import LetterState
from storage import settling
from storage.admin import alerts
from storage.broadcasts import drafts, recipients
from storage.chats import chats, updates
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.rounding import day_of
from storage.mail import actions as record
from storage.mail import cancellation, codes, copies
from storage.mail.delivery.content import MailKind
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
"""How long the text of a finished letter is kept. WriteToThem keeps sent text as long."""

HANDLERS = EffectHandlers()

_WAITING = ("queued", "deferred")
_DONE = ("accepted", "failed", "bounced", "cancelled")


@HANDLERS.handles(ErasePerson)
def _erase_person(effect: ErasePerson, transaction: Transaction) -> None:
    transaction.count(erase(transaction.connection, transaction.vault, transaction.person))


def erase(connection: Connection, vault: Vault, person: PersonKeys) -> list[Tally]:
    """Erase a person's details, actions, consents, subscriptions and waiting mail.

    Returns the changes of figures: letters that never left are no longer counted, the others are
    counted as erased. A letter that is being sent at this moment cannot be stopped, and its outcome
    is not recorded. The chat keeps what the confirmation needs. Hashes of codes stay for two days,
    or erasure would lift the limits. A role stays, since it does not belong to the supporter.
    """
    keys = [
        *campaign_keys.keys_of_person(connection, vault, person),
        *campaign_keys.cleared_keys_of_person(connection, vault, person),
    ]
    mine = actions.c.person_key.in_(keys)
    acted = select(actions.c.action).where(mine)
    waits = (outbox.c.state.in_(_WAITING), ~outbox.c.possible_duplicate)
    own = select(outbox.c.action).where(outbox.c.action.in_(acted), *waits)
    waiting = connection.execute(own).scalars().all()
    withdrawn = [record.withdraw(connection, vault, person, action) for action in waiting]
    erased = recount.count_erased(connection, vault, mine)
    of_them = or_(outbox.c.action.in_(acted), outbox.c.about.in_(acted))
    connection.execute(delete(outbox).where(of_them))
    connection.execute(delete(actions).where(mine))
    cancellation.delete_codes(connection, person.limits)
    decided = consents.c.person_key.in_([*keys, person.subscriptions, person.chat, person.cleared])
    connection.execute(delete(consents).where(decided))
    subscribed = subscriptions.c.person_key == person.subscriptions
    connection.execute(delete(subscriptions).where(subscribed))
    recipients.erase_recipient(connection, person.subscriptions)
    drafts.erase_author(connection, person.staff)
    digests.delete_for(connection, person.staff)
    connection.execute(
        update(chats_table)
        .where(chats_table.c.person_key == person.chat)
        .values(encrypted_preferences=None, encrypted_details=None)
    )
    return [*erased, *(each for done in withdrawn if done for each in done.tallies)]


def purge(connection: Connection, vault: Vault, *, now: datetime) -> int:
    """Erase data past its retention: actions past their promised day, and abandoned data.

    Returns how many actions were erased. Figures stay, since they name nobody.
    """
    past = select(actions.c.action).where(actions.c.keep_until < tallies.day(now))
    given = exists().where(
        actions.c.action.in_(past),
        actions.c.person_key == consents.c.person_key,
        actions.c.campaign == consents.c.scope,
    )
    connection.execute(delete(consents).where(consents.c.kind == "send", given))
    # Lock the letters, so that none changes its state between counting and deletion.
    connection.execute(select(outbox.c.mail).where(outbox.c.action.in_(past)).with_for_update())
    counted = recount.count_erased(connection, vault, actions.c.keep_until < tallies.day(now))
    of_them = or_(outbox.c.action.in_(past), outbox.c.about.in_(past))
    connection.execute(delete(outbox).where(of_them))
    erased = connection.execute(delete(actions).where(actions.c.action.in_(past))).rowcount
    _erase_finished_mail(connection, now)
    alerts.sync_uncertain(connection, now=now)
    alerts.prune(connection, now - SENT_TEXT_KEPT)
    connection.execute(delete(paces).where(paces.c.last < now - SENT_TEXT_KEPT))
    codes.prune(connection, now)
    updates.prune(connection, now)
    settling.prune(connection, now)
    drafts.prune(connection, now)
    recipients.prune(connection, now - SENT_TEXT_KEPT)
    chats.prune(connection, now)
    campaign_keys.destroy_unused(connection)
    tallies.add(connection, counted)
    return erased


def _erase_finished_mail(connection: Connection, now: datetime) -> None:
    """Erase texts of finished letters, mails with codes, copies, and consents without actions."""
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
    void = (consents.c.kind == "send", consents.c.at < day_of(long_ago), ~acted)
    connection.execute(delete(consents).where(*void))
