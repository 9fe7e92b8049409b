"""Somebody who can write to the database, without the keys, makes the bot write to nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from conversations.core.effects.broadcasts import (
    ApproveBroadcast,
    BroadcastAction,
    ConfirmBroadcast,
    ControlBroadcast,
    DiscardDraft,
)
from conversations.model.broadcast import (
    NO_LIMITS,
    Audience,
    Broadcast,
    BroadcastStatus,
    ReleaseLimits,
)
from storage.broadcasts import broadcasts, ledger, releases
from storage.broadcasts.ledger import BatchRequest, ClaimedBatch
from storage.broadcasts.releases import ReleasedBroadcast
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import broadcasts as table
from tests.storage.people import MARIA, NOW, acts, after
from tests.updates import FIRST, subscribe
from tests.updates import update as new_broadcast

OLGA = MARIA + 1
LASTS = timedelta(seconds=30)
RIVER = Audience("hong-kong", languages=("en",))


@pytest.fixture
def draft() -> Broadcast:
    return new_broadcast(audience=RIVER)


def saves(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Save Maria's draft; the button with the token "token" confirms it."""
    person = PersonKeys(vault, MARIA)
    assert broadcasts.save_draft(connection, vault, person, draft, NOW, "token")


def confirms(
    connection: Connection, vault: Vault, draft: Broadcast, limits: ReleaseLimits = NO_LIMITS
) -> None:
    saves(connection, vault, draft)
    effect = ConfirmBroadcast(draft.id, "token", 0, draft.at, limits=limits)
    acts(connection, vault, MARIA, effect)


def tampers(connection: Connection, **values: Any) -> None:
    """Change the broadcast as somebody without the keys does."""
    connection.execute(update(table).values(values))


def found(connection: Connection, vault: Vault, minutes: int = 0) -> ReleasedBroadcast | str | None:
    return releases.find_released(connection, vault, after(minutes=minutes))


def row_of(connection: Connection, id_: str) -> Any:
    return connection.execute(select(table).where(table.c.broadcast == id_)).one()


STARTED = {"state": BroadcastStatus.SENDING.value, "began": NOW}


async def test_a_draft_is_not_started(database: Database, vault: Vault, draft: Broadcast) -> None:
    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        saves(connection, vault, draft)
        tampers(connection, **STARTED)
        return found(connection, vault)

    assert await database.transact(work) == draft.id


async def test_what_was_confirmed_is_sent(
    database: Database, vault: Vault, draft: Broadcast
) -> None:
    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        confirms(connection, vault, draft, ReleaseLimits(most=50))
        return found(connection, vault)

    assert await database.transact(work) == ReleasedBroadcast(draft, 50)


Trick = Callable[[Connection, Vault, Broadcast], None]


def an_earlier_audience(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Put back the content of an earlier version, which was for everybody."""
    wide = replace(draft, audience=Audience("*"))
    other = replace(draft, id="f" * 32)
    saves(connection, vault, wide)
    earlier = row_of(connection, draft.id).encrypted_content
    confirms(connection, vault, draft)
    tampers(connection, encrypted_content=earlier)
    assert other.digest == draft.digest


def anothers_release(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Give the draft the release of a broadcast that says the same."""
    other = replace(draft, id="f" * 32)
    confirms(connection, vault, other)
    released = row_of(connection, other.id).encrypted_release
    broadcasts.stop(connection, other.id, NOW)
    saves(connection, vault, draft)
    this = update(table).where(table.c.broadcast == draft.id)
    connection.execute(this.values(encrypted_release=released, **STARTED))


def an_approval_as_a_release(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Use what a colleague approved, but nobody confirmed."""
    saves(connection, vault, draft)
    acts(connection, vault, OLGA)
    acts(connection, vault, OLGA, ApproveBroadcast(draft.id, draft.digest))
    approval = row_of(connection, draft.id).encrypted_approval
    tampers(connection, encrypted_release=approval, **STARTED)


def before_its_time(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Start a scheduled broadcast a day early."""
    confirms(connection, vault, replace(draft, at=after(days=1)))
    tampers(connection, **STARTED)


def at_another_time(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Move a scheduled broadcast to an earlier time."""
    confirms(connection, vault, replace(draft, at=after(days=1)))
    tampers(connection, at=NOW, **STARTED)


def during_the_hold(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Start a held broadcast at once."""
    until = after(minutes=15)
    confirms(connection, vault, replace(draft, at=until), ReleaseLimits(hold_until=until))
    tampers(connection, at=None, held=False, **STARTED)


def a_discarded_one(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Start a broadcast that its author has cancelled."""
    confirms(connection, vault, replace(draft, at=after(days=1)))
    acts(connection, vault, MARIA, DiscardDraft(draft.id))
    tampers(connection, at=None, **STARTED)


def a_stopped_one(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Start a broadcast that was stopped for good."""
    confirms(connection, vault, draft)
    acts(connection, vault, MARIA, ControlBroadcast(draft.id, BroadcastAction.STOP))
    tampers(connection, **STARTED)


def a_paused_one(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Resume a broadcast that a campaigner has paused."""
    confirms(connection, vault, draft)
    acts(connection, vault, MARIA, ControlBroadcast(draft.id, BroadcastAction.PAUSE))
    tampers(connection, **STARTED)


def a_done_one(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Send a broadcast to everybody again."""
    confirms(connection, vault, draft)
    assert ledger.take_lease(connection, "sender", NOW, LASTS)
    request = BatchRequest("sender", 4, NOW, NOW + LASTS, idle=True)
    claim = partial(ledger.record_and_claim, connection, vault, draft, (), request)
    lists, ends = (claim() for _ in range(2))
    assert lists
    assert ends
    assert ends.state is BroadcastStatus.DONE
    tampers(connection, complete=False, listed_up_to=b"", next_key=b"", **STARTED)


def its_former_release(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Put back the row of a broadcast that was being sent, once it is done."""
    confirms(connection, vault, draft)
    released = row_of(connection, draft.id).encrypted_release
    connection.execute(table.delete())
    a_done_one(connection, vault, draft)
    tampers(connection, encrypted_release=released)


def a_garbled_content(connection: Connection, vault: Vault, draft: Broadcast) -> None:
    """Destroy the content: the broadcasts after it must not wait for ever."""
    confirms(connection, vault, draft)
    tampers(connection, encrypted_content=b"\x00" * 64)


@pytest.mark.parametrize(
    "trick",
    [
        an_earlier_audience,
        anothers_release,
        an_approval_as_a_release,
        before_its_time,
        at_another_time,
        during_the_hold,
        a_discarded_one,
        a_stopped_one,
        a_paused_one,
        a_done_one,
        its_former_release,
        a_garbled_content,
    ],
)
async def test_a_writer_to_the_database_starts_nothing(
    database: Database, vault: Vault, draft: Broadcast, trick: Trick
) -> None:
    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        trick(connection, vault, draft)
        return found(connection, vault)

    assert await database.transact(work) == draft.id


async def test_an_approval_is_for_one_content_audience_and_time(
    database: Database, vault: Vault, draft: Broadcast
) -> None:
    limits = ReleaseLimits(most=3)
    changed = (
        replace(draft, default="zh-Hant"),
        replace(draft, audience=Audience("*")),
        replace(draft, at=after(minutes=1)),
    )

    def sent(connection: Connection, broadcast: Broadcast) -> Any:
        saves(connection, vault, draft)
        acts(connection, vault, OLGA, ApproveBroadcast(draft.id, draft.digest))
        confirms(connection, vault, broadcast, limits)
        result = found(connection, vault, minutes=2)
        connection.execute(table.delete())
        assert isinstance(result, ReleasedBroadcast)
        return result.most

    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        acts(connection, vault, OLGA)
        mosts = [sent(connection, draft)]
        for broadcast in changed[:2]:
            mosts.append(sent(connection, broadcast))
        return mosts

    assert await database.transact(work) == [None, 3, 3]


async def test_a_grown_audience_pauses_it_until_a_colleague_resumes_it(
    database: Database, vault: Vault, draft: Broadcast
) -> None:
    def claim(connection: Connection, *, most: int | None) -> ClaimedBatch | None:
        request = BatchRequest("sender", 4, NOW, NOW + LASTS, idle=True, most=most)
        return ledger.record_and_claim(connection, vault, draft, (), request)

    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        acts(connection, vault, OLGA)
        subscribe(connection, vault, range(FIRST, FIRST + 4), NOW)
        confirms(connection, vault, draft, ReleaseLimits(most=3))
        assert ledger.take_lease(connection, "sender", NOW, LASTS)
        first = claim(connection, most=3)
        why = row_of(connection, draft.id).pause_reason
        resume = ControlBroadcast(draft.id, BroadcastAction.RESUME, approves=True)
        acts(connection, vault, OLGA, resume)
        released = found(connection, vault)
        assert isinstance(released, ReleasedBroadcast)
        second = claim(connection, most=released.most)
        assert first
        assert second
        return first.state, why, len(first.claims), len(second.claims)

    assert await database.transact(work) == (BroadcastStatus.PAUSED, "unapproved", 0, 4)


async def test_small_ones_that_nobody_approved_are_added_up(
    database: Database, vault: Vault, draft: Broadcast
) -> None:
    day = timedelta(days=1)

    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        acts(connection, vault, OLGA)
        for minutes in (0, 30):
            one = new_broadcast(at=after(minutes=minutes) if minutes else None)
            saves(connection, vault, one)
            effect = ConfirmBroadcast(one.id, "token", 20, one.at)
            acts(connection, vault, MARIA, replace(effect, already_sending=0))
        saves(connection, vault, draft)
        acts(connection, vault, OLGA, ApproveBroadcast(draft.id, draft.digest))
        effect = ConfirmBroadcast(draft.id, "token", 500, None, already_sending=1)
        acts(connection, vault, MARIA, effect)
        counted = partial(releases.count_unapproved, connection, vault)
        return counted(NOW - day), counted(NOW + day), counted(NOW - day, (one.id,))

    assert await database.transact(work) == (40, 20, 20)
