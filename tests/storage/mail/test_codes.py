"""One-time codes, on both engines."""

from datetime import datetime
from functools import partial

import pytest

from conversations.core.facts import AddressFacts, CodeCheck, CodeVerdict
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import codes
from storage.mail.address_keys import AddressKeys
from storage.retention import purge
from storage.schema.tables import codes as table
from storage.schema.tables import disowned_addresses
from tests.storage.people import (
    AHMED,
    MARIA,
    NOW,
    acts,
    after,
    code,
    known_of,
    types_code,
)


class Codes:
    """Maria requests codes and types them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault

    async def asks(
        self, digits: str, now: datetime, chat: int = MARIA, address: str = "maria@mail.example"
    ) -> None:
        effect = code(digits, address)
        await self.database.transact(lambda c: acts(c, self.vault, chat, effect, now=now))

    async def types(
        self, digits: str, now: datetime, chat: int = MARIA, address: str = "maria@mail.example"
    ) -> CodeCheck:
        return await self.database.transact(
            lambda c: types_code(c, self.vault, chat, digits, address=address, now=now)
        )

    async def knows(
        self, now: datetime, chat: int = MARIA, address: str = "maria@mail.example"
    ) -> AddressFacts:
        return await self.database.transact(
            lambda c: known_of(c, self.vault, chat, address, now=now)
        )


@pytest.fixture
def maria(database: Database, vault: Vault) -> Codes:
    return Codes(database, vault)


async def test_the_right_code_counts_once(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    assert await maria.types("4821 0937", after(minutes=2)) == CodeCheck(CodeVerdict.RIGHT)
    assert await maria.types("4821 0937", after(minutes=3)) == CodeCheck(CodeVerdict.NONE)


async def test_a_code_allows_five_attempts(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    wrong = [await maria.types("00000000", NOW) for _ in range(5)]
    assert wrong == [
        *(CodeCheck(CodeVerdict.WRONG, left) for left in (4, 3, 2, 1)),
        CodeCheck(CodeVerdict.SPENT),
    ]
    assert await maria.types("48210937", NOW) == CodeCheck(CodeVerdict.SPENT)


async def test_a_code_works_for_half_an_hour(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    assert await maria.types("48210937", after(minutes=30)) == CodeCheck(CodeVerdict.EXPIRED)


async def test_a_new_code_replaces_the_old(maria: Codes) -> None:
    await maria.asks("11111111", NOW)
    await maria.asks("22222222", after(seconds=60))
    assert await maria.types("11111111", after(seconds=61)) == CodeCheck(CodeVerdict.WRONG, 4)
    assert await maria.types("22222222", after(seconds=62)) == CodeCheck(CodeVerdict.RIGHT)


async def test_a_code_works_only_in_the_chat_that_requested_it(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    assert await maria.types("48210937", NOW, chat=AHMED) == CodeCheck(CodeVerdict.NONE)


async def test_a_minute_between_codes_three_an_hour_five_a_day(maria: Codes) -> None:
    assert (await maria.knows(NOW)).code_wait == 0
    await maria.asks("00000001", NOW)
    told = await maria.knows(after(seconds=20))
    assert (told.code_wait, told.code_pending) == (40, True)
    await maria.asks("00000002", after(minutes=1))
    await maria.asks("00000003", after(minutes=2))
    assert (await maria.knows(after(minutes=5))).code_wait == 55 * 60
    await maria.asks("00000004", after(minutes=60))
    await maria.asks("00000005", after(minutes=62))
    told = await maria.knows(after(hours=3))
    assert (told.code_wait, told.code_pending) == (21 * 3600, False)


async def test_the_limits_apply_to_an_address_in_all_chats(maria: Codes) -> None:
    await maria.asks("00000001", NOW, chat=MARIA)
    told = await maria.knows(after(seconds=10), chat=AHMED)
    assert (told.code_wait, told.code_pending) == (50, False)


async def test_an_owner_disowns_the_address(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    address = AddressKeys.of(maria.vault, "maria@mail.example")
    code_id = await maria.database.transact(lambda c: c.execute(table.select()).one().code_id)
    found = await maria.database.read(lambda c: codes.address_of(c, maria.vault, code_id))
    assert found is not None and found.mailbox == address.mailbox
    unknown = partial(codes.address_of, vault=maria.vault, code_id="f" * 32)
    assert await maria.database.read(unknown) is None
    for at in (NOW, after(days=1)):
        await maria.database.transact(
            partial(codes.disown_address, vault=maria.vault, address=address, now=at)
        )
    assert (await maria.knows(NOW)).disowned
    assert await maria.types("48210937", NOW) == CodeCheck(CodeVerdict.NONE)
    (row,) = await maria.database.read(lambda c: c.execute(disowned_addresses.select()).all())
    assert row == (address.disowned, NOW.replace(hour=0, minute=0))


async def test_only_a_keyed_hash_is_stored(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    row = await maria.database.transact(lambda c: c.execute(table.select()).one())
    assert "48210937" not in str(tuple(row))
    assert len(row.code_hash) == 32
    pruned = await maria.database.transact(lambda c: purge.purge(c, maria.vault, now=after(days=3)))
    assert pruned["codes"] == 1
