"""A bot moves from SQLite to PostgreSQL while people use it, and goes on there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from sqlalchemy import URL, Connection, make_url, text

from bot import startup
from bot.cli.database import moving
from bot.cli.database.moving import Moved, move, settings_for
from bot.errors import CommandError
from storage.engine.database import Work
from storage.engine.postgres.database import PostgresDatabase
from storage.engine.sqlite.database import SqliteDatabase
from storage.moves import target
from storage.moves.target import MoveState
from storage.schema import migrations
from tests.chat import Chat
from tests.databases import empty_postgresql, opened, plain
from tests.stage import Stage
from tests.stories.lines import PORTUGAL, TARGET, WELCOME
from tests.stories.operations.test_restoring import counts

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WROTE = "You’ve already written a letter for “Stand up for people's rights in Hong Kong”, on …"


@pytest.fixture
def there(server: URL) -> Iterator[str]:
    """The URL of an empty database on PostgreSQL, without tables."""
    with empty_postgresql(server) as url:
        yield url


@dataclass
class Display:
    """Remembers what was shown."""

    shown: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, what: str, total: int | None = None) -> None:
        self.shown.append(what)

    def advance(self, rows: int) -> None:
        pass

    def ask_to_stop(self) -> None:
        self.shown.append("Stop the bot")
        self.asked.set()


async def moves(stage: Stage, url: str) -> None:
    """Move a bot that is stopped, and start it on the new database."""
    old = await counts(stage.settings.database.url.get_secret_value())
    moved = await move(stage.settings, url, Display())
    assert moved.rows == {name: number for name, number in old.items() if number}
    assert await counts(url) == old | {"audit": old["audit"] + 1}
    file = stage.settings.database.file
    assert file
    assert [each.name for each in file.parent.glob("*.move-*")] == []
    await stage.restart_with(settings_for(stage.settings, url))


@asynccontextmanager
async def moving_beside_a_bot(stage: Stage, url: str, display: Display) -> AsyncIterator[Any]:
    """Move a bot that runs. The context begins when it should be stopped, and ends by that."""
    file = stage.settings.database.file
    assert file
    bot = await SqliteDatabase.open(file)
    assert await bot.lock_exclusively()
    task = asyncio.create_task(move(stage.settings, url, display))
    asked = asyncio.create_task(display.asked.wait())
    await asyncio.wait((task, asked), return_when=asyncio.FIRST_COMPLETED)
    yield task
    await bot.close()


async def test_conversations_go_on_after_a_move(stage: Stage, maria: Chat, there: str) -> None:
    ana = stage.person("Ana", "Costa")
    await maria.sends_the_letter()
    await ana.starts("hong-kong")
    await ana.presses("Write the letter", "Continue", "Use “Ana Costa”")
    await moves(stage, there)
    await ana.says("Portugal")
    ana.hears(PORTUGAL)
    await ana.says("ana@mail.example")
    await ana.types_the_code()
    await ana.presses("Send in my name")
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 2
    await maria.starts("hong-kong")
    maria.hears(WROTE)


async def test_the_old_database_is_never_used_again(stage: Stage, maria: Chat, there: str) -> None:
    await maria.sends_the_letter()
    await stage.stop()
    old = stage.settings
    await moves(stage, there)
    for attempt in (startup.open_ready_database(old), move(old, there, Display())):
        with pytest.raises(CommandError) as refused:
            await attempt
        assert str(refused.value) == (
            "database.url · This database was moved to PostgreSQL. · Set the address of the new"
            " one. If the move was interrupted, run it again."
        )


async def test_what_changes_during_a_move_is_there(stage: Stage, maria: Chat, there: str) -> None:
    """The bot answers and deletes meanwhile."""
    await maria.sends_the_letter()
    await stage.person("Ana", "Costa").sends_the_letter(address="ana@mail.example")
    display = Display()
    async with moving_beside_a_bot(stage, there, display) as task:
        await maria.says("/forget")
        await maria.presses("Delete everything")
        await stage.person("João").starts("hong-kong")
    moved: Moved = await task
    assert display.shown == [
        *("Taking a snapshot", "Copying", "Comparing all tables", "Copying what changed"),
        *("Stop the bot", "Waiting until the bot is stopped", "Copying the last changes"),
    ]
    assert (moved.rows["actions"], moved.rows["erasures"]) == (1, 1)
    await stage.restart_with(settings_for(stage.settings, there))
    await maria.starts("hong-kong")
    maria.hears(WELCOME)


async def test_rows_that_are_lost_are_noticed(stage: Stage, maria: Chat, there: str) -> None:
    """The bot can go on with the old database then."""
    await maria.sends_the_letter()
    async with moving_beside_a_bot(stage, there, Display()) as task, opened(there) as database:
        await database.transact(lambda c: c.execute(text("UPDATE tallies SET erased = 1")))
        await database.transact(lambda c: c.execute(text("DELETE FROM outbox")))
    with pytest.raises(CommandError, match=r"doesn't hold the same rows in: outbox, tallies\."):
        await task
    await maria.starts("hong-kong")
    maria.hears(WROTE)


class Killed(BaseException):
    """The process was killed."""


class Lives:
    """Kills the move with its nth transaction: before its commit, or after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, before_commit: bool) -> None:
        self.left = 0
        self._before_commit = before_commit
        self._transact, self._read = PostgresDatabase.transact, PostgresDatabase.read
        monkeypatch.setattr(PostgresDatabase, "transact", lambda *each, **_: self.transact(*each))
        monkeypatch.setattr(PostgresDatabase, "read", lambda *each: self.read(*each))

    async def transact(self, database: PostgresDatabase, work: Work[Any]) -> Any:
        self.left -= 1

        def dies(connection: Connection) -> None:
            work(connection)
            raise Killed

        if self.left == 0 and self._before_commit:
            await self._transact(database, dies)
        result = await self._transact(database, work)
        if self.left == 0:
            raise Killed
        return result

    async def read(self, database: PostgresDatabase, work: Work[Any]) -> Any:
        if self.left == 0:
            raise Killed
        return await self._read(database, work)


@pytest.mark.parametrize("before_commit", [False, True], ids=["after", "before"])
async def test_a_move_can_be_killed_at_any_moment(
    stage: Stage, maria: Chat, there: str, monkeypatch: pytest.MonkeyPatch, before_commit: bool
) -> None:
    monkeypatch.setattr(moving, "_BATCH", 5)
    await maria.sends_the_letter()
    lives = Lives(monkeypatch, before_commit)
    revisions, stalled = [], 0
    states: list[MoveState | None] = [None]
    for _ in range(100):
        # A transaction that is rolled back is no progress. All tables are compared in each life, so
        # the last transaction is the second one.
        lives.left = 3 if stalled else 2
        try:
            await move(stage.settings, there, Display())
        except Killed:
            lives.left = 1000
            revisions.append(await revision_of(there))
            if revisions[-1] == migrations.latest():
                break
            states.append(await state_of(there))
            stalled += states[-1] is not None and states[-1] == states[-2]
            continue
        break
    assert stalled == before_commit
    lives.left = 1000
    assert len(revisions) > 10
    assert set(revisions) <= {None, migrations.MOVING, migrations.latest()}
    await stage.restart_with(settings_for(stage.settings, there))
    await maria.says("/mydata")
    assert "Maria Silva" in "".join(maria.heard())
    assert await state_of(there) is None


async def state_of(url: str) -> MoveState | None:
    async with opened(url) as database:
        return await database.read(target.state_of)


async def revision_of(url: str) -> str | None:
    async with opened(url) as database:
        return await database.read(migrations.current_revision)


async def test_a_move_that_is_not_complete_starts_no_bot(
    stage: Stage, maria: Chat, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await maria.sends_the_letter()
    await stage.stop()
    Lives(monkeypatch, before_commit=False).left = 3
    with pytest.raises(Killed):
        await move(stage.settings, there, Display())
    monkeypatch.undo()
    with pytest.raises(CommandError) as refused:
        await startup.open_ready_database(settings_for(stage.settings, there))
    assert str(refused.value) == (
        "database.url · The database is from a move that isn't complete. · Complete it: actionbot"
        " migrate --to URL"
    )


async def refusal(stage: Stage, url: str) -> str:
    with pytest.raises(CommandError) as refused:
        await move(stage.settings, url, Display())
    return str(refused.value)


async def test_what_is_refused(stage: Stage, maria: Chat, there: str) -> None:
    await maria.sends_the_letter()
    assert await refusal(stage, "sqlite:///other.db") == (
        "--to · This is not an address of PostgreSQL. · Write postgresql://user:password@host/name"
    )
    nowhere = plain(make_url(there).set(database="nowhere"))
    assert await refusal(stage, nowhere) == (
        "--to · The move stopped, and can be continued. There is no database “nowhere” on the"
        " server. · Create it: createdb nowhere"
    )
    new = settings_for(stage.settings, there)
    database = await startup.open_ready_database(new)
    insert = "INSERT INTO paces (campaign, target, last) VALUES ('river', 'mayor', 1)"
    await database.transact(lambda c: c.execute(text(insert)))
    await database.close()
    assert await refusal(stage, there) == (
        "--to · This database is not empty, and no move into it was interrupted. · Create an empty"
        " one: createdb NAME"
    )
    await stage.restart_with(new)
    assert await refusal(stage, there) == (
        "database.url · The data is not in SQLite. · Nothing to do."
    )


async def test_no_move_of_another_bot_is_continued(stage: Stage, maria: Chat, there: str) -> None:
    await maria.sends_the_letter()
    async with opened(there) as database:
        await asyncio.to_thread(startup.bring_up_to_date, there)
        state = target.MoveState("another", "snapshot", migrations.latest())
        await database.transact(partial(target.begin, state=state))
    assert await refusal(stage, there) == (
        "--to · The move into this database was begun by another bot. · Create another, empty"
        " database, and move to that."
    )
