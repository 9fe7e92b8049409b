"""Failures during a broadcast: no subscriber is skipped, and none gets it twice."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import update as change
from sqlalchemy.exc import OperationalError

from bot.services.backoff import Backoff
from bot.services.broadcasts import broadcast_recall, broadcast_run, recipient_calls
from bot.services.broadcasts.broadcast_sender import BroadcastSender
from bot.services.core import Core
from bot.services.ports import BlockedByUser, BroadcastCall, CallRefused, NotReached, Uncertain
from conversations.core.effects.broadcasts import BroadcastAction
from conversations.core.effects.journey import ChooseLanguage
from conversations.model.broadcast import Broadcast, BroadcastStatus, RecipientState
from storage import apply_effects
from storage.broadcasts import controls, progress
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import subscriptions
from tests.bot.services.mailroom import NO_GRACE, no_deployment
from tests.storage.people import MARIA, NOW, acts
from tests.updates import FIRST, confirm, fates, subscribe, update

PEOPLE = range(FIRST, FIRST + 12)
ALBUM, BELOW = BroadcastCall("sendMediaGroup", b"{}"), BroadcastCall("sendMessage", b"{}")

Trouble = Callable[[int, str], None]


def none(chat: int, what: str) -> None:
    """Raise nothing."""


@dataclass
class Lines:
    """A fake Telegram that counts calls, and fails as `trouble` decides. English has two calls."""

    trouble: Trouble = none
    sent: Counter[tuple[int, str]] = field(default_factory=Counter)
    deleted: Counter[int] = field(default_factory=Counter)
    held: dict[int, asyncio.Event] = field(default_factory=dict)
    rate: float = 25.0

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        return (ALBUM, BELOW) if language == "en" else (BELOW,)

    prepare_covered = prepare

    async def send(self, chat: int, call: BroadcastCall) -> tuple[int, ...]:
        self.trouble(chat, call.method)
        if chat in self.held:
            await self.held[chat].wait()
        self.sent[chat, call.method] += 1
        return (7,)

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        self.trouble(chat, "delete")
        self.deleted[chat] += 1


class Unwell(Database):
    """A database that fails on demand, before or after the commit."""

    multi_process = True

    def __init__(self, inner: Database) -> None:
        self.inner, self.works, self.down = inner, 0, False
        self.fails: dict[int, bool] = {}
        """The transactions that fail, by number, and whether each is committed all the same."""

    async def transact(self, work: Any, *, since: float | None = None) -> Any:
        self.works += 1
        committed = False if self.down else self.fails.pop(self.works, None)
        done = None if committed is False else await self.inner.transact(work)
        if committed is not None:
            raise OperationalError(None, None, Exception("database or disk is full"))
        return done

    async def read(self, work: Any) -> Any:
        return await self.inner.read(work)

    async def lock_exclusively(self) -> bool:
        return await self.inner.lock_exclusively()

    async def discard_erased(self) -> None:
        await self.inner.discard_erased()

    async def close(self) -> None:
        await self.inner.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make retries fast."""
    monkeypatch.setattr(broadcast_run, "DATABASE_RETRY", 0.01)
    for module in (recipient_calls, broadcast_recall):
        monkeypatch.setattr(module, "Backoff", lambda *_: Backoff(0.01, 0.01))


@dataclass
class Office:
    """A broadcast to twelve people, and its sender."""

    database: Database
    vault: Vault
    update: Broadcast = field(default_factory=update)
    lines: Lines = field(default_factory=Lines)

    def __post_init__(self) -> None:
        self.unwell = Unwell(self.database)
        self.sender = BroadcastSender(
            Core(self.unwell, self.vault, no_deployment, lambda: NOW), self.lines, grace=NO_GRACE
        )

    async def confirms(self) -> None:
        def work(connection: Connection) -> None:
            acts(connection, self.vault, MARIA)
            subscribe(connection, self.vault, PEOPLE, NOW)
            confirm(connection, self.vault, MARIA, self.update, NOW)

        await self.database.transact(work)

    async def becomes(self) -> tuple[BroadcastStatus, dict[RecipientState, int]]:
        facts = await self.database.read(partial(progress.find, id_=self.update.id))
        counted = dict(await self.database.read(partial(fates, id_=self.update.id)))
        assert facts is not None
        shown = {fate: many for fate, many in facts.counts.items() if many}
        assert shown == counted
        return facts.state, counted

    async def breaks_subscription(self, chat: int) -> None:
        """Destroy what leads to a subscriber's chat."""
        key = PersonKeys(self.vault, chat).subscriptions
        this = change(subscriptions).where(subscriptions.c.person_key == key)
        broken = this.values(encrypted_details=b"\1" * 40)
        await self.database.transact(lambda c: c.execute(broken) and None)


@pytest.fixture
def office(database: Database, vault: Vault) -> Office:
    return Office(database, vault)


async def test_every_subscriber_gets_each_part_once(office: Office) -> None:
    await office.confirms()
    await office.sender.run_once()
    assert await office.becomes() == (BroadcastStatus.DONE, {RecipientState.SENT: 12})
    parts = ("sendMediaGroup", "sendMessage")
    assert office.lines.sent == Counter({(chat, part): 1 for chat in PEOPLE for part in parts})


async def test_each_error_leads_to_its_recipient_state(office: Office) -> None:
    errors = [BlockedByUser, CallRefused, Uncertain, ZeroDivisionError, NotReached, NotReached]
    waits = dict(zip(PEOPLE, errors, strict=False))

    def trouble(chat: int, what: str) -> None:
        if error := waits.pop(chat, None):
            raise error

    office.lines.trouble = trouble
    await office.confirms()
    await office.breaks_subscription(PEOPLE[-1])
    await office.sender.run_once()
    counts = {
        RecipientState.SENT: 7,
        RecipientState.BLOCKED: 1,
        RecipientState.FAILED: 1,
        RecipientState.UNCERTAIN: 2,
    }
    assert await office.becomes() == (BroadcastStatus.DONE, counts)
    assert {chat for chat, _ in office.lines.sent} == {*PEOPLE[4:-1]}
    assert set(office.lines.sent.values()) == {1}
    retry = partial(
        controls.control,
        vault=office.vault,
        id_=office.update.id,
        action=BroadcastAction.RETRY,
        now=NOW,
    )
    assert await office.database.transact(retry)
    await office.sender.run_once()
    counts[RecipientState.SENT] += counts.pop(RecipientState.FAILED)
    assert await office.becomes() == (BroadcastStatus.DONE, counts)


async def test_a_subscriber_who_changes_to_a_language_with_fewer_parts_is_done(
    office: Office,
) -> None:
    turns = (ChooseLanguage("zh-Hant"),)

    async def switch(chat: int) -> None:
        work = partial(apply_effects.apply, vault=office.vault, effects=turns, now=NOW)
        await office.database.transact(partial(work, person=PersonKeys(office.vault, chat)))

    chosen: list[asyncio.Task[None]] = []

    def trouble(chat: int, what: str) -> None:
        if chat == PEOPLE[0] and what == "sendMediaGroup":
            chosen.append(asyncio.create_task(switch(chat)))
            office.lines.held[chat] = asyncio.Event()
            chosen[0].add_done_callback(lambda _: office.lines.held[chat].set())

    office.lines.trouble = trouble
    await office.confirms()
    await office.sender.run_once()
    await chosen[0]
    assert await office.becomes() == (BroadcastStatus.DONE, {RecipientState.SENT: 12})


async def test_waiting_for_the_last_call_costs_few_transactions(office: Office) -> None:
    office.lines.held = {PEOPLE[3]: asyncio.Event()}
    await office.confirms()
    sending = asyncio.create_task(office.sender.run_once())
    while len(office.lines.sent) < 22:  # noqa: ASYNC110 - the wire tells it, no event
        await asyncio.sleep(0.01)
    before = office.unwell.works
    await asyncio.sleep(0.2)
    assert office.unwell.works - before <= 10
    office.lines.held[PEOPLE[3]].set()
    await sending
    assert await office.becomes() == (BroadcastStatus.DONE, {RecipientState.SENT: 12})


@contextmanager
def failing(office: Office, *at: int, committed: bool) -> Iterator[None]:
    office.unwell.fails = dict.fromkeys(at, committed)
    yield
    assert not office.unwell.fails


async def test_outcomes_wait_for_a_database_that_is_full(office: Office) -> None:
    await office.confirms()
    with failing(office, 4, 5, 7, 9, committed=False):
        await office.sender.run_once()
    assert await office.becomes() == (BroadcastStatus.DONE, {RecipientState.SENT: 12})
    assert set(office.lines.sent.values()) == {1}


async def test_shutdown_ends_although_the_database_is_down(office: Office) -> None:
    await office.confirms()
    office.lines.held = {PEOPLE[3]: asyncio.Event()}
    running = asyncio.create_task(office.sender.run())
    while len(office.lines.sent) < 22:  # noqa: ASYNC110 - the wire tells it, no event
        await asyncio.sleep(0.01)
    office.unwell.down = True
    running.cancel()
    office.lines.held[PEOPLE[3]].set()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_commit_with_an_unknown_result_leaves_no_recipient_claimed(office: Office) -> None:
    await office.confirms()
    with failing(office, 3, 6, committed=True):  # ten are claimed in the third
        await office.sender.run_once()
    assert await office.becomes() == (
        BroadcastStatus.DONE,
        {RecipientState.SENT: 2, RecipientState.UNCERTAIN: 10},
    )
    assert len(office.lines.sent) == 4
    assert set(office.lines.sent.values()) == {1}


async def test_a_deletion_that_fails_is_tried_again(office: Office) -> None:
    await office.confirms()
    await office.sender.run_once()
    recall = partial(
        controls.control,
        vault=office.vault,
        id_=office.update.id,
        action=BroadcastAction.RECALL,
        now=NOW,
    )
    assert await office.database.transact(recall)
    errors: dict[int, list[type[Exception]]] = {
        PEOPLE[0]: [NotReached] * 5,
        PEOPLE[1]: [Uncertain] * 9,
        PEOPLE[2]: [CallRefused],
        PEOPLE[3]: [ZeroDivisionError],
    }

    def trouble(chat: int, what: str) -> None:
        if errors.get(chat):
            raise errors[chat].pop()

    office.lines.trouble = trouble
    await office.sender.run_once()
    assert office.lines.deleted == Counter([PEOPLE[0], *PEOPLE[4:]])
    assert len(errors[PEOPLE[1]]) == 6
    facts = await office.database.read(partial(progress.find, id_=office.update.id))
    assert facts is not None
    assert facts.written
