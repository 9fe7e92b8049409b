"""Run the bot, kill it again and again, and check that nothing is lost or done twice.

    python -m tests.chaos --seed 7 --minutes 30 --play letters

`make chaos` runs this. Each round plays one scenario on an empty database, in turn on SQLite and on
PostgreSQL: a hundred supporters (crowd), forty kills at the worst moments (points), an outbox of a
thousand letters (letters), or a broadcast to five thousand people, as a text (update) or as an
album (album). Two scenarios play hostile input: mutated updates (updates) and mutated mails
(mails). One measures whether one chat that floods, one that is rate-limited and one that gets
errors delay fifty quiet chats (noise). One more plays ten thousand random conversations without a
bot (talk). In a storm, two hundred supporters write on two replicas and two workers while all
things fail (storm, on PostgreSQL only): for two minutes, or for MINUTES if it is the only play.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import URL

from conversations.model.broadcast import Broadcast
from storage.schema.migrations import upgrade
from tests.chaos import broadcast, hostile, noise, outbox
from tests.chaos.invariants import violations
from tests.chaos.process import BotCrashed
from tests.chaos.storm import play as storm
from tests.chaos.storm.telegram import StormTelegram
from tests.chaos.supporter import Stuck
from tests.chaos.telegram import Point
from tests.chaos.world import World, world
from tests.conversations.explore import explore
from tests.databases import ENGINES, plain, run, serving

PEOPLE, LETTERS, HITS = 100, 1000, 10
SUBSCRIBERS, KILLS = 5000, 50
CONVERSATIONS = 10_000
STORM_PEOPLE, STORM_SECONDS = 200, 120.0
NOISE_SECONDS = 30.0
UPDATES, MAILS = 100_000, 20_000

Report = Callable[[int, int], None]
"""Called with the number of steps (letters, updates, mails …) and the number of kills so far."""

Scenario = Callable[[World, Report], Awaitable[list[str]]]

out = Console()


def main() -> int:
    """Run rounds until the time is over; return 1 if one of them had a violation."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, required=True, help="seed of the random choices")
    parser.add_argument(
        "--minutes", type=float, required=True, help="start no round after this time"
    )
    parser.add_argument(
        "--play", choices=tuple(SCENARIOS), help="play only this scenario; default: all in turn"
    )
    given = parser.parse_args()
    # The database crashes in a storm: what the connections of the play say to that is no news.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    out.print(f"Seed {given.seed}: the same seed makes the same choices; their timing differs.")
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=out
    )
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        serving() as server,
        bar,
    ):
        scenarios = (given.play,) if given.play else tuple(SCENARIOS)
        if given.play == "storm":
            SCENARIOS["storm"] = partial(_storm, seconds=given.minutes * 60), STORM_PEOPLE
        return _rounds(given.seed, given.minutes * 60, scenarios, Path(folder), server, bar)


def _rounds(
    seed: int, seconds: float, scenarios: tuple[str, ...], folder: Path, server: URL, bar: Progress
) -> int:
    task = bar.add_task("starting", total=seconds)
    began = time.monotonic()
    number = kills = steps = 0
    failed: list[str] = []
    rounds = [
        (play, engine)
        for play in scenarios
        for engine in ENGINES
        if engine == "postgresql" or play not in ONLY_ON_POSTGRESQL
    ]
    while time.monotonic() - began < seconds:
        play, engine = rounds[number % len(rounds)]
        scenario, many = SCENARIOS[play]
        number += 1
        home = folder / str(number)
        home.mkdir()

        def report(
            done: int, killed: int, title: str = f"round {number} on {engine}", all_: int = many
        ) -> None:
            bar.update(
                task,
                completed=time.monotonic() - began,
                description=f"{title}: {done} of {all_} steps, {killed} kills",
            )

        found, killed = asyncio.run(
            _round(_database(engine, number, home, server), home, seed + number, scenario, report)
        )
        kills, steps = kills + killed, steps + many
        if found:
            failed.append(f"{play} on {engine}")
            out.print(f"[bold red]Round {number}, {failed[-1]}, seed {seed}, failed:[/]")
            for each in found:
                out.print(f"  · {each}", markup=False)
    what = f"in {number} rounds, {steps} steps, {kills} kills"
    if failed:
        out.print(f"[bold red]{len(failed)} rounds failed {what}:[/] {', '.join(failed)}.")
        return 1
    out.print(f"No violations {what}.")
    return 0


async def _round(
    url: str, folder: Path, seed: int, scenario: Scenario, report: Report
) -> tuple[list[str], int]:
    """Play one scenario; return the violations and the number of kills."""
    kills = 0

    def counted(done: int, killed: int) -> None:
        nonlocal kills
        kills = killed
        report(done, killed)

    async with world(url, folder, seed=seed, server=StormTelegram) as stage:
        try:
            return await scenario(stage, counted), kills
        except (BotCrashed, Stuck) as error:
            return [str(error)], kills
        except TimeoutError:
            return ["the restarted bot did not finish in time what the killed one had begun"], kills
        except Exception:
            return [traceback.format_exc()], kills  # the other plays go on


async def _crowd(stage: World, report: Report) -> list[str]:
    """Supporters write letters while the bot is killed and the network is bad."""
    kills = 0
    stage.add_supporters(PEOPLE)
    while len(stage.acting) > PEOPLE // 10:
        await stage.kill_after(stage.chance.randint(0, 150), trouble=True)
        kills += 1
        report(PEOPLE - len(stage.acting), kills)
    await stage.finish()
    return await violations(stage)


async def _points(stage: World, report: Report) -> list[str]:
    """Kill the bot at each of the worst moments while a few supporters write."""
    async for _ in stage.kill_at_each_point(HITS):
        kills = stage.hits.total()
        report(kills, kills)
    return await violations(stage)


async def _talk(stage: World, report: Report) -> list[str]:
    """Play random conversations without a bot; each one asserts its invariants."""
    first = stage.chance.randrange(10**9)
    try:
        return explore(first, CONVERSATIONS, CONVERSATIONS // 100, lambda done: report(done, 0))
    except AssertionError as error:
        return [str(error)]


async def _outbox(stage: World, report: Report) -> list[str]:
    """Kill the worker while it sends a full outbox."""
    await outbox.fill(stage, LETTERS)
    await outbox.drain(stage, LETTERS, report)
    return await outbox.violations(stage, LETTERS)


async def _text(stage: World, report: Report) -> list[str]:
    """Kill the sender during a text broadcast."""
    return await _update(stage, broadcast.text(), report)


async def _album(stage: World, report: Report) -> list[str]:
    """Kill the sender during a broadcast with an album and a message with buttons."""
    return await _update(stage, broadcast.album(stage), report)


async def _update(stage: World, update: Broadcast, report: Report) -> list[str]:
    await broadcast.begin(stage, update, SUBSCRIBERS)
    silence = await broadcast.send(stage, update, SUBSCRIBERS, KILLS, report)
    out.print(await broadcast.figures(stage, update, SUBSCRIBERS, silence), soft_wrap=True)
    return await broadcast.violations(stage, update, SUBSCRIBERS, silence)


async def _noise(stage: World, report: Report) -> list[str]:
    """Measure whether noise in some chats delays the others."""
    result = await noise.measure(stage, NOISE_SECONDS)
    report(noise.QUIET_CHATS, 0)
    out.print(result.figures(), soft_wrap=True)
    return result.violations()


async def _storm(stage: World, report: Report, seconds: float = STORM_SECONDS) -> list[str]:
    """Let everything fail at once while people write."""
    result = await storm.play(stage, STORM_PEOPLE, seconds, report)
    out.print(result.summary, soft_wrap=True)
    return result.violations


async def _updates(stage: World, report: Report) -> list[str]:
    """Post mutated updates to the webhook."""
    return await hostile.post_updates(stage, UPDATES, lambda done: report(done, 0))


async def _mails(stage: World, report: Report) -> list[str]:
    """Process mutated bounces and answers."""
    return await hostile.process_mails(stage, MAILS, lambda done: report(done, 0))


SCENARIOS: dict[str, tuple[Scenario, int]] = {
    "crowd": (_crowd, PEOPLE),
    "points": (_points, HITS * len(Point)),
    "letters": (_outbox, LETTERS),
    "update": (_text, SUBSCRIBERS),
    "album": (_album, SUBSCRIBERS),
    "noise": (_noise, noise.QUIET_CHATS),
    "updates": (_updates, UPDATES),
    "mails": (_mails, MAILS),
    "talk": (_talk, CONVERSATIONS),
    "storm": (_storm, STORM_PEOPLE),
}

ONLY_ON_POSTGRESQL = ("storm",)


def _database(engine: str, number: int, folder: Path, server: URL) -> str:
    """Create an empty, migrated database, and return its URL."""
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'actionbot.db'}"
    else:
        run(server, f"CREATE DATABASE round_{number}")
        url = plain(server.set(database=f"round_{number}"))
    upgrade(url)
    return url


if __name__ == "__main__":
    sys.exit(main())
