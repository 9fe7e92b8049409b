"""The mail worker is killed: every letter is sent, and duplicates are marked as possible."""

from pathlib import Path

from tests.chaos.outbox import drain, fill, violations
from tests.chaos.world import world

LETTERS = 300


async def test_killed_at_random_with_a_full_outbox(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=6) as stage:
        await fill(stage, LETTERS)
        kills = []
        await drain(stage, LETTERS, lambda _, killed: kills.append(killed))
        assert len(kills) >= 5
        assert await violations(stage, LETTERS) == []
