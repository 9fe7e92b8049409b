"""Documents of authority can't be forged, and old ones can't be put back, on both engines."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from storage.admin import approvals, authority
from storage.crypto.keys import KeyFileError
from storage.crypto.trusted_state import LogHead, TrustedState
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.encryption import AUTHORITY
from storage.schema.tables import authority as table
from tests.vaults import make_vault


async def write(database: Database, vault: Vault, name: str, content: dict[str, Any]) -> None:
    """Write a document and remember it, as the running bot does after the commit."""

    def work(connection: Connection) -> None:
        authority.lock(connection)
        authority.write(connection, vault, name, content)

    await database.transact(work)
    vault.trusted.advance(await database.read(lambda c: authority.committed(c, vault)), None)


async def read(database: Database, vault: Vault, name: str) -> authority.Document:
    return await database.read(lambda c: authority.read(c, vault, name))


async def rows(database: Database) -> Sequence[dict[str, Any]]:
    found = await database.read(lambda c: c.execute(select(table)).mappings().all())
    return [dict(row) for row in found]


async def replace_rows(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    """Do what somebody does who can write to the database: swap the whole table."""

    def work(connection: Connection) -> None:
        connection.execute(delete(table))
        if rows:
            connection.execute(insert(table), [dict(row) for row in rows])

    await database.transact(work)


async def test_a_document_holds_what_was_written(database: Database, vault: Vault) -> None:
    assert await read(database, vault, authority.TEAM) == authority.Document()
    await write(database, vault, authority.TEAM, {"members": {}})
    await write(database, vault, authority.TEAM, {"members": {"7": "admin"}})
    found = await read(database, vault, authority.TEAM)
    assert found == authority.Document(2, {"members": {"7": "admin"}})
    assert b"admin" not in (await rows(database))[0]["encrypted_content"]


@pytest.mark.parametrize("generation", [1, 99])
async def test_an_older_document_is_refused(
    database: Database, vault: Vault, generation: int
) -> None:
    await write(database, vault, authority.TEAM, {"members": {"7": "admin"}})
    yesterday = await rows(database)
    await write(database, vault, authority.TEAM, {"members": {}})
    # The column says what the attacker likes: the number inside the content counts.
    await replace_rows(database, [{**each, "generation": generation} for each in yesterday])
    found = await read(database, vault, authority.TEAM)
    assert found == authority.Document(2, {"members": {}}, is_refused=True)
    assert await database.read(lambda c: authority.refused(c, vault)) == (authority.TEAM,)
    # What the attacker wrote isn't remembered, and the next change builds on the newest one.
    vault.trusted.advance(await database.read(lambda c: authority.committed(c, vault)), None)
    await write(database, vault, authority.TEAM, {"members": {"8": "admin"}})
    assert await read(database, vault, authority.TEAM) == authority.Document(
        3, {"members": {"8": "admin"}}
    )


@pytest.mark.parametrize("change", ["emptied", "forged", "other_name", "other_keys"])
async def test_a_forged_or_missing_document_is_refused(
    database: Database, vault: Vault, change: str
) -> None:
    await write(database, vault, authority.MODES, {"river": {"test": True}})
    await write(database, vault, authority.TEAM, {"members": {}})
    stored = {row["name"]: row for row in await rows(database)}
    team, modes = stored[authority.TEAM], stored[authority.MODES]
    match change:
        case "emptied":
            forged = [modes]
        case "forged":
            forged = [modes, {**team, "generation": 9, "encrypted_content": b"\x02" * 60}]
        case "other_name":
            forged = [modes, {**team, "encrypted_content": modes["encrypted_content"]}]
        case _:
            strange = make_vault()
            content = strange.encrypt(b"{}", AUTHORITY, row=b"roles")
            forged = [modes, {**team, "encrypted_content": content}]
    await replace_rows(database, forged)
    found = await read(database, vault, authority.TEAM)
    assert found == authority.Document(1, {"members": {}}, is_refused=True)
    await database.transact(lambda c: authority.put_back(c, vault))
    assert await database.read(lambda c: authority.refused(c, vault)) == ()
    assert await rows(database) == [modes, team]


async def test_what_cannot_be_read_grants_nothing(database: Database, vault: Vault) -> None:
    """Covers a machine without a state file, such as a new one."""
    await write(database, vault, authority.TEAM, {"members": {"7": "admin"}})
    await database.transact(lambda c: c.execute(update(table).values(encrypted_content=b"x" * 99)))
    newcomer = make_vault()
    found = await read(database, newcomer, authority.TEAM)
    assert found == authority.Document(is_refused=True)
    await database.transact(lambda c: authority.put_back(c, newcomer))
    assert await database.read(lambda c: authority.refused(c, newcomer)) == ()
    assert await rows(database) == []


async def test_an_approval_is_for_exactly_this_content(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: approvals.approve(c, vault, "b1", b"Good news"))
    approved = [
        await database.read(
            partial(approvals.is_approved, vault=vault, about=about, content=content)
        )
        for about, content in (("b1", b"Good news"), ("b1", b"Bad news"), ("b2", b"Good news"))
    ]
    assert approved == [True, False, False]


async def test_an_approval_that_ended_cannot_be_put_back(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: approvals.approve(c, vault, "b1", b"Good news"))
    vault.trusted.advance(await database.read(lambda c: authority.committed(c, vault)), None)
    approved = await rows(database)
    await database.transact(lambda c: approvals.revoke(c, vault, "b1"))
    vault.trusted.advance(await database.read(lambda c: authority.committed(c, vault)), None)
    await replace_rows(database, approved)
    assert not await database.read(lambda c: approvals.is_approved(c, vault, "b1", b"Good news"))


async def test_all_approvals_end_at_once(database: Database, vault: Vault) -> None:
    for about in ("b1", "b2"):
        approve = partial(approvals.approve, vault=vault, about=about, content=b"text")
        await database.transact(approve)
    await database.transact(lambda c: approvals.revoke_all(c, vault))
    for about in ("b1", "b2"):
        is_approved = partial(approvals.is_approved, vault=vault, about=about, content=b"text")
        assert not await database.read(is_approved)


# --- the file -------------------------------------------------------------------------------------


async def test_the_file_remembers_the_newest(
    tmp_path: Path, database: Database, vault: Vault
) -> None:
    file = tmp_path / "actionbot.keys.state"
    await write(database, vault, authority.TEAM, {"members": {}})
    first = await database.read(lambda c: authority.committed(c, vault))
    await write(database, vault, authority.TEAM, {"members": {"7": "admin"}})
    second = await database.read(lambda c: authority.committed(c, vault))
    one, other = TrustedState(file), TrustedState(file)
    one.advance(second, LogHead(7, b"seven"))
    # A process that knows less, or is slower, takes nothing back.
    other.advance(first, LogHead(6, b"six"))
    for state in (other, TrustedState(file)):
        assert (dict(state.documents), state.head) == (second, LogHead(7, b"seven"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"admin" not in file.read_bytes()


@pytest.mark.parametrize("content", ["", "[]", '{"documents": {}}', '{"documents": 1, "audit": 1}'])
def test_a_damaged_file_is_reported(tmp_path: Path, content: str) -> None:
    file = tmp_path / "actionbot.keys.state"
    file.write_text(content)
    with pytest.raises(KeyFileError, match="is damaged"):
        TrustedState(file)
