from functools import partial

from storage.crypto.key_rotation import reseal, specimen
from storage.crypto.keys import Keyring
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.storage.people import MARIA, acts, sends

OLD = Vault(Keyring({1: b"1" * 32}, b"h" * 32))
BOTH = Vault(Keyring({1: b"1" * 32, 2: b"2" * 32}, b"h" * 32))
NEW = Vault(Keyring({2: b"2" * 32}, b"h" * 32))


async def test_an_empty_database_has_no_specimen(database: Database) -> None:
    assert await database.read(specimen) is None
    assert await database.transact(partial(reseal, vault=BOTH)) == 0


async def test_after_resealing_the_new_key_alone_is_enough(database: Database) -> None:
    await database.transact(lambda c: acts(c, OLD, MARIA, sends()))
    before = await database.read(specimen)
    assert before
    assert (before.opens(OLD), before.opens(NEW)) == (True, False)
    assert await database.transact(partial(reseal, vault=BOTH)) > 0
    assert await database.transact(partial(reseal, vault=BOTH)) == 0
    after = await database.read(specimen)
    assert after
    assert (after.opens(OLD), after.opens(NEW)) == (False, True)
