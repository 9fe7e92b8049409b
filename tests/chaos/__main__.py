"""`make chaos`: kill, cut, delay, for as long as one likes; what must hold is looked at each time.

    python -m tests.chaos --seed 7 --minutes 30 --play letters

A round is a hundred supporters, forty deaths in the worst seconds, an outbox of a thousand letters,
or an update to five thousand people, a text or an album, on an empty database; each on either kind
of database in turn. One more is ten thousand conversations, on the engine alone.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import URL

from conversations.model.broadcast import Broadcast
from storage.schema.migrations import upgrade
from tests.chaos import broadcast, outbox
from tests.chaos.holds import broken
from tests.chaos.process import Died
from tests.chaos.supporter import Stuck
from tests.chaos.wire import Point
from tests.chaos.world import World, world
from tests.conversations.witness import explore
from tests.databases import ENGINES, plain, run, serving

PEOPLE, LETTERS, HITS = 100, 1000, 10
SUBSCRIBERS, KILLS = 5000, 50
CONVERSATIONS = 10_000

Tell = Callable[[int, int], None]
"""Told how many letters have left, and how often the bot was killed."""

Play = Callable[[World, Tell], Awaitable[list[str]]]

out = Console()


def main() -> int:
    """Run rounds until the time is over; return 1 after one in which something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--play", choices=tuple(PLAYS), help="this one alone; else all in turn")
    given = parser.parse_args()
    out.print(f"Seed {given.seed}: the same one makes the same choices, at moments of their own.")
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=out
    )
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        serving() as server,
        bar,
    ):
        plays = (given.play,) if given.play else tuple(PLAYS)
        return _rounds(given.seed, given.minutes * 60, plays, Path(folder), server, bar)


def _rounds(
    seed: int, seconds: float, plays: tuple[str, ...], folder: Path, server: URL, bar: Progress
) -> int:
    task = bar.add_task("starting", total=seconds)
    began = time.monotonic()
    number = kills = letters = 0
    while time.monotonic() - began < seconds:
        play, many = PLAYS[plays[number // len(ENGINES) % len(plays)]]
        engine = ENGINES[number % len(ENGINES)]
        number += 1
        home = folder / str(number)
        home.mkdir()

        def tell(
            done: int, killed: int, title: str = f"round {number} on {engine}", all_: int = many
        ) -> None:
            bar.update(
                task,
                completed=time.monotonic() - began,
                description=f"{title}: {done} of {all_} letters, {killed} kills",
            )

        found, killed = asyncio.run(
            _round(_database(engine, number, home, server), home, seed + number, play, tell)
        )
        kills, letters = kills + killed, letters + many
        if found:
            out.print(f"[bold red]Round {number} on {engine}, seed {seed}: this does not hold.[/]")
            for each in found:
                out.print(f"  · {each}", markup=False)
            return 1
    out.print(f"All held: {number} rounds, {letters} letters, {kills} kills.")
    return 0


async def _round(
    url: str, folder: Path, seed: int, play: Play, tell: Tell
) -> tuple[list[str], int]:
    """Play it to the end; return what does not hold, and how often the bot was killed."""
    kills = 0

    def counted(done: int, killed: int) -> None:
        nonlocal kills
        kills = killed
        tell(done, killed)

    async with world(url, folder, seed=seed) as stage:
        try:
            return await play(stage, counted), kills
        except (Died, Stuck) as error:
            return [str(error)], kills
        except TimeoutError:
            return ["what a dead bot had begun was not taken up in time"], kills


async def _crowd(stage: World, tell: Tell) -> list[str]:
    """Let everybody write a letter through kills and trouble."""
    kills = 0
    stage.crowd(PEOPLE)
    while len(stage.acting) > PEOPLE // 10:
        await stage.dies_after(stage.chance.randint(0, 150), trouble=True)
        kills += 1
        tell(PEOPLE - len(stage.acting), kills)
    await stage.finishes()
    return await broken(stage)


async def _points(stage: World, tell: Tell) -> list[str]:
    """Kill the bot in each of its worst seconds, while a few people write."""
    async for _ in stage.dies_at_each_point(HITS):
        kills = stage.hits.total()
        tell(kills, kills)
    return await broken(stage)


async def _talk(stage: World, tell: Tell) -> list[str]:
    """Play conversations at random, without a bot; each asserts what must hold."""
    first = stage.chance.randrange(10**9)
    try:
        return explore(first, CONVERSATIONS, CONVERSATIONS // 100, lambda done: tell(done, 0))
    except AssertionError as error:
        return [str(error)]


async def _outbox(stage: World, tell: Tell) -> list[str]:
    """Let the letters of a full outbox leave through kills."""
    await outbox.fill(stage, LETTERS)
    await outbox.drain(stage, LETTERS, tell)
    return await outbox.broken(stage, LETTERS)


async def _text(stage: World, tell: Tell) -> list[str]:
    """Let an update reach its subscribers through kills."""
    return await _update(stage, broadcast.text(), tell)


async def _album(stage: World, tell: Tell) -> list[str]:
    """Let an album and the message with its buttons reach them."""
    return await _update(stage, broadcast.album(stage), tell)


async def _update(stage: World, update: Broadcast, tell: Tell) -> list[str]:
    await broadcast.begin(stage, update, SUBSCRIBERS)
    silence = await broadcast.send(stage, update, SUBSCRIBERS, KILLS, tell)
    out.print(await broadcast.figures(stage, update, SUBSCRIBERS, silence), soft_wrap=True)
    return await broadcast.broken(stage, update, SUBSCRIBERS, silence)


PLAYS: dict[str, tuple[Play, int]] = {
    "crowd": (_crowd, PEOPLE),
    "points": (_points, HITS * len(Point)),
    "letters": (_outbox, LETTERS),
    "update": (_text, SUBSCRIBERS),
    "album": (_album, SUBSCRIBERS),
    "talk": (_talk, CONVERSATIONS),
}


def _database(engine: str, number: int, folder: Path, server: URL) -> str:
    """Return the address of an empty database."""
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'actionbot.db'}"
    else:
        run(server, f"CREATE DATABASE round_{number}")
        url = plain(server.set(database=f"round_{number}"))
    upgrade(url)
    return url


if __name__ == "__main__":
    sys.exit(main())
