"""One-time codes, on both engines."""

import asyncio
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import Connection

from conversations.core.facts import AddressFacts, CodeCheck, CodeVerdict, CodeWait
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.address_keys import AddressKeys
from storage.mail.proof import codes
from storage.mail.proof.code_limits import CodeLimits
from storage.retention import purge
from storage.schema.tables import codes as table
from storage.schema.tables import disowned_addresses
from tests.domains import GMAIL
from tests.storage.people import (
    AHMED,
    MARIA,
    NOW,
    acts,
    after,
    code,
    known_of,
    next_code_for,
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

    async def waits(
        self, now: datetime, chat: int = MARIA, address: str = "maria@mail.example"
    ) -> CodeWait:
        return await self.database.transact(
            lambda c: next_code_for(c, self.vault, chat, address, now=now)
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
    assert await maria.waits(NOW) == CodeWait(0)
    await maria.asks("00000001", NOW)
    assert await maria.waits(after(seconds=20)) == CodeWait(40, is_pending=True)
    await maria.asks("00000002", after(minutes=1))
    await maria.asks("00000003", after(minutes=2))
    assert await maria.waits(after(minutes=5)) == CodeWait(55 * 60, is_pending=True)
    await maria.asks("00000004", after(minutes=60))
    await maria.asks("00000005", after(minutes=62))
    assert await maria.waits(after(hours=3)) == CodeWait(21 * 3600)


async def test_the_limits_apply_to_an_address_in_all_chats(maria: Codes) -> None:
    await maria.asks("00000001", NOW, chat=MARIA)
    assert await maria.waits(after(seconds=10), chat=AHMED) == CodeWait(50)


async def test_six_accounts_and_the_sub_addresses_of_one_mailbox(maria: Codes) -> None:
    """The limit of a mailbox holds for all its addresses, also for requests at the same time."""
    sent = 0

    def asks(connection: Connection, number: int) -> int:
        chat, address = 2001 + number % 6, f"Maria+{number}@mail.example"
        now = after(minutes=number // 6)
        if next_code_for(connection, maria.vault, chat, address, now=now).seconds:
            return 0
        acts(connection, maria.vault, chat, code(f"{number:08}", address), now=now)
        return 1

    for _ in range(3):
        at_once = (
            maria.database.transact(partial(asks, number=number + 100 * sent))
            for number in range(18)
        )
        sent += sum(await asyncio.gather(*at_once))
    assert sent == 3


async def test_requests_of_a_domain_at_the_same_time(maria: Codes) -> None:
    limits = CodeLimits(per_domain=60, in_total=1000)

    def asks(connection: Connection, number: int) -> int:
        chat, address = 2001 + number, f"student{number}@uni.example"
        if next_code_for(connection, maria.vault, chat, address, limits=limits).seconds:
            return 0
        acts(connection, maria.vault, chat, code(f"{number:08}", address), now=NOW)
        return 1

    requests = (maria.database.transact(partial(asks, number=number)) for number in range(80))
    assert sum(await asyncio.gather(*requests)) == 60


async def test_the_limits_of_a_domain_and_in_total(maria: Codes) -> None:
    limits = CodeLimits(per_domain=2, in_total=4)

    async def wait(address: str, now: datetime) -> tuple[int, bool]:
        found = await maria.database.transact(
            lambda c: next_code_for(c, maria.vault, 3001, address, limits=limits, now=now)
        )
        return found.seconds, found.is_busy

    await maria.asks("00000001", NOW, 2001, "ana@mx1.uni.example")
    assert await wait("rui@uni.example", after(minutes=1)) == (0, False)
    await maria.asks("00000002", after(minutes=1), 2002, "rui@mx2.uni.example")
    assert await wait("zoe@uni.example", after(minutes=2)) == (58 * 60, True)
    assert await wait("rui@uni.example", after(minutes=1)) == (59 * 60, True)
    for number in (3, 4):
        address = f"ana{number}@{GMAIL}"
        await maria.asks(f"0000000{number}", after(minutes=number), 2000 + number, address)
    assert await wait("zoe@other.example", after(minutes=5)) == (55 * 60, True)
    assert await wait(f"zoe@{GMAIL}", after(minutes=60)) == (0, False)


async def test_the_limit_of_a_domain_is_not_that_of_a_large_provider(maria: Codes) -> None:
    limits = CodeLimits(per_domain=1, in_total=100)
    await maria.asks("00000001", NOW, 2001, f"ana@{GMAIL}")
    wait = await maria.database.transact(
        lambda c: next_code_for(c, maria.vault, MARIA, f"rui@{GMAIL}", limits=limits, now=NOW)
    )
    assert wait == CodeWait(0)


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
    facts = await maria.database.read(lambda c: known_of(c, maria.vault, MARIA))
    assert facts == AddressFacts(disowned=True)
    assert await maria.types("48210937", NOW) == CodeCheck(CodeVerdict.NONE)
    (row,) = await maria.database.read(lambda c: c.execute(disowned_addresses.select()).all())
    assert row == (address.disowned, after(days=1).replace(hour=0, minute=0))


async def test_only_a_keyed_hash_is_stored(maria: Codes) -> None:
    await maria.asks("48210937", NOW)
    row = await maria.database.transact(lambda c: c.execute(table.select()).one())
    assert "48210937" not in str(tuple(row))
    assert len(row.code_hash) == 32
    pruned = await maria.database.transact(lambda c: purge.purge(c, maria.vault, now=after(days=3)))
    assert pruned["codes"] == 1
