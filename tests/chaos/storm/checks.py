"""What must hold after a storm."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, cast, func, select, text

from bot.playground.telegram import Person
from conversations.model.broadcast import Broadcast, RecipientState
from conversations.model.letters.delivery import LetterState
from storage.broadcasts import progress
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tables import actions, chats, updates
from storage.schema.tables import outbox as mails
from storage.stats import recount
from storage.stats.action_details import decrypt_number
from tests.chaos.process import memory_of
from tests.chaos.storm.deployment import Deployment
from tests.chaos.supporter import UPDATES_PER_LETTER, Supporter
from tests.chaos.world import World
from tests.databases import opened
from tests.updates import HELLO, fates
from tests.vaults import vault_of

MAX_MEMORY = 260 * 2**20
MAX_FILES = 120
MAX_CONNECTIONS = 50
"""Of all processes together, to the database."""

_ENDED = (LetterState.ACCEPTED.value, LetterState.UNKNOWN.value)


def knows(supporter: Supporter) -> bool:
    """Whether the chat says what became of the letter."""
    return any(supporter.shows(key) for key in ("status.accepted", "status.unknown"))


def is_answered(person: Person) -> bool:
    """Whether the bot said something after the person's last message."""
    said = [each["mine"] for each in person.chat()]
    return bool(said) and not said[-1]


def unsettled(connection: Connection) -> dict[str, Any]:
    """Return what is still under way, by kind."""
    under_way = mails.c.state.not_in(_ENDED) | (
        (mails.c.state == LetterState.UNKNOWN.value) & ~mails.c.possible_duplicate
    )
    counts = {
        "mail": select(func.count()).where(under_way),
        "replies": select(func.count()).where(chats.c.replied_turn < chats.c.turn),
        "states not shown": select(func.count()).where(mails.c.shown_status < mails.c.status),
    }
    found = {name: connection.execute(query).scalar_one() for name, query in counts.items()}
    sending = text("SELECT count(*) FROM broadcasts WHERE state = 'sending'")
    found["broadcasts"] = connection.execute(sending).scalar_one()
    return {name: count for name, count in found.items() if count}


async def violations(
    stage: World, storm: Deployment, broadcast: Broadcast, subscribers: range
) -> list[str]:
    """Return a sentence for each violated invariant."""
    vault = vault_of(stage.folder / "actionbot.keys")
    async with opened(stage.url) as database:
        found = await database.read(
            lambda c: [
                *_records(c, vault, stage),
                *_letters(c, vault, stage),
                *_broadcast(c, stage, broadcast, subscribers),
            ]
        )
    unaware = [each.name for each in stage.supporters if not knows(each)]
    if unaware:
        found.append(f"{len(unaware)} chats do not say what became of the letter: {unaware[:3]}")
    found += [f"a process ended by itself: {each}" for each in storm.crashes]
    return [*found, *_log(stage, storm)]


def _records(connection: Connection, vault: Vault, stage: World) -> Iterator[str]:
    """Each supporter acted once; each update was handled once; figures match the records."""
    people = len(stage.supporters)
    rows = connection.execute(select(actions.c.person_key)).scalars().all()
    if len(rows) != people or len(set(rows)) != people:
        yield f"{len(rows)} actions of {people} supporters, {len(set(rows))} of whom acted"
    if failed := connection.execute(select(func.sum(cast(updates.c.failed, Integer)))).scalar():
        yield f"{failed} updates were given up"
    if wrong := _wrong_turns(connection, vault, stage):
        yield f"chats that are not at turn {UPDATES_PER_LETTER} with its reply sent: {wrong}"
    if differences := recount.recount(connection, vault)[1]:
        yield f"the figures differ from the records: {differences}"


def _wrong_turns(connection: Connection, vault: Vault, stage: World) -> Counter[tuple[int, int]]:
    """Count the chats at another turn than the last one, or without its reply.

    Who asked for a new code has some turns more.
    """
    keys = {PersonKeys(vault, each.person.id).chat: each for each in stage.supporters}
    own = select(chats.c.person_key, chats.c.turn, chats.c.replied_turn)
    wrong: Counter[tuple[int, int]] = Counter()
    for key, turn, replied in connection.execute(own.where(chats.c.person_key.in_(keys))):
        more = turn - UPDATES_PER_LETTER
        if turn != replied or more < 0 or (more and not keys[key].asked_again):
            wrong.update([(turn, replied)])
    return wrong


def _letters(connection: Connection, vault: Vault, stage: World) -> Iterator[str]:
    """Each letter is accepted once, or flagged, or honestly unknown; numbers are 1, 2, 3 …"""
    rows = connection.execute(select(mails).where(mails.c.action.is_not(None))).all()
    came = {stage.letter_token(each): copies for each, copies in stage.sink.accepted.items()}
    for row in rows:
        copies = came.get(row.message_id, 0)
        if row.state not in _ENDED:
            yield f"a letter that arrived {copies} times is {row.state}"
        if row.state == LetterState.ACCEPTED.value and copies == 0:
            yield "a letter is called accepted that never arrived"
        if copies > 1 + row.possible_duplicate:
            yield f"a letter arrived {copies} times (possible duplicate: {row.possible_duplicate})"
    accepted = [row.action for row in rows if row.state == LetterState.ACCEPTED.value]
    found = select(actions.c.action, actions.c.encrypted_number)
    numbers = [
        decrypt_number(vault, row.action, row.encrypted_number) or 0
        for row in connection.execute(found)
        if row.action in accepted
    ]
    if sorted(numbers) != list(range(1, len(accepted) + 1)):
        yield "the numbers of the accepted letters are not 1, 2, 3 …"


def _broadcast(
    connection: Connection, stage: World, broadcast: Broadcast, subscribers: range
) -> Iterator[str]:
    """Nobody received the broadcast twice, and the counters match the ledger and the chats."""
    facts, found = progress.find(connection, broadcast.id), fates(connection, broadcast.id)
    if facts is None or any(facts.counts[fate] != many for fate, many in found.items()):
        yield f"the broadcast's counters differ from its rows, which are {dict(found)}"
    heard = [
        [each.get("text") for each in stage.telegram.people[chat].messages.values()]
        for chat in subscribers
    ]
    received = [said.count(HELLO.text) for said in heard]
    if twice := sum(many > 1 for many in received):
        yield f"{twice} people received the broadcast twice"
    sent = found.get(RecipientState.SENT, 0)
    uncertain = found.get(RecipientState.UNCERTAIN, 0)
    if not sent <= sum(received) <= sent + uncertain:
        yield f"{sum(received)} received the broadcast: {sent} sent, {uncertain} uncertain"


def _log(stage: World, storm: Deployment) -> Iterator[str]:
    """No log has the token or personal values."""
    log = "".join(process.log for process in storm.processes)
    if stage.telegram.token.partition(":")[2] in log:
        yield "the bot token is in the log"
    if leaked := [secret for each in stage.supporters for secret in each.secrets if secret in log]:
        yield f"personal values are in the log: {leaked[:3]}"


class Growth:
    """Measures what the processes use, every few seconds."""

    def __init__(self, storm: Deployment) -> None:
        self._storm = storm
        self.most: Counter[str] = Counter()
        """The most memory, in MB, and files of one process, and connections of all."""

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            self._measure()
            await asyncio.sleep(5)

    def _measure(self) -> None:
        for process in self._storm.processes:
            if process.dead.is_set():
                continue
            try:
                memory = memory_of(process.pid)
                files = sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())
            except (OSError, ValueError):
                continue
            self.most["memory"] = max(self.most["memory"], memory >> 20)
            self.most["files"] = max(self.most["files"], files)
        self.most["connections"] = max(self.most["connections"], self._storm.proxy.connections)

    async def violations(self) -> list[str]:
        """Return what uses too much now that all is calm."""
        self.most.clear()
        self._measure()
        limits = {
            "memory": MAX_MEMORY >> 20,
            "files": MAX_FILES,
            "connections": MAX_CONNECTIONS,
        }
        return [
            f"after the storm, {what} is {self.most[what]}, more than {most}"
            for what, most in limits.items()
            if self.most[what] > most
        ]


def summary(stage: World, storm: Deployment, begun: Counter[str], growth: Growth) -> str:
    """Return what happened, in a few lines."""
    twice = sum(copies > 1 for copies in stage.sink.accepted.values())
    faults = ", ".join(f"{name} {count}" for name, count in sorted(begun.items()))
    used = ", ".join(f"{what} {count}" for what, count in sorted(growth.most.items()))
    return (
        f"{len(stage.supporters)} supporters, {storm.kills} kills, {len(stage.sink.mails)} mails,"
        f" {twice} of them twice. Faults: {faults}. At the end: {used}."
    )
