"""Random events in random order: no recipient is skipped, and all counts are true."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from conversations.core.effects import Effect
from conversations.core.effects.broadcasts import BroadcastAction
from conversations.core.effects.journey import ErasePerson, MarkBlocked, Subscribe, UnsubscribeAll
from conversations.model.broadcast import (
    Broadcast,
    BroadcastState,
    BroadcastStatus,
    RecipientState,
)
from storage.broadcasts import (
    controls,
    ledger,
    progress,
    recalls,
    releases,
)
from storage.broadcasts.ledger import BatchRequest, Claim
from storage.broadcasts.recipients import audiences
from storage.broadcasts.results import RecipientOutcome
from storage.chats.chat_ids import decrypt_chat_id
from storage.chats.ledger_numbers import ledger_number
from storage.chats.subscribers import blocked_chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import broadcast_recipients, subscriptions
from storage.schema.tables import broadcasts as table
from tests.storage.people import NOW, acts
from tests.updates import confirm, update

PEOPLE = range(1, 15)
AUTHOR = 99
LEASE = timedelta(seconds=30)
STEPS, MOST = 120, 3
SEEDS = range(2)

DECIDED = (
    RecipientState.SENT,
    RecipientState.BLOCKED,
    RecipientState.FAILED,
    RecipientState.UNCERTAIN,
)
MOVES = {
    RecipientState.PENDING: {RecipientState.CLAIMED, RecipientState.BLOCKED, RecipientState.SENT},
    RecipientState.CLAIMED: {RecipientState.PENDING, *DECIDED},
    RecipientState.FAILED: {RecipientState.PENDING},
    RecipientState.UNCERTAIN: {RecipientState.PENDING},
    RecipientState.SENT: set(),
    RecipientState.BLOCKED: set(),
}
"""Transitions of the diagram. A recipient who is skipped is claimed and finished in one step."""


@dataclass
class Sender:
    """A process that sends: its claims, and the outcomes that it has not recorded yet."""

    token: str
    broadcast: Broadcast | None = None
    in_hand: list[Claim] = field(default_factory=list)
    outcomes: list[RecipientOutcome] = field(default_factory=list)


def subscribers(connection: Connection, vault: Vault) -> set[bytes]:
    """Return the keys of the subscribers who have not blocked the bot."""
    rows = blocked_chats(connection, b"", 1000)
    chats = (decrypt_chat_id(vault, row.encrypted_chat, row.person_key) for row in rows)
    deaf = {PersonKeys(vault, chat).subscriptions for chat in chats}
    return {*connection.execute(select(subscriptions.c.person_key)).scalars()} - deaf


@dataclass
class World:
    """Random events, and what the test remembers of them."""

    database: Database
    vault: Vault
    chance: random.Random
    now: datetime = NOW
    number: int = 0
    senders: list[Sender] = field(default_factory=list)
    updates: dict[str, Broadcast] = field(default_factory=dict)
    came: Counter[tuple[str, bytes, int]] = field(default_factory=Counter)
    """How often each call may have reached each person."""
    owed: dict[str, set[bytes]] = field(default_factory=dict)
    """Who must be in the ledger of each broadcast in the end."""
    forgotten: Counter[tuple[str, RecipientState]] = field(default_factory=Counter)
    before: dict[tuple[str, bytes], RecipientState] = field(default_factory=dict)

    # --- people ---------------------------------------------------------------------------------

    async def does(self, person: int, *effects: Effect) -> None:
        await self.database.transact(lambda c: acts(c, self.vault, person, *effects, now=self.now))

    async def subscribes(self) -> None:
        person, scope = self.chance.choice(PEOPLE), self.chance.choice(("hong-kong", "*"))
        await self.does(person, Subscribe(scope, given=True, language="en"))

    async def unsubscribes(self) -> None:
        person = self.leaver()
        await self.does(person, UnsubscribeAll("en"))

    async def blocks(self) -> None:
        await self.does(self.leaver(), MarkBlocked(blocked=True))

    async def forgets(self) -> None:
        person = self.leaver()
        for (id_, key), (fate, _) in (await self.database.read(self._rows)).items():
            if key == self.key(person) and fate in DECIDED:
                self.forgotten[id_, fate] += 1
        await self.does(person, ErasePerson())

    def leaver(self) -> int:
        person = self.chance.choice(PEOPLE)
        for owed in self.owed.values():
            owed.discard(self.key(person))
        return person

    def key(self, person: int) -> bytes:
        return PersonKeys(self.vault, person).subscriptions

    # --- campaigners ----------------------------------------------------------------------------

    async def begins(self) -> None:
        if len(self.updates) == MOST:
            return
        broadcast = update(again=self.chance.random() < 0.5)

        def work(connection: Connection) -> set[bytes]:
            acts(connection, self.vault, AUTHOR, now=self.now)
            confirm(connection, self.vault, AUTHOR, broadcast, self.now)
            return subscribers(connection, self.vault)

        self.owed[broadcast.id] = await self.database.transact(work)
        self.updates[broadcast.id] = broadcast

    async def steers(self) -> None:
        if self.updates:
            id_, deed = self.chance.choice([*self.updates]), self.chance.choice(DEEDS)
            await self.database.transact(
                partial(controls.control, vault=self.vault, id_=id_, action=deed, now=self.now)
            )

    # --- senders --------------------------------------------------------------------------------

    async def sends(self) -> None:
        """Let one of the processes take its next step."""
        sender = self.chance.choice(self.senders)
        if sender.broadcast is not None:
            await self.goes_on(sender)
            return
        take = partial(ledger.take_lease, token=sender.token, now=self.now, duration=LEASE)
        if await self.database.transact(take):
            first = partial(releases.find_released, vault=self.vault, now=self.now)
            found = await self.database.read(first)
            assert not isinstance(found, str)
            sender.broadcast = found.broadcast if found else None

    async def goes_on(self, sender: Sender) -> None:
        assert sender.broadcast is not None
        for _ in range(self.chance.randint(0, len(sender.in_hand))):
            self.calls(sender, sender.in_hand.pop(0))
        outcomes, sender.outcomes = sender.outcomes, []
        claimed = await self.database.transact(
            partial(
                ledger.record_and_claim,
                vault=self.vault,
                broadcast=sender.broadcast,
                outcomes=outcomes,
                request=BatchRequest(
                    sender.token,
                    4 - len(sender.in_hand),
                    self.now,
                    self.now + LEASE,
                    idle=not sender.in_hand,
                ),
            )
        )
        if claimed is None:
            sender.in_hand.clear()
        else:
            sender.in_hand += claimed.claims
        if not sender.in_hand and (claimed is None or claimed.state is not BroadcastStatus.SENDING):
            sender.broadcast = None

    def calls(self, sender: Sender, claim: Claim) -> None:
        """Make the next of two calls, with a random outcome."""
        assert sender.broadcast is not None
        done = claim.messages.count(";") + 1 if claim.messages else 0
        fate, messages = self.chance.choice(FATES), claim.messages
        if fate in (RecipientState.SENT, RecipientState.UNCERTAIN):
            self.came[sender.broadcast.id, claim.person, done] += 1
        if fate is RecipientState.SENT:
            messages = f"{messages};{done}" if messages else f"{done}"
            fate = RecipientState.SENT if done else RecipientState.PENDING
        sender.outcomes.append(RecipientOutcome(claim.person, fate, messages, claim.sent_twice))

    async def dies(self) -> None:
        """Kill a process: its calls may have reached their recipients."""
        sender = self.chance.choice(self.senders)
        for claim in sender.in_hand:
            if sender.broadcast is not None and self.chance.random() < 0.5:
                done = claim.messages.count(";") + 1 if claim.messages else 0
                self.came[sender.broadcast.id, claim.person, done] += 1
        self.number += 1
        self.senders[self.senders.index(sender)] = Sender(f"{sender.token}-{self.number}")

    async def stumbles(self) -> None:
        """Restart a process, with the lease that it had."""
        sender = self.chance.choice(self.senders)
        sender.broadcast = None
        sender.in_hand.clear()
        sender.outcomes.clear()

    async def waits(self) -> None:
        self.now += timedelta(seconds=self.chance.choice((1, 10, 31)))

    # --- what must hold -------------------------------------------------------------------------

    async def is_true(self) -> None:
        rows, figures = await self.database.read(lambda c: (self._rows(c), self._figures(c)))
        for (id_, person), (fate, twice) in rows.items():
            former = self.before.get((id_, person), fate)
            assert fate is former or fate in MOVES[former], (former, fate)
            came = max(self.came[id_, person, call] for call in (0, 1))
            assert came <= (2 if twice else 1), (fate, twice)
            if fate is RecipientState.SENT:  # the rest goes to nobody who unsubscribed meanwhile
                assert self.came[id_, person, 0]
                assert self.came[id_, person, 1] or person not in self.owed[id_]
        self.before = {which: fate for which, (fate, _) in rows.items()}
        for facts in figures:
            mine = Counter(fate for (id_, _), (fate, _) in rows.items() if id_ == facts.id)
            self.is_counted(facts, mine)

    def is_counted(self, facts: BroadcastState, counted: Counter[RecipientState]) -> None:
        id_ = facts.id
        for fate in DECIDED:
            assert facts.counts[fate] == counted[fate] + self.forgotten[id_, fate], (fate, facts)
        waiting = counted[RecipientState.PENDING] + counted[RecipientState.CLAIMED]
        assert facts.counts[RecipientState.PENDING] == waiting or not facts.written
        assert sum(facts.counts.values()) == facts.total
        if facts.state is BroadcastStatus.DONE:
            assert not waiting
            assert self.owed[id_] <= {person for of, person in self.before if of == id_}

    async def ends(self) -> None:
        """Without obstacles, each confirmed broadcast is finished."""
        self.now += 2 * LEASE
        self.senders = [Sender("last")]
        for id_ in self.updates:
            resume = partial(
                controls.control,
                vault=self.vault,
                id_=id_,
                action=BroadcastAction.RESUME,
                now=self.now,
            )
            await self.database.transact(resume)
        goes = select(table.c.state).where(table.c.state == BroadcastStatus.SENDING.value)
        for _ in range(200):
            await self.sends()
            if not await self.database.read(lambda c: c.execute(goes).first()):
                break
        else:
            raise AssertionError("it never ends")
        self.before.clear()  # many steps were taken
        await self.is_true()
        assert RecipientState.CLAIMED not in self.before.values()
        last = partial(
            recalls.find_delivered, vault=self.vault, id_=next(iter(self.updates)), limit=99
        )
        assert all(each.messages for each in await self.database.read(last))

    # --- the tables -----------------------------------------------------------------------------

    def _rows(self, connection: Connection) -> dict[tuple[str, bytes], tuple[RecipientState, bool]]:
        ids = {ledger_number(id_): id_ for id_ in self.updates}
        return {
            (ids[row.broadcast], row.person_key): (tuple(RecipientState)[row.state], row.sent_twice)
            for row in connection.execute(select(broadcast_recipients)).all()
        }

    def _figures(self, connection: Connection) -> list[BroadcastState]:
        found = (progress.find(connection, id_) for id_ in self.updates)
        return [facts for facts in found if facts is not None]


DEEDS = (
    BroadcastAction.PAUSE,
    BroadcastAction.RESUME,
    BroadcastAction.RESUME,
    BroadcastAction.RETRY,
    BroadcastAction.RETRY,
    BroadcastAction.STOP,
    BroadcastAction.RECALL,
)
FATES = (
    *(6 * [RecipientState.SENT]),
    RecipientState.BLOCKED,
    RecipientState.FAILED,
    RecipientState.UNCERTAIN,
    RecipientState.PENDING,
)


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_recipient_is_skipped_and_all_counts_are_true(
    database: Database, vault: Vault, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audiences, "SLICE_SIZE", 4)
    chance = random.Random(seed)  # noqa: S311 - it is to repeat itself
    world = World(database, vault, chance, senders=[Sender("a"), Sender("b")])
    deeds: tuple[Callable[[], Any], ...] = (
        *(12 * [world.sends]),
        *(2 * [world.subscribes]),
        world.unsubscribes,
        world.blocks,
        world.forgets,
        world.begins,
        world.steers,
        world.dies,
        world.stumbles,
        world.waits,
    )
    for _ in range(2 * len(PEOPLE)):
        await world.subscribes()
    for _ in range(STEPS):
        await chance.choice(deeds)()
        await world.is_true()
    await world.begins()
    await world.ends()
