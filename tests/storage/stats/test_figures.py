"""Random events in random order: all figures are true, and no letter is stuck."""

import random

import pytest

from tests.storage.post import Post
from tests.storage.stats.letters_world import World

STEPS = 250

SEEDS = range(3)


@pytest.mark.parametrize("seed", SEEDS)
async def test_all_figures_are_true(post: Post, seed: int) -> None:
    world = World(post, random.Random(seed))  # noqa: S311 - it is to repeat itself
    deeds = (
        *(3 * [world.acts]),
        *(4 * [world.claims]),
        *(4 * [world.begins]),
        *(4 * [world.finishes]),
        *(2 * [world.waits]),
        world.undoes,
        world.forgets,
        world.disowns,
        world.recovers,
        world.bounces,
        world.decides,
        world.pauses,
        world.resumes,
        world.resumes,
        world.closes,
        world.settles,
        world.replaces_settled,
        world.bounces_late,
    )
    for step in range(STEPS):
        await world.chance.choice(deeds)()
        await world.is_true()
        if step % 10 == 0:
            await world.is_recounted()
        await world.is_told()
    await world.ends()
    await world.is_true()
    await world.purges()
    assert await world.rows() == []
    await world.is_true()
    await world.is_recounted()
