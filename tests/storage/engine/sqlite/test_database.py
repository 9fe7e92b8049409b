import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from storage.crypto.vault import Vault
from storage.engine.sqlite.database import SqliteDatabase
from storage.mail.delivery import sending, uncertain
from storage.schema.tables import counters, metadata, updates

AT = datetime(2019, 6, 21, 14, 2, 3, 456789, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(tmp_path / "actionbot.db")
    await database.transact(metadata.create_all)
    yield database
    await database.close()


def claim(connection: Connection, update_id: int) -> None:
    connection.execute(insert(updates).values(update_id=update_id, at=AT))


def claimed(connection: Connection) -> list[int]:
    return list(connection.scalars(select(updates.c.update_id).order_by(updates.c.update_id)))


async def test_commits_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    first = await SqliteDatabase.open(path)
    await first.transact(metadata.create_all)
    await first.transact(lambda connection: claim(connection, 1))
    await first.close()
    second = await SqliteDatabase.open(path)
    assert await second.transact(claimed) == [1]
    assert await second.transact(lambda connection: connection.scalar(select(updates.c.at))) == AT
    await second.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_closing_ends_all_threads(tmp_path: Path) -> None:
    before = threading.active_count()
    database = await SqliteDatabase.open(tmp_path / "brief.db")
    await database.close()
    assert threading.active_count() == before


async def test_one_failing_transaction_fails_alone(database: SqliteDatabase) -> None:
    await database.transact(lambda connection: claim(connection, 3))
    works = [database.transact(partial(claim, update_id=number)) for number in range(6)]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        *[type(None)] * 3,
        IntegrityError,
        *[type(None)] * 2,
    ]
    assert await database.transact(claimed) == [0, 1, 2, 3, 4, 5]


async def test_a_transaction_that_raises_changes_nothing(database: SqliteDatabase) -> None:
    def half_done(connection: Connection) -> None:
        claim(connection, 1)
        raise LookupError

    works = [database.transact(half_done), database.transact(lambda c: claim(c, 2))]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError, type(None)]
    assert await database.transact(claimed) == [2]


async def test_a_rollback_by_sqlite_does_not_affect_other_transactions(
    database: SqliteDatabase,
) -> None:
    await database.transact(lambda connection: claim(connection, 1))

    def rolls_back(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT OR ROLLBACK INTO updates (update_id, at, failed) VALUES (1, 0, 0)"
        )

    works = [database.transact(lambda c: claim(c, 2)), database.transact(rolls_back)]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), IntegrityError]
    assert await database.transact(claimed) == [1, 2]


async def test_no_transaction_seems_committed_on_a_full_disk(database: SqliteDatabase) -> None:
    pages = await database.transact(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    limit = f"PRAGMA max_page_count = {pages + 2}"
    await database.transact(lambda connection: connection.exec_driver_sql(limit).scalar_one())

    def count(connection: Connection, number: int) -> None:
        row = {"campaign": f"{number}-{'x' * 600}", "accepted": 1, "last_number": 1}
        connection.execute(insert(counters).values(row))

    works = [database.transact(partial(count, number=number)) for number in range(30)]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    kept = await database.transact(lambda c: c.scalar(select(func.count()).select_from(counters)))
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert refused
    assert {type(outcome) for outcome in refused} == {OperationalError}
    assert kept == len(outcomes) - len(refused)


async def test_a_failing_commit_fails_only_its_own_transaction(database: SqliteDatabase) -> None:
    def make(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE child (of INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
        )

    def orphan(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO child VALUES (7)")

    await database.transact(make)
    works = [database.transact(orphan), database.transact(lambda c: claim(c, 1))]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [IntegrityError, type(None)]
    assert await database.transact(claimed) == [1]


async def test_waiting_transactions_share_commits(database: SqliteDatabase) -> None:
    works = [database.transact(partial(claim, update_id=number)) for number in range(500)]
    await asyncio.gather(*works)
    assert await database.transact(claimed) == list(range(500))


async def test_a_cancelled_caller_does_not_affect_others(database: SqliteDatabase) -> None:
    gone = asyncio.create_task(database.transact(lambda connection: claim(connection, 1)))
    stays = asyncio.create_task(database.transact(lambda connection: claim(connection, 2)))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert 2 in await database.transact(claimed)
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_naive_time_is_refused(database: SqliteDatabase) -> None:
    naive = datetime(2019, 6, 21)  # noqa: DTZ001 - the naive time is what is tested

    def keep(connection: Connection) -> None:
        connection.execute(insert(updates).values(update_id=1, at=naive))

    with pytest.raises(StatementError, match="zone"):
        await database.transact(keep)


async def test_discarding_erased_rows_first_blocks_nothing(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "tidied.db")
    await database.discard_erased()
    await database.transact(metadata.create_all)
    assert await database.transact(claimed) == []
    await database.close()


async def test_due_mail_is_found_without_reading_sent_mail(
    database: SqliteDatabase, vault: Vault
) -> None:
    plans: list[str] = []

    def work(connection: Connection) -> None:
        @event.listens_for(connection, "before_cursor_execute")
        def explain(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(detail for *_, detail in cursor.fetchall() if "outbox" in detail)

        lanes = ("", "river")
        sending.claim(connection, vault, lanes=lanes, now=AT, lease="lease", until=AT, limit=2)
        sending.schedule(connection)
        uncertain.recover_lost(connection, now=AT)

    await database.transact(work)
    assert plans == [
        *["SEARCH outbox USING INDEX ix_outbox_due (lane=? AND not_before<?)"] * 2,
        "SEARCH outbox USING INDEX ix_outbox_due",
        "SEARCH outbox USING INDEX ix_outbox_due (lane>?)",
        "SEARCH outbox USING INDEX ix_outbox_due (lane=?)",
        "SEARCH outbox USING INDEX ix_outbox_leased",
        *["SEARCH outbox USING INDEX ix_outbox_leased (lease_until<?)"] * 2,
    ]


async def test_opening_a_file_that_is_no_database_leaves_no_thread(tmp_path: Path) -> None:
    """A thread that lives on would keep the process from ending."""
    before = threading.enumerate()
    file = tmp_path / "test.db"
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        await SqliteDatabase.open(file)
    assert threading.enumerate() == before


async def test_a_read_without_statements_ends_its_transaction(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "test.db")
    assert await database.read(lambda _: 1) == 1
    assert await database.read(lambda _: 2) == 2
    await database.close()
