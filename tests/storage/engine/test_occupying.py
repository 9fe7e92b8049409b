from pathlib import Path

from storage.engine.database import Database
from tests.databases import opened


async def test_the_place_is_given_once_and_again_after_its_owner_is_gone(
    database: Database, database_url: str
) -> None:
    async with opened(database_url) as other:
        assert await other.occupy()
        assert await other.occupy()
        assert not await database.occupy()
        await database.transact(lambda c: None)
    assert await database.occupy()


async def test_the_lock_of_a_file_holds_nothing(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path / 'actionbot.db'}") as database:
        assert await database.occupy()
        assert (tmp_path / "actionbot.db.lock").stat().st_size == 0
