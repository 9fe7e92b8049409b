"""The bot is killed during a broadcast: nobody is skipped, and nobody receives it twice."""

from pathlib import Path

from tests.chaos.broadcast import album, begin, send, violations
from tests.chaos.world import world

PEOPLE, KILLS = 200, 3


async def test_killed_at_random_in_a_broadcast(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=7) as stage:
        broadcast = album(stage)
        await begin(stage, broadcast, PEOPLE)
        kills: list[int] = []
        silence = await send(
            stage, broadcast, PEOPLE, KILLS, lambda _, killed: kills.append(killed)
        )
        assert len(kills) == KILLS
        assert await violations(stage, broadcast, PEOPLE, silence) == []
