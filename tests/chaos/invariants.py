"""Invariants that must hold at the end of a chaos test, however often the bot was killed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from conversations.model.letters.delivery import LetterState
from conversations.model.stats.funnel import FunnelStage
from storage.crypto.vault import Vault
from storage.schema.tables import (
    actions,
    chats,
    tallies,
    updates,
)
from storage.schema.tables import outbox as mails
from storage.stats import recount
from storage.stats.action_details import decrypt_number
from tests.chaos.supporter import UPDATES_PER_LETTER
from tests.chaos.world import World
from tests.databases import opened
from tests.vaults import vault_of


async def violations(world: World) -> list[str]:
    """Return a sentence for each violated invariant."""
    vault = vault_of(world.folder / "actionbot.keys")
    async with opened(world.url) as database:
        found = await database.read(
            lambda c: [
                *_database(c, vault, len(world.supporters)),
                *mail_server(c, vault, world, len(world.supporters)),
            ]
        )
    return [*found, *_chats(world), *_log(world)]


def _database(connection: Connection, vault: Vault, people: int) -> Iterator[str]:
    """Check the database: each supporter acted once, and each update was handled once."""
    rows = connection.execute(select(actions)).all()
    if len(rows) != people or len({row.person_key for row in rows}) != people:
        yield f"{len(rows)} actions of {people} supporters"
    handled = connection.execute(select(updates.c.failed)).scalars().all()
    if len(handled) != UPDATES_PER_LETTER * people or any(handled):
        wanted = UPDATES_PER_LETTER * people
        yield f"{len(handled)} of {wanted} updates handled, {sum(handled)} given up"
    turns = connection.execute(select(chats.c.turn, chats.c.replied_turn)).all()
    if wrong := Counter(
        (turn, told)
        for turn, told in turns
        if (turn, told) != (UPDATES_PER_LETTER, UPDATES_PER_LETTER)
    ):
        yield f"chats that are not at turn {UPDATES_PER_LETTER} with its reply sent: {dict(wrong)}"
    steps = select(tallies.c.value, tallies.c.count)
    counted = connection.execute(steps.where(tallies.c.figure == "step", tallies.c.day == ""))
    tally = {step: count for step, count in counted}
    if tally != {stage.value: people for stage in FunnelStage}:
        yield f"the funnel of {people} supporters is {tally}"
    if differences := recount.recount(connection, vault)[1]:
        yield f"the figures differ from the records: {differences}"


def mail_server(connection: Connection, vault: Vault, world: World, letters: int) -> Iterator[str]:
    """Check the mail server: each mail arrived once, or twice if marked as a possible duplicate."""
    rows = connection.execute(select(actions.c.action, actions.c.encrypted_number)).all()
    numbers = (decrypt_number(vault, *row) for row in rows)
    if sorted(number or 0 for number in numbers) != list(range(1, letters + 1)):
        yield "the numbers of the letters are not 1, 2, 3 …"
    mailed: dict[str, Any] = {
        row.message_id: row for row in connection.execute(select(mails)).all()
    }
    came = {world.letter_token(each): copies for each, copies in world.sink.accepted.items()}
    for token, row in mailed.items():
        copies = came.get(token, 0)
        if copies not in (1, 2) or (copies == 2 and not row.possible_duplicate):
            yield f"a letter arrived {copies} times (possible duplicate: {row.possible_duplicate})"
        if row.state != LetterState.ACCEPTED.value:
            yield f"a letter that arrived {copies} times is {row.state}"
    if len(mailed) != letters:
        yield f"the outbox has {len(mailed)} mails, not {letters}"
    if (most := max(world.sink.accepted.values(), default=0)) > 2:
        yield f"a mail arrived {most} times"
    if unmarked := sum(not flag for flag in world.flagged.values()):
        yield f"{unmarked} mails arrived a second time without being marked as possible duplicates"
    twice = {message for message, copies in world.sink.accepted.items() if copies > 1}
    if twice != set(world.flagged):
        yield "a mail arrived twice, and the check at its arrival missed it"


def _chats(world: World) -> Iterator[str]:
    """Check that each chat says that the letter was sent and asks the last question."""
    for supporter in world.supporters:
        if not supporter.shows("status.accepted"):
            yield f"the chat of {supporter.name} does not say that the letter was sent"
        if not supporter.shows("updates.ask"):
            yield f"the chat of {supporter.name} does not ask the last question"


def _log(world: World) -> Iterator[str]:
    """Check that the log contains neither the bot token nor personal values."""
    log = world.process.log
    if world.telegram.token.partition(":")[2] in log:
        yield "the bot token is in the log"
    leaked = [secret for each in world.supporters for secret in each.secrets if secret in log]
    if "Wilhelmina" in log or leaked:
        yield f"personal values are in the log: {leaked[:3]}"
