"""The audit log cannot be changed, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Executable, delete, select, update
from sqlalchemy.exc import DBAPIError

from bot.services.housekeeping.key_rotation import reencrypt_all
from conversations.core.effects.base import AuditedAction
from storage.admin import audit
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import audit as table
from tests.vaults import FIRST_DAY, make_vault

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLGA = b"o" * 32


def note(connection: Connection, vault: Vault, count: int) -> None:
    for number in range(count):
        at = NOW + timedelta(minutes=number)
        audit.add(
            connection, vault, OLGA, "Olga (17)", AuditedAction("resumed", f"river-{number}"), at
        )


@pytest.mark.parametrize(
    "change",
    [
        update(table).values(action="nothing"),
        update(table).values(at=NOW),
        update(table).values(person_key=b"p" * 32),
        delete(table),
    ],
)
async def test_entries_cannot_be_changed_or_deleted(
    database: Database, vault: Vault, change: Executable
) -> None:
    await database.transact(lambda c: note(c, vault, 2))
    before = await database.read(lambda c: c.execute(select(table)).all())
    with pytest.raises(DBAPIError, match="append-only"):
        await database.transact(lambda c: c.execute(change))
    assert await database.read(lambda c: c.execute(select(table)).all()) == before


async def test_names_are_encrypted_and_encrypted_again_with_a_new_key(
    database: Database, vault: Vault
) -> None:
    await database.transact(lambda c: note(c, vault, 1))
    (row,) = await database.read(lambda c: c.execute(select(table)).all())
    assert b"Olga" not in row.encrypted_names
    newer = make_vault(today=FIRST_DAY + timedelta(days=1))
    await reencrypt_all(database, newer, newer.day)
    newer.destroy_before(newer.day)
    (entry,) = (await database.read(lambda c: audit.page(c, newer, 1))).entries
    assert (entry.who, entry.noted) == ("Olga (17)", AuditedAction("resumed", "river-0"))


async def test_pages_start_with_the_latest_entry(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 23))

    async def shown(number: int) -> tuple[int, int, list[str]]:
        page = await database.read(lambda c: audit.page(c, vault, number))
        return page.number, page.pages, [entry.noted.about for entry in page.entries]

    assert await shown(1) == (1, 3, [f"river-{number}" for number in range(22, 12, -1)])
    assert await shown(3) == (3, 3, ["river-2", "river-1", "river-0"])
    assert await shown(99) == await shown(3)
