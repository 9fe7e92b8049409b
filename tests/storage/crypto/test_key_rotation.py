from datetime import timedelta
from functools import partial

import pytest

from bot.services.housekeeping.key_rotation import reencrypt_all
from storage.crypto import key_rotation
from storage.crypto.key_rotation import floor, raise_floor, sample_value
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.storage.people import AHMED, MARIA, acts, sends
from tests.vaults import FIRST_DAY, make_vault

NEXT_DAY = FIRST_DAY + timedelta(days=1)


async def test_an_empty_database_has_no_sample_value(database: Database, vault: Vault) -> None:
    assert await database.read(sample_value) is None
    assert (await reencrypt_all(database, vault, NEXT_DAY)).reencrypted == 0


async def test_after_a_pass_the_key_of_today_is_enough(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: acts(c, vault, MARIA, sends()))
    before = await database.read(sample_value)
    assert before
    today = make_vault(today=NEXT_DAY)
    first = await reencrypt_all(database, today, NEXT_DAY)
    assert first.reencrypted > 0
    assert (await reencrypt_all(database, today, NEXT_DAY)).reencrypted == 0
    today.destroy_before(NEXT_DAY)
    after = await database.read(sample_value)
    assert after
    assert (before.can_decrypt(today), after.can_decrypt(today)) == (False, True)


async def test_a_value_that_no_key_decrypts_does_not_stop_a_pass(
    database: Database, vault: Vault
) -> None:
    await database.transact(lambda c: acts(c, vault, MARIA, sends()))
    later = make_vault(today=NEXT_DAY)
    later.destroy_before(NEXT_DAY)
    found = await reencrypt_all(database, later, NEXT_DAY)
    assert found.reencrypted == 0
    assert found.damaged > 0


async def test_small_slices_reach_every_row_once(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.transact(lambda c: acts(c, vault, MARIA, sends()))
    await database.transact(
        lambda c: acts(c, vault, AHMED, sends("2" * 32, address="ahmed@mail.example"))
    )
    monkeypatch.setattr(key_rotation, "SLICE_SIZE", 1)
    today = make_vault(today=NEXT_DAY)
    small = await reencrypt_all(database, today, NEXT_DAY)
    monkeypatch.undo()
    later = make_vault(today=NEXT_DAY + timedelta(days=1))
    whole = await reencrypt_all(database, later, later.day)
    assert (small.reencrypted, small.damaged) == (whole.reencrypted, 0)


async def test_the_floor_never_falls(database: Database) -> None:
    assert await database.read(floor) is None
    for day in (NEXT_DAY, FIRST_DAY):
        await database.transact(partial(raise_floor, day=day))
        assert await database.read(floor) == NEXT_DAY
