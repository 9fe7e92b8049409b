"""`actionbot migrate --to`: move the bot's data from SQLite to PostgreSQL while the bot runs.

A snapshot is copied, and all tables are compared with it. Then what changed meanwhile is copied,
again and again until the bot is stopped. The last changes and the end of the move are one
transaction, which only compares the rows that it changes.
"""

import asyncio
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr, ValidationError
from sqlalchemy import Connection

from bot import startup
from bot.cli.database.maintenance import no_database, note
from bot.database_errors import describe_database_error
from bot.errors import CommandError
from bot.settings.model import Settings
from bot.settings.sections import DatabaseSettings
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.moves import snapshots, target
from storage.moves.target import DifferentRows, MoveState
from storage.schema import migrations
from storage.schema.tables import metadata

_BATCH = 2000
"""Number of rows that are copied in one transaction."""

_BETWEEN_LOOKS = 0.2
"""Seconds between two looks whether the bot was stopped."""

_BETWEEN_CATCHING_UP = 30.0
"""Seconds after which changes are copied again while the bot is not stopped."""

_BOT = "move: names the keys of a bot"
"""Kind of the keyed hash by which a move knows its bot. It is stored during a move."""


class Display(Protocol):
    """Shows how far the move is."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Show what begins now, and of how many rows."""

    def advance(self, rows: int) -> None:
        """Show that so many more rows are done."""

    def ask_to_stop(self) -> None:
        """Ask to stop the bot, once."""


@dataclass(frozen=True)
class Moved:
    """What a move did."""

    rows: dict[str, int]
    """Number of rows by table, of those tables that have any."""

    seconds: float
    """How long the move took, or its last part if it was interrupted."""

    offline_seconds: float
    """For how much of that no bot could run."""


async def move(settings: Settings, url: str, display: Display) -> Moved:
    """Move all data to the empty database at `url`. Raises CommandError.

    A move that was interrupted is continued. The old database refuses to be used afterwards.
    """
    began, new = time.monotonic(), settings_for(settings, url)
    file = settings.database.file
    if file is None:
        raise CommandError("The data is not in SQLite.", fix="Nothing to do.", where="database.url")
    if not file.exists():
        raise no_database()
    async with _opened(settings) as source, _opened(new) as there:
        mover = Mover(file, source, there, display)
        await mover.begin(settings, new)
        await mover.copy()
        await mover.verify()
        await mover.wait_for_the_bot()
        offline = time.monotonic()
        await mover.finish()
    await note(new, "migrate")
    snapshots.remove_others(file, "")
    ended = time.monotonic()
    rows = {name: digest.rows for name, digest in mover.state.tables.items() if digest.rows}
    return Moved(rows, round(ended - began, 1), round(ended - offline, 1))


def settings_for(settings: Settings, url: str) -> Settings:
    """Return the settings with another database. Raises CommandError."""
    insecure = settings.database.insecure_database
    try:
        database = DatabaseSettings(insecure_database=insecure, url=SecretStr(url))
    except ValidationError as error:
        raise CommandError(str(error.errors()[0]["msg"]), where="--to") from None
    if database.file is not None:
        fix = "Write postgresql://user:password@host/name"
        raise CommandError("This is not an address of PostgreSQL.", fix=fix, where="--to")
    return settings.model_copy(update={"database": database})


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    """Open a database; what goes wrong with it inside of the context is said in words."""
    url = settings.database.url.get_secret_value()
    where = "--to" if settings.database.file is None else "database.url"
    database = await open_database(url)
    try:
        yield database
    except CommandError:
        raise
    except Exception as error:
        reason, fix = describe_database_error(error, url)
        problem = f"The move stopped, and can be continued. {reason}"
        raise CommandError(problem, fix=fix, where=where) from None
    finally:
        await database.close()


class Mover:
    """Moves rows from the file to the other database; `begin` comes first."""

    state: MoveState
    """How far the move is."""

    def __init__(self, file: Path, source: Database, there: Database, display: Display) -> None:
        """`source` is the file's database, `there` the other one."""
        self._file = file
        self._source = source
        self._there = there
        self._display = display

    async def begin(self, settings: Settings, new: Settings) -> None:
        """Begin a move, or continue one of this bot. Raises CommandError."""
        revision = await self._source.read(migrations.current_revision)
        if not await self._there.lock_exclusively():
            raise CommandError("Another program uses this database.", fix="Stop it.", where="--to")
        found = await self._there.read(target.state_of)
        if revision is None:
            raise no_database()
        if revision == migrations.MOVED and found is not None:
            # The move was killed within its last transaction, which has not been committed.
            await asyncio.to_thread(snapshots.set_revision, self._file, migrations.latest())
        elif revision != migrations.latest():
            raise startup.other_version(revision)
        vault = await startup.open_vault(settings, self._source)
        bot = vault.keyed_hash(_BOT, "").hex()
        if found is None:
            await self._begin_in_empty(bot, new)
        elif (found.bot, found.revision) != (bot, migrations.latest()):
            whose = "another bot" if found.bot != bot else "another version of actionbot"
            raise CommandError(
                f"The move into this database was begun by {whose}.",
                fix="Create another, empty database, and move to that.",
                where="--to",
            )
        elif not snapshots.path_of(self._file, found.snapshot).exists():
            self.state = await self._new_state(bot)
            await self._there.transact(partial(target.begin_again, state=self.state))
        else:
            self.state = found
        snapshots.remove_others(self._file, self.state.snapshot)

    async def _begin_in_empty(self, bot: str, new: Settings) -> None:
        url = new.database.url.get_secret_value()
        if not await self._there.read(target.is_empty):
            raise CommandError(
                "This database is not empty, and no move into it was interrupted.",
                fix="Create an empty one: createdb NAME",
                where="--to",
            )
        await asyncio.to_thread(startup.bring_up_to_date, url)
        self.state = await self._new_state(bot)
        await self._there.transact(partial(target.begin, state=self.state))

    async def _new_state(self, bot: str) -> MoveState:
        snapshot = secrets.token_hex(8)
        self._display.begin("Taking a snapshot")
        await asyncio.to_thread(snapshots.take, self._file, snapshot)
        return MoveState(bot, snapshot, migrations.latest())

    @property
    def _snapshot(self) -> Path:
        return snapshots.path_of(self._file, self.state.snapshot)

    async def copy(self) -> None:
        """Copy the snapshot, from where an interrupted move has stopped."""
        if self.state.copied:
            return
        tables = metadata.sorted_tables
        with snapshots.reading(self._snapshot) as opened:
            total = sum(snapshots.count(opened, table) for table in tables)
            self._display.begin("Copying", total)
            self._display.advance(sum(self.state.of(table).rows for table in tables))
            for table in tables:
                rows = snapshots.rows_of(opened, table, self.state.of(table).rows)
                while batch := await asyncio.to_thread(rows.fetchmany, _BATCH):
                    add = partial(target.add_rows, state=self.state, table=table, rows=batch)
                    self.state = await self._there.transact(add)
                    self._display.advance(len(batch))
        self.state = await self._there.transact(partial(target.finish_copy, state=self.state))

    async def verify(self) -> None:
        """Compare all tables with what was copied. Raises CommandError."""
        self._display.begin("Comparing all tables")
        with _different_rows_refused():
            await self._there.transact(partial(target.verify, state=self.state))

    async def wait_for_the_bot(self) -> None:
        """Copy what changes until the bot is stopped; from then on, it can't start."""
        caught_up = None
        while not await self._source.lock_exclusively():
            if caught_up is None or time.monotonic() - caught_up > _BETWEEN_CATCHING_UP:
                await self._catch_up()
                if caught_up is None:
                    self._display.ask_to_stop()
                self._display.begin("Waiting until the bot is stopped")
                caught_up = time.monotonic()
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def _catch_up(self) -> None:
        """Copy what changed since the snapshot, with the help of a new one."""
        self._display.begin("Copying what changed")
        snapshot = secrets.token_hex(8)
        file = await asyncio.to_thread(snapshots.take, self._file, snapshot)
        changes = await asyncio.to_thread(self._changes_in, file)
        apply = partial(target.apply, state=self.state, snapshot=snapshot, changes=changes)
        with _different_rows_refused():
            self.state = await self._there.transact(apply)
        snapshots.remove_others(self._file, snapshot)

    def _changes_in(self, file: Path) -> target.Changes:
        with snapshots.reading(file, before=self._snapshot) as opened:
            return _changes(opened)

    async def finish(self) -> None:
        """Copy the last changes, compare them, and end the move. Raises CommandError."""
        self._display.begin("Copying the last changes")
        try:
            with snapshots.locking(self._file, before=self._snapshot) as opened:
                changes = await asyncio.to_thread(_changes, opened)
                with _different_rows_refused():
                    self.state = await self._there.transact(partial(self._end, opened, changes))
        finally:
            await self._use_old_unless_complete()

    def _end(
        self, opened: sqlite3.Connection, changes: target.Changes, connection: Connection
    ) -> MoveState:
        after = target.apply(connection, self.state, self.state.snapshot, changes)
        target.complete(connection, after)
        # Before the commit: at no time could a bot run on each of the two databases.
        snapshots.end_with_revision(opened, migrations.MOVED)
        return after

    async def _use_old_unless_complete(self) -> None:
        """Let the old database be used again if the last transaction failed."""
        if await self._there.read(target.state_of) is not None:
            await asyncio.to_thread(snapshots.set_revision, self._file, migrations.latest())


def _changes(opened: sqlite3.Connection) -> target.Changes:
    return {table.name: snapshots.changes(opened, table) for table in metadata.sorted_tables}


@contextmanager
def _different_rows_refused() -> Iterator[None]:
    try:
        yield
    except DifferentRows as error:
        raise CommandError(
            f"The new database doesn't hold the same rows in: {error}.",
            fix="The bot can go on with the old database. Move to another, empty one.",
            where="--to",
        ) from None
