from functools import partial

from storage.crypto.key_rotation import reencrypt, sample_value
from storage.crypto.keys import Keyring
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.storage.people import MARIA, acts, sends

OLD = Vault(Keyring({1: b"1" * 32}, b"h" * 32))
BOTH = Vault(Keyring({1: b"1" * 32, 2: b"2" * 32}, b"h" * 32))
NEW = Vault(Keyring({2: b"2" * 32}, b"h" * 32))


async def test_an_empty_database_has_no_sample_value(database: Database) -> None:
    assert await database.read(sample_value) is None
    assert await database.transact(partial(reencrypt, vault=BOTH)) == 0


async def test_after_reencryption_the_new_key_alone_is_enough(database: Database) -> None:
    await database.transact(lambda c: acts(c, OLD, MARIA, sends()))
    before = await database.read(sample_value)
    assert before
    assert (before.can_decrypt(OLD), before.can_decrypt(NEW)) == (True, False)
    assert await database.transact(partial(reencrypt, vault=BOTH)) > 0
    assert await database.transact(partial(reencrypt, vault=BOTH)) == 0
    after = await database.read(sample_value)
    assert after
    assert (after.can_decrypt(OLD), after.can_decrypt(NEW)) == (False, True)
