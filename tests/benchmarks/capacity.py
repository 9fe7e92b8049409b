"""Simulate a day of many letters: which machines it needs, and what fails first.

python -m tests.benchmarks.capacity                        five million letters in a day
python -m tests.benchmarks.capacity --letters 100000 --hours 12 --telegram-rate 30

What a letter costs is read from the results of `make bench BENCH=journeys` and `make bench
BENCH=outbox` on this machine, unless it is given. docs/capacity.md explains each value.
"""

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from tests.benchmarks.load_model import Demand, Outcome, Stage, cores, scarcest_first, simulate
from tests.benchmarks.processes import ROOT

MAILS = 2
"""Mails of one letter: the code, and the letter itself."""

FREE_BROADCAST, PAID_BROADCAST = 30.0, 1000.0
"""Messages a second that Telegram documents for bulk: free, and paid (Bot API, Broadcasting)."""

STARS = 0.1
"""Price of a message above the free ones, in Stars (Bot API, allow_paid_broadcast)."""


@dataclass(frozen=True)
class Costs:
    """What one letter costs, as it was measured."""

    milliseconds: float
    """CPU time of the bot for a whole journey, with its two mails."""

    messages: float
    """Messages to the supporter."""

    mails_a_second: float | None
    """How many mails one worker hands to a mail server in a second."""


class NotMeasured(Exception):
    """A value was neither measured nor given."""


def measured(results: Mapping[str, Any], given: argparse.Namespace) -> Costs:
    """Return the costs: what was given, else what was measured. Raises NotMeasured."""
    journey = _ours(results, "journeys")
    outbox = _ours(results, "outbox-mailbox")
    milliseconds = given.cpu_ms or journey.get("more", {}).get("ms CPU")
    messages = given.messages or journey.get("more", {}).get("messages")
    if not milliseconds or not messages:
        raise NotMeasured("Run make bench BENCH=journeys first, or give --cpu-ms and --messages.")
    return Costs(milliseconds, messages, given.mail_rate or outbox.get("median"))


def _ours(results: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    contenders = results.get("benchmarks", {}).get(name, {}).get("contenders", [{}])
    first: Mapping[str, Any] = contenders[0]
    return first


def stages(costs: Costs, given: argparse.Namespace) -> list[Stage]:
    """Return what a letter passes, in order."""
    work = costs.milliseconds * given.postgresql_factor
    mail = None if costs.mails_a_second is None else costs.mails_a_second * given.workers
    return [
        Stage("bot: processor", "ms", work, given.cores * 1000 * given.share),
        Stage("Telegram: messages", "messages", costs.messages, given.telegram_rate),
        Stage("mail server: codes and letters", "mails", MAILS, mail),
        Stage("providers take codes", "mails", 1, given.code_rate),
        Stage("targets take letters", "mails", 1, given.target_rate),
    ]


def options() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.capacity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--letters", type=int, default=5_000_000, help="letters in the day")
    add("--hours", type=float, default=24.0, help="hours within which they come")
    add("--cores", type=int, default=2, help="processor cores for processes of the bot")
    add("--share", type=float, default=0.7, help="how much of each core may be used")
    add("--workers", type=int, default=1, help="processes that send mail")
    add("--telegram-rate", type=float, default=FREE_BROADCAST, help="messages a second")
    add("--mail-rate", type=float, help="mails a second that your mail server takes from a worker")
    add("--code-rate", type=float, help="codes a second that mail providers take from you")
    add("--target-rate", type=float, help="letters a second that all targets take together")
    add("--postgresql-factor", type=float, default=1.0, help="CPU on PostgreSQL next to SQLite")
    add("--cpu-ms", type=float, help="CPU time of the bot for one letter")
    add("--messages", type=float, help="messages to the supporter for one letter")
    add("--bytes", type=float, help="bytes of the database for one letter")
    add("--results", type=Path, default=ROOT / "build" / "bench.json", help="measured values")
    return parser


def main() -> None:
    """Simulate, and print what fails first and which machines are needed."""
    parser = options()
    given = parser.parse_args()
    results = orjson.loads(given.results.read_bytes()) if given.results.exists() else {}
    try:
        costs = measured(results, given)
    except NotMeasured as error:
        parser.error(str(error))
    demand = Demand(given.letters, given.hours)
    outcomes = simulate(demand, stages(costs, given))
    console = Console()
    console.print(as_table(demand, outcomes))
    for line in summary(demand, costs, outcomes, given):
        console.print(line, highlight=False)


def as_table(demand: Demand, outcomes: list[Outcome]) -> Table:
    """Return what each stage needs and has."""
    table = Table(
        title=f"{demand.letters:,} letters within {demand.hours:g} hours: {demand.at_peak:.1f}/s",
        title_justify="left",
    )
    table.add_column("")
    for heading in ("needed/s", "there is/s", "used", "longest wait"):
        table.add_column(heading, justify="right")
    for each in outcomes:
        has = each.stage.a_second
        table.add_row(
            each.stage.name,
            f"{each.needed:,.0f} {each.stage.unit}",
            "not given" if has is None else f"{has:,.0f}",
            "" if each.used is None else f"{each.used:.0%}",
            _duration(each.longest_wait),
        )
    return table


def summary(
    demand: Demand, costs: Costs, outcomes: list[Outcome], given: argparse.Namespace
) -> list[str]:
    """Return what fails first, and which machines the day needs."""
    failing = [each for each in scarcest_first(outcomes) if (each.used or 0) > 1]
    lines = [
        f"Fails {'first' if at == 0 else 'then'}: {each.stage.name}, at "
        f"{each.stage.letters_a_second or 0:.1f} letters a second."
        for at, each in enumerate(failing)
    ] or ["Nothing fails whose limit is known."]
    work = costs.milliseconds * given.postgresql_factor
    lines.append(f"Cores for the bot: {cores(demand, work, given.share)}")
    if costs.mails_a_second:
        workers = math.ceil(demand.at_peak * MAILS / costs.mails_a_second)
        lines.append(f"Workers for mail: {workers}")
    if given.bytes:
        lines.append(f"Disk for the database: {given.bytes * demand.letters / 1e9:,.1f} GB")
    total, free = demand.letters * costs.messages, FREE_BROADCAST * demand.hours * 3600
    if given.telegram_rate > FREE_BROADCAST and total > free:
        lines.append(
            f"If all messages above the free ones are paid: {(total - free) * STARS:,.0f} Stars"
        )
    return lines


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "none"
    return f"{seconds / 3600:,.1f} h" if seconds >= 3600 else f"{seconds:,.0f} s"


if __name__ == "__main__":
    main()
