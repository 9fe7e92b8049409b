"""The bot process that the chaos tests kill: like `actionbot run`, but with a shifted clock.

Arguments:

    start 61    answer updates, as `actionbot run` does, with a clock that is 61 seconds ahead
    paced 61    the same, and keep to Telegram's limits
    work 61     only send mail, as `actionbot work` does, with the same clock
    answer 61   only answer updates, as `actionbot run --no-workers` does, with the same clock

With the word `patient` after it, the bot looks for work only when another one wakes it: its
intervals are an hour.

Standard input and output:

    claim 3     read: kill this process inside the third transaction from now that claims an update
    armed 3     written once that is read
    claimed 17  written just before that: the id of the update that was claimed

The process kills itself when its standard input is closed. If CHAOS_FAULTS names a folder, the
clock is the one of the database's server, ahead by as many seconds as the file `clock` in it says,
and DNS hangs while there is a file `dns`.
"""

import asyncio
import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop
from dns.rdatatype import RdataType
from sqlalchemy import Connection, Engine, event

import storage.engine.postgres.database
import storage.engine.sqlite.database  # noqa: F401
from bot import logs
from bot.app import App
from bot.assembly.foundation import Options
from bot.clock import utc_now
from bot.mail.authentication.domains import DnsAnswer
from bot.settings.model import load
from bot.telegram.client.rate_gate import UNLIMITED, Limits
from storage.engine import server_time
from tests.stage import NoDns

LEASE = timedelta(seconds=2)
"""How long a dead broadcast sender keeps its lease; then another process takes over."""

GRACE = timedelta(seconds=1)
"""How long a new process takes over nothing."""

_DNS_SECONDS = 5.0
"""How long a question to DNS hangs, until it counts as unanswered."""

_CLAIM = "INSERT INTO updates"

_input = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - open until the process ends
_claims_to_go: list[int] = []


def _report(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class FaultyDns(NoDns):
    """DNS that hangs while there is a file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    async def takes_mail(self, domain: str) -> bool | None:
        return None if await self._hangs() else await super().takes_mail(domain)

    async def ask(self, name: str, kind: RdataType) -> DnsAnswer:
        if await self._hangs():
            raise TimeoutError
        return await super().ask(name, kind)

    async def _hangs(self) -> bool:
        hangs = await asyncio.to_thread(self._file.exists)
        if hangs:
            await asyncio.sleep(_DNS_SECONDS)
        return hangs


def faulty_options(folder: Path, limits: Limits) -> Options:
    """Return options with a clock and DNS that fail as the files in `folder` say."""
    read_time = server_time.read_time

    def wrong_time(connection: Connection) -> datetime:
        file = folder / "clock"
        ahead = float(file.read_text(encoding="ascii")) if file.exists() else 0.0
        return read_time(connection) + timedelta(seconds=ahead)

    server_time.read_time = wrong_time
    return Options(domains=FaultyDns(folder / "dns"), limits=limits, lease=LEASE)


def run_bot(ahead: timedelta, mode: str) -> None:
    """Run the bot until it is killed, with a clock that is `ahead` of the real one."""
    threading.Thread(target=_read_commands, daemon=True).start()
    event.listen(Engine, "after_cursor_execute", _kill_after_claim)
    logs.configure()

    limits = Limits() if mode == "paced" else UNLIMITED

    def clock() -> datetime:
        return utc_now() + ahead

    async def serve() -> None:
        # A worker on its own has nobody to wait for.
        grace = timedelta() if mode == "work" else GRACE
        options = Options(clock, NoDns(), limits, LEASE, grace)
        if folder := os.environ.get("CHAOS_FAULTS"):
            options = faulty_options(Path(folder), limits)
        async with App.open(load(), options) as app:
            await app.run(answer=mode != "work", work=mode != "answer")

    uvloop.run(serve())


def be_patient() -> None:
    """Make all intervals an hour at which workers look for work without being woken."""
    for name in (
        "mail.mail_worker.MAX_SLEEP",
        "conversation.replies.reply_sender.CATCH_UP_INTERVAL",
        "conversation.bounce_notices.POLL_INTERVAL",
        "monitoring.alert_sender.POLL_INTERVAL",
        "broadcasts.broadcast_sender.POLL_INTERVAL",
        "campaigns.published.POLL_INTERVAL",
        "housekeeping.authority_watch.WATCH_INTERVAL",
    ):
        module, _, constant = f"bot.services.{name}".rpartition(".")
        loaded = sys.modules[module]
        assert isinstance(getattr(loaded, constant), float)
        setattr(loaded, constant, 3600.0)


def _read_commands() -> None:
    """Read commands from standard input; kill this process when the input is closed."""
    while line := _input.readline():
        number = int(line.split()[1])
        _claims_to_go[:] = [number]
        _report(f"armed {number}")
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_after_claim(_: Any, __: Any, statement: str, ___: Any, context: Any, ____: Any) -> None:
    if not _claims_to_go or not statement.startswith(_CLAIM) or context.rowcount != 1:
        return
    _claims_to_go[0] -= 1
    if _claims_to_go[0] == 0:
        _report(f"claimed {context.compiled_parameters[0]['update_id']}")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if "patient" in sys.argv:
        be_patient()
    run_bot(timedelta(seconds=float(sys.argv[2])), sys.argv[1])
