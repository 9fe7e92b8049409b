"""Errors of an unavailable PostgreSQL server, and errors of the work."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.delivery import sending
from tests.databases import close_connections
from tests.storage.people import NOW, queues

_FAILS = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{}'; END $$"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("state", ["08006", "25006", "40P01", "53300", "55P03", "57P01", "57P03"])
async def test_an_unavailable_server_is_an_operational_error(
    database: Database, state: str
) -> None:
    for run in (database.transact, database.read):
        with pytest.raises(OperationalError):
            await run(lambda c: c.execute(text(_FAILS.format(state))))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_an_operational_error(database: Database) -> None:
    cut = text("SELECT pg_terminate_backend(pg_backend_pid())")
    for run in (database.transact, database.read):
        with pytest.raises(OperationalError):
            await run(lambda c: c.execute(cut))
    assert await database.transact(lambda c: c.execute(text("SELECT 1")).scalar()) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_connections_that_the_server_closed_are_replaced(
    database: Database, database_url: str
) -> None:
    def backend(connection: Connection) -> int:
        found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        return found

    before = await asyncio.gather(*(database.transact(backend) for _ in range(3)))
    await close_connections(database_url)
    after = await asyncio.gather(*(database.transact(backend) for _ in range(3)))
    assert not set(before) & set(after)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_transaction_asks_the_server_nothing_of_its_own(database: Database) -> None:
    asked: list[str] = []

    def note(query: Any) -> None:
        asked.append(query.query)

    def listen(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.add_query_logger(note)

    await database.transact(listen)
    asked.clear()
    await database.transact(lambda c: c.execute(text("SELECT 1")))
    assert asked == ["BEGIN;", "COMMIT;"]  # prepared statements are not among them


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_error_in_the_work_is_raised_as_it_is(database: Database) -> None:
    def divides(connection: Connection) -> object:
        return connection.execute(text("SELECT 1/0")).scalar()

    with pytest.raises(DBAPIError) as raised:
        await database.transact(divides)
    assert not isinstance(raised.value, OperationalError)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_due_mail_is_found_by_its_index(database: Database, vault: Vault) -> None:
    told: list[str] = []

    def work(connection: Connection) -> None:
        for number in range(300):
            queues(connection, vault, number, NOW)
        connection.execute(text("ANALYZE outbox"))

        @event.listens_for(connection, "before_cursor_execute")
        def explain(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
            cursor.execute(f"EXPLAIN {statement}", given)
            told.extend(line for (line,) in cursor.fetchall())

        lanes = ("", "river")
        sending.claim(connection, vault, lanes=lanes, now=NOW, lease="lease", until=NOW, limit=2)

    await database.transact(work)
    plan = "\n".join(told)
    assert plan.count("Index Scan using ix_outbox_due on outbox") == 2, plan
    assert "Seq Scan on outbox" not in plan
