"""One chat floods, one is rate-limited, one gets errors: do fifty quiet chats notice?

Each round measures the quiet chats without noise and with it, each time with a new bot process that
keeps to Telegram's own limits. A quiet chat presses a button now and then, and waits for the reply.
"""

import asyncio
from dataclasses import dataclass, field
from statistics import median

import orjson
from aiohttp import web

from tests.chaos.supporter import Supporter
from tests.chaos.world import World

QUIET_CHATS = 50
PRESS_INTERVAL = 6.0
"""Seconds between two presses in a quiet chat. A reply takes two or three calls, and Telegram
accepts 30 a second in all.
"""

FLOOD_RATE = 20
"""Messages per second in the chat that floods. A person types one a second at most."""

TROUBLED_RATE = 2
"""Messages per second in the chat that is rate-limited, and in the one that gets errors."""

RETRY_AFTER = 5
"""Seconds for which Telegram refuses the rate-limited chat, each time."""

ROUNDS = 3
MAX_RATIO, MAX_EXTRA = 1.2, 0.015
"""How much slower the quiet chats may be with noise: by this factor, or by these seconds."""

MAX_LATENCY = 2.0
"""Seconds after which a reply to a quiet chat is late, whatever happens elsewhere."""

_LABELS = ("Continue", "Back")


@dataclass
class Latencies:
    """How long the replies to the quiet chats took, in seconds."""

    all: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return sorted(self.all)[int(0.99 * len(self.all))]


@dataclass
class Result:
    """What the rounds measured."""

    without: list[Latencies] = field(default_factory=list)
    noisy: list[Latencies] = field(default_factory=list)

    def medians(self) -> tuple[float, float]:
        """Return the medians of the rounds' p99, without noise and with it."""
        return median(each.p99 for each in self.without), median(each.p99 for each in self.noisy)

    def figures(self) -> str:
        """Return the figures in words."""
        quiet, noisy = self.medians()
        rounds = ", ".join(
            f"{a.p99 * 1000:.0f} → {b.p99 * 1000:.0f}"
            for a, b in zip(self.without, self.noisy, strict=True)
        )
        count = sum(len(each.all) for each in self.noisy)
        return (
            f"{QUIET_CHATS} quiet chats, {count} presses with noise. Flood: {FLOOD_RATE} messages"
            f" a second. p99 in ms, without → with noise: {rounds}; medians {quiet * 1000:.0f} →"
            f" {noisy * 1000:.0f}. Slowest with noise: {self.slowest() * 1000:.0f} ms."
        )

    def violations(self) -> list[str]:
        """Return which targets were missed."""
        quiet, noisy = self.medians()
        found = []
        if noisy > max(MAX_RATIO * quiet, quiet + MAX_EXTRA):
            found.append(f"quiet chats are slower with noise: {self.figures()}")
        if self.slowest() > MAX_LATENCY:
            found.append(f"a reply to a quiet chat was late: {self.figures()}")
        return found

    def slowest(self) -> float:
        """Return how long the slowest reply to a quiet chat took with noise."""
        return max(max(each.all) for each in self.noisy)


async def measure(world: World, seconds: float, rounds: int = ROUNDS) -> Result:
    """Measure `rounds` rounds; each part of a round takes so many seconds."""
    quiet = [world.add_supporter() for _ in range(QUIET_CHATS)]
    loud = [world.add_supporter() for _ in range(3)]
    _, limited, failing = loud
    world.server.refusals = {limited.person.id: _too_many, failing.person.id: _bad_gateway}
    result = Result()
    for number in range(rounds):
        for is_noisy in (False, True):
            await world.start_paced_bot()
            if number == 0 and not is_noisy:
                await asyncio.gather(*(_begin(each) for each in quiet))
            noise = _noise(loud) if is_noisy else []
            latencies = await _press_all(world, quiet, seconds)
            (result.noisy if is_noisy else result.without).append(latencies)
            for task in noise:
                task.cancel()
            await asyncio.gather(*noise, return_exceptions=True)
            await world.wait_until_replied(quiet)
            await world.process.kill()
            world.telegram.updates.drop()
    return result


async def _begin(supporter: Supporter) -> None:
    supporter.person.start("hong-kong")
    await supporter.presses("Write the letter")
    await supporter.sees("warning.ask")


def _noise(loud: list[Supporter]) -> list["asyncio.Task[None]"]:
    rates = (FLOOD_RATE, TROUBLED_RATE, TROUBLED_RATE)
    return [
        asyncio.create_task(_writes(each, rate)) for each, rate in zip(loud, rates, strict=True)
    ]


async def _writes(supporter: Supporter, rate: float) -> None:
    """Send messages at this rate until cancelled."""
    loop = asyncio.get_running_loop()
    at = loop.time()
    while True:
        supporter.person.send("/help")
        at += 1 / rate
        await asyncio.sleep(at - loop.time())


async def _press_all(world: World, quiet: list[Supporter], seconds: float) -> Latencies:
    latencies = Latencies()
    end = asyncio.get_running_loop().time() + seconds
    delays = (world.chance.uniform(0, PRESS_INTERVAL) for _ in quiet)
    await asyncio.gather(
        *(
            _press_repeatedly(each, delay, end, latencies)
            for each, delay in zip(quiet, delays, strict=True)
        )
    )
    return latencies


async def _press_repeatedly(
    supporter: Supporter, delay: float, end: float, latencies: Latencies
) -> None:
    """Press the button that the chat offers, again and again, and note how long replies take.

    The first press does not count: the bot has just started.
    """
    loop = asyncio.get_running_loop()
    at, is_first = loop.time() + delay, True
    while at < end:
        await asyncio.sleep(at - loop.time())
        press, then = _LABELS if supporter.offers(_LABELS[0]) else _LABELS[::-1]
        began = loop.time()
        await supporter.presses(press)
        await supporter.sees_button(then)
        if not is_first:
            latencies.all.append(loop.time() - began)
        at, is_first = at + PRESS_INTERVAL, False


def _too_many() -> web.Response:
    body = {"ok": False, "error_code": 429, "parameters": {"retry_after": RETRY_AFTER}}
    return web.Response(body=orjson.dumps(body), status=429)


def _bad_gateway() -> web.Response:
    return web.Response(status=502, text="Bad Gateway")
