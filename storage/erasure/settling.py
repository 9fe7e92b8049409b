"""Settling: some days after a letter's final state, what identifies its writer is deleted.

What stays of the action: its campaign, the keys that find a second letter of the same person or
address, its final state and its last day. What stays of the letter: its campaign and state, so that
a late bounce is counted. Nothing leads from one to the other, and all times are days.

Rows are deleted and inserted again in the order of random ids, for whole days or, if that is too
much at once, for random parts of them, so that on PostgreSQL neither their places nor their
transaction ids tell the time.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    TextClause,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    type_coerce,
)

from conversations.core.facts import CopyState
from conversations.model.letters.delivery import LetterState
from storage.chats import consents
from storage.crypto.archive import ArchiveRecord, encrypt_record
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.columns import UtcDateTime
from storage.engine.rounding import day_of
from storage.mail.delivery.outbox import RETRY_PERIOD
from storage.mail.delivery.outcomes import shown_state
from storage.mail.letters import submissions
from storage.schema.encryption import ACTION_ARCHIVE
from storage.schema.tables import UNSETTLED, actions
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.action_details import ActionDetails, counted_action, decrypt_details

MAX_FOUND = 2_000
"""Number of due letters that are found at once, so that a search takes no longer the more are due.
"""

MIN_AGE = timedelta(hours=1)
"""How long a letter's final state is kept at least, so that its chat shows it."""

KEPT_FOR = timedelta(days=365)
"""How long a settled letter's campaign and state are kept, for late bounces and answers."""

_DAY = timedelta(days=1) // timedelta(microseconds=1)
_UNDER_WAY = ("queued", "deferred", "sending")
_about = mails.alias("about")
_NEXT_DAYS = select(func.min(mails.c.settle_days)).where(
    text(UNSETTLED), mails.c.settle_days > bindparam("after")
)
_FOUND = (
    select(actions.c.action, mails.c.changed)
    .join(mails, mails.c.action == actions.c.action)
    .order_by(mails.c.changed)
    .limit(bindparam("most"))
)
_DUE = (
    select(
        actions,
        mails.c.mail,
        mails.c.state,
        mails.c.possible_duplicate,
        mails.c.recipient_key,
        mails.c.queued,
        mails.c.changed,
    )
    .join(mails, mails.c.action == actions.c.action)
    .order_by(actions.c.action)
    .with_for_update()
)


def find_due(connection: Connection, *, now: datetime) -> tuple[str, ...]:
    """Return actions whose letters are due to be settled, in the order of their random ids.

    Of more than MAX_FOUND, it is those that follow a random moment.
    """
    due: list[str] = []
    for days in _settle_days(connection):
        # One bound: of two, SQLite takes the first for the search in its index.
        end = day_of(now) - timedelta(days=days - 1) if days else now
        last = min(end - timedelta.resolution, now - MIN_AGE)
        query = _FOUND.where(*_is_due(now), mails.c.settle_days == days, mails.c.changed <= last)
        found = connection.execute(query, {"most": MAX_FOUND}).all()
        if len(found) == MAX_FOUND:
            first, chance = found[0].changed, secrets.SystemRandom().random()
            later = query.where(mails.c.changed >= first + (last - first) * chance)
            found = connection.execute(later, {"most": MAX_FOUND}).all() or found
        due += (row.action for row in found)
    return tuple(sorted(due)[:MAX_FOUND])


def _settle_days(connection: Connection) -> Iterator[int]:
    """Yield after how many days letters are settled, without reading the rows between."""
    days = -1
    while (found := connection.execute(_NEXT_DAYS, {"after": days}).scalar()) is not None:
        days = found
        yield days


def settle(connection: Connection, vault: Vault, wanted: Sequence[str], *, now: datetime) -> int:
    """Settle those letters of the actions `wanted` that are still due; return how many."""
    is_old = mails.c.changed <= now - MIN_AGE
    due = _DUE.where(actions.c.action.in_(wanted), is_old, *_is_due(now))
    rows = connection.execute(due).all()
    if not rows:
        return 0
    letters = [row.action for row in rows]
    details = {row.action: _details(vault, row) for row in rows}
    leading = submissions.settle(connection, [row for row in rows if not row.test])
    new_actions = [
        {**_settled_action(vault, row, details[row.action]), "leads": row.action in leading}
        for row in rows
    ]
    new_mails = [_settled_mail(row) for row in rows if not row.test]
    ids = [*letters, *(row.mail for row in rows)]
    connection.execute(
        delete(mails).where(or_(mails.c.action.in_(letters), mails.c.about.in_(ids)))
    )
    connection.execute(delete(actions).where(actions.c.action.in_(letters)))
    for table, key, new in ((actions, "action", new_actions), (mails, "mail", new_mails)):
        if new:
            connection.execute(table.insert(), sorted(new, key=lambda each: each[key]))
    consents.settle(connection, vault, [row.person_key for row in rows])
    changes = (
        _tallies(row, details[row.action], leads=row.action in leading)
        for row in rows
        if not row.test
    )
    tallies.add(connection, [tally for each in changes for tally in each])
    return len(rows)


def archived(connection: Connection) -> list[bytes]:
    """Return the encrypted records of the archive."""
    query = select(actions.c.sealed).where(actions.c.sealed.is_not(None))
    return list(connection.execute(query.order_by(actions.c.action)).scalars())


def _is_due(now: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """Return the conditions for a letter that is due. A day's letters are due together.

    A letter whose answer is on its way to its writer waits for that, but no longer than the answer
    is tried.
    """
    changed = type_coerce(mails.c.changed, BigInteger)
    days = type_coerce(actions.c.settle_days, BigInteger)
    today = UtcDateTime().process_bind_param(day_of(now), None)
    begins = changed + (days - 1) * _DAY
    answering = exists().where(
        _about.c.about.in_((mails.c.action, mails.c.mail)), _about.c.state.in_(_UNDER_WAY)
    )
    patience = RETRY_PERIOD // timedelta(microseconds=1)
    return (
        text(UNSETTLED),
        or_(mails.c.state != LetterState.UNKNOWN.value, mails.c.possible_duplicate),
        or_(days == 0, begins < today),
        or_(~answering, begins + patience < today),
    )


def _details(vault: Vault, row: Row[Any]) -> ActionDetails | None:
    """Return the details of an action; None if they are damaged, which must not stop the others."""
    try:
        return decrypt_details(vault, row.action, row.encrypted_details)
    except (DecryptionError, ValueError, KeyError, TypeError):
        return None


def _tallies(row: Row[Any], details: ActionDetails | None, *, leads: bool) -> list[Tally]:
    """Return the changes that count an action and its letter as settled."""
    state = tallies.counted_state(LetterState(row.state), doubted=row.possible_duplicate)
    counted = tallies.count_state(row.campaign, row.at, state, leads=leads)
    if details is not None:
        counted += tallies.count_action(replace(counted_action(row, details), leads=leads))
    return [each._replace(more=0, settled=each.more) for each in counted]


def _settled_action(vault: Vault, row: Row[Any], details: ActionDetails | None) -> dict[str, Any]:
    return {
        "action": secrets.token_hex(16),
        "campaign": row.campaign,
        "person_key": row.person_key,
        "address_key": row.address_key,
        "person_target_key": row.person_target_key,
        "address_target_key": row.address_target_key,
        "round": row.round,
        "copy_state": CopyState.NONE.value,
        "reply_to": "",
        "test": row.test,
        "keep_until": row.keep_until,
        "settle_days": 0,
        "final_state": shown_state(row).value,
        "sealed": _sealed(vault, row, details),
        "at": day_of(row.at),
    }


def _sealed(vault: Vault, row: Row[Any], details: ActionDetails | None) -> bytes | None:
    """Return the record for the organisation's archive; None if the action has none.

    None, too, if a value is damaged: it can't be archived, and must not stop the others.
    """
    if row.encrypted_archive_key is None or details is None:
        return None
    place, person = row.action.encode(), details.person
    try:
        key = vault.decrypt(row.encrypted_archive_key, ACTION_ARCHIVE, row=place).decode()
    except DecryptionError:
        return None
    archived = ArchiveRecord(
        campaign=row.campaign,
        day=tallies.day(row.at),
        name=person.name,
        country=person.country,
        address=person.address,
        state=shown_state(row).value,
        answers=_answers(details),
    )
    return encrypt_record(key, archived)


def _answers(details: ActionDetails) -> str:
    own = {each.question: each.value for each in details.own}
    return orjson.dumps(own).decode() if own else ""


def _settled_mail(row: Row[Any]) -> dict[str, Any]:
    day, sent = day_of(row.changed), day_of(row.queued)
    return {
        "mail": row.mail,
        "kind": "letter",
        "campaign": row.campaign,
        "recipient_key": row.recipient_key,
        "message_id": "",
        "state": row.state,
        "lane": row.campaign,
        "due": sent,
        "not_before": day,
        "expires": day,
        "possible_duplicate": row.possible_duplicate,
        "queued": sent,
        "changed": day,
        "settled": True,
    }
