from pathlib import Path

from storage.engine.database import Database
from tests.databases import opened


async def test_one_process_holds_the_lock_until_it_is_gone(
    database: Database, database_url: str
) -> None:
    async with opened(database_url) as other:
        assert await other.lock_exclusively()
        assert await other.lock_exclusively()
        assert not await database.lock_exclusively()
        await database.transact(lambda c: None)
    assert await database.lock_exclusively()


async def test_the_lock_file_is_empty(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path / 'actionbot.db'}") as database:
        assert await database.lock_exclusively()
        assert (tmp_path / "actionbot.db.lock").stat().st_size == 0
