"""Mutated updates and mails; `make chaos PLAY=updates` and `PLAY=mails` play many more."""

from pathlib import Path

from tests.chaos.hostile import post_updates, process_mails
from tests.chaos.world import world

UPDATES, MAILS = 3_000, 800


async def test_mutated_updates(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=11) as stage:
        assert await post_updates(stage, UPDATES, lambda _: None) == []


async def test_mutated_mails(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=12) as stage:
        assert await process_mails(stage, MAILS, lambda _: None) == []
