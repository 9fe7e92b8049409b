"""The audit log: a chain that nobody without the keys can change unseen, on both engines."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Executable, delete, insert, select, update

from bot.services.housekeeping.authority_watch import remember, verify_log
from bot.services.housekeeping.key_rotation import reencrypt_all
from conversations.core.effects.base import AuditedAction
from storage.admin import audit, audit_chain
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.encryption import AUDIT_NAMES
from storage.schema.tables import audit as table
from tests.vaults import FIRST_DAY, make_vault

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLGA = b"o" * 32


def note(connection: Connection, vault: Vault, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        at = NOW + timedelta(minutes=number)
        audit.add(
            connection, vault, OLGA, "Olga (17)", AuditedAction("resumed", f"river-{number}"), at
        )


async def shown(database: Database, vault: Vault, number: int = 1) -> list[str]:
    page = await database.read(partial(audit.page, vault=vault, number=number))
    return [entry.noted.about for entry in page.entries]


async def is_intact(database: Database, vault: Vault) -> bool:
    """Whether the whole log is intact; what an admin sees of its only page must say the same."""
    page = await database.read(partial(audit.page, vault=vault, number=1))
    walk = await verify_log(database, vault)
    assert page.is_genuine is not walk.is_broken
    return page.is_genuine


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
    assert await is_intact(database, newer)


async def test_pages_start_with_the_latest_entry(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 23))

    async def page(number: int) -> tuple[int, int, list[str], bool]:
        page = await database.read(partial(audit.page, vault=vault, number=number))
        about = [entry.noted.about for entry in page.entries]
        return page.number, page.pages, about, page.is_genuine

    assert await page(1) == (1, 3, [f"river-{number}" for number in range(22, 12, -1)], True)
    assert await page(3) == (3, 3, ["river-2", "river-1", "river-0"], True)
    assert await page(99) == await page(3)


async def test_the_head_names_the_last_entry(database: Database, vault: Vault) -> None:
    heads = []
    for number in range(3):
        await database.transact(partial(note, vault=vault, count=1, first=number))
        heads.append((await database.read(lambda c: audit.page(c, vault, 1))).head)
    assert [head.partition(": ")[0] for head in heads] == ["1", "2", "3"]
    assert len(set(heads)) == 3
    assert all(len(head.partition(": ")[2]) == len("3fa9 1c22 3fa9 1c22") for head in heads)


def _second(column: str) -> Executable:
    return update(table).where(table.c.position == 2).values({column: b"p" * 32})


CHANGES: dict[str, Callable[[], Executable]] = {
    "action": lambda: update(table).where(table.c.position == 2).values(action="paused"),
    "about": lambda: update(table).where(table.c.position == 2).values(about="sea"),
    "time": lambda: update(table).where(table.c.position == 2).values(at=NOW),
    "person": lambda: _second("staff_key"),
    "digest": lambda: _second("digest"),
    "names": lambda: _second("encrypted_names"),
    "id": lambda: update(table).where(table.c.position == 2).values(entry="x" * 32),
    "first entry removed": lambda: delete(table).where(table.c.position == 1),
    "middle entry removed": lambda: delete(table).where(table.c.position == 2),
    "last entry removed": lambda: delete(table).where(table.c.position == 3),
    "emptied": lambda: delete(table),
    "renumbered": lambda: update(table).values(position=table.c.position + 10),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_from_outside_is_found(
    database: Database, vault: Vault, change: str
) -> None:
    await database.transact(lambda c: note(c, vault, 3))
    assert await remember(database, vault)
    assert await is_intact(database, vault)
    await database.transact(lambda c: c.execute(CHANGES[change]()))
    assert not await is_intact(database, vault)
    # Neither do new entries hide it, nor is what was forged remembered.
    await database.transact(lambda c: note(c, vault, 2, 3))
    await remember(database, vault)
    assert not await is_intact(database, vault)


async def test_a_change_is_found_after_a_restart_of_a_machine_that_knew_nothing(
    database: Database, vault: Vault
) -> None:
    await database.transact(lambda c: note(c, vault, 3))
    await database.transact(lambda c: c.execute(CHANGES["middle entry removed"]()))
    assert not await is_intact(database, make_vault())


async def test_an_entry_cannot_be_forged_without_keys(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 3))
    await remember(database, vault)

    def forge(connection: Connection) -> None:
        last = connection.execute(select(table).where(table.c.position == 3)).mappings().one()
        connection.execute(insert(table), {**last, "entry": "f" * 32, "position": 4})

    await database.transact(forge)
    assert not await is_intact(database, vault)
    assert await shown(database, vault) == ["river-2", "river-1", "river-0"]


async def test_a_log_from_yesterday_is_found(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 2))
    yesterday = await database.read(lambda c: c.execute(select(table)).mappings().all())
    await database.transact(lambda c: note(c, vault, 2, 2))
    await remember(database, vault)

    def put_back(connection: Connection) -> None:
        connection.execute(delete(table))
        connection.execute(insert(table), [dict(row) for row in yesterday])

    await database.transact(put_back)
    assert not await is_intact(database, vault)
    # Another machine, whose memory is older, adds entries of its own.
    other = make_vault()
    await database.transact(lambda c: note(c, other, 5, 9))
    assert not await is_intact(database, vault)


async def test_purging_leaves_a_checkpoint(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 5))
    await remember(database, vault)
    purge = partial(audit_chain.purge, vault=vault, before=NOW + timedelta(minutes=3))
    assert await database.transact(purge) == 3
    assert await shown(database, vault) == ["river-4", "river-3"]
    assert await is_intact(database, vault)
    await database.transact(lambda c: note(c, vault, 1, 5))
    await remember(database, vault)
    assert await is_intact(database, vault)
    everything = partial(audit_chain.purge, vault=vault, before=NOW + timedelta(days=1))
    assert await database.transact(everything) == 3
    assert (await shown(database, vault), await is_intact(database, vault)) == ([], True)
    await database.transact(lambda c: note(c, vault, 1, 6))
    page = await database.read(partial(audit.page, vault=vault, number=1))
    assert page.head.startswith("7: ")
    assert await is_intact(database, vault)


async def test_a_forged_log_is_not_purged(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 5))
    await remember(database, vault)
    await database.transact(lambda c: c.execute(CHANGES["action"]()))
    purge = partial(audit_chain.purge, vault=vault, before=NOW + timedelta(days=1))
    assert await database.transact(purge) == 0


async def test_entries_from_before_the_checkpoint_do_not_come_back(
    database: Database, vault: Vault
) -> None:
    await database.transact(lambda c: note(c, vault, 3))
    ordered = select(table).order_by(table.c.position)
    old = await database.read(lambda c: c.execute(ordered).mappings().all())
    purge = partial(audit_chain.purge, vault=vault, before=NOW + timedelta(minutes=2))
    await database.transact(purge)
    await remember(database, vault)
    await database.transact(lambda c: c.execute(insert(table), dict(old[0])))
    assert await shown(database, vault) == ["river-2"]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_damaged_log_can_be_accepted_on_the_server(
    database: Database, vault: Vault, change: str
) -> None:
    await database.transact(lambda c: note(c, vault, 3))
    await remember(database, vault)
    await database.transact(lambda c: c.execute(CHANGES[change]()))
    await database.transact(partial(audit_chain.accept, vault=vault))
    assert await is_intact(database, vault)
    await database.transact(lambda c: note(c, vault, 2, 3))
    assert await remember(database, vault)
    assert await is_intact(database, vault)
    # A second forgery is found as the first one was, also inside the gap.
    await database.transact(
        lambda c: c.execute(
            insert(table),
            {
                "entry": "f" * 32,
                "position": 900,
                "digest": b"d" * 32,
                "at": NOW,
                "action": "resumed",
                "about": "river",
                "encrypted_names": vault.encrypt(b'["",""]', AUDIT_NAMES, row=b"f" * 32),
            },
        )
    )
    assert not await is_intact(database, vault)


async def test_a_restored_log_goes_on(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: note(c, vault, 2))
    backup = await database.read(lambda c: c.execute(select(table)).mappings().all())
    await database.transact(lambda c: note(c, vault, 2, 2))
    await remember(database, vault)

    def restore(connection: Connection) -> None:
        connection.execute(delete(table))
        connection.execute(insert(table), [dict(row) for row in backup])
        audit_chain.accept(connection, vault)
        audit.add_command(connection, vault, "restore", NOW)

    await database.transact(restore)
    assert await shown(database, vault) == ["restore", "river-1", "river-0"]
    assert await remember(database, vault)
    assert await is_intact(database, vault)
    page = await database.read(partial(audit.page, vault=vault, number=1))
    assert page.head.startswith("5: ")


async def test_entries_are_added_one_after_the_other(database: Database, vault: Vault) -> None:
    await asyncio.gather(
        *(database.transact(partial(note, vault=vault, count=2, first=n)) for n in range(10))
    )
    assert await is_intact(database, vault)
    assert vault.trusted.head is None
    await remember(database, vault)
    assert vault.trusted.head is not None
    assert vault.trusted.head.position == 20
