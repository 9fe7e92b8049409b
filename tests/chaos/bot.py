"""The bot that is killed: what `actionbot run` runs, in a process of its own.

    start 61   ─▶  what it is born with: its clock is 61 seconds ahead
    work 61    ─▶  it is but a worker, as of `actionbot work`
    claim 3    ─▶  on standard input: it kills itself inside the third transaction from now that
                   claims an update
               ◀─  claimed 17, on standard output

It lives no longer than whoever holds the other end of its standard input.
"""

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

import uvloop
from sqlalchemy import Engine, event

import storage.engine.postgres
import storage.engine.sqlite  # noqa: F401
from bot import logs
from bot.app import App
from bot.assembly.foundation import Options
from bot.clock import utc_now
from bot.settings.model import load
from bot.telegram.rate_gate import UNLIMITED
from tests.chat import NoDns

LEASE = timedelta(seconds=2)
"""After how long another process takes the place of one that sent updates."""

_CLAIM = "INSERT INTO updates"

_input = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - as long as the process
_claims_to_go: list[int] = []


def tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def live(ahead: timedelta, *, answers: bool) -> None:
    threading.Thread(target=_listen, daemon=True).start()
    event.listen(Engine, "after_cursor_execute", _claimed)
    logs.configure()

    def clock() -> datetime:
        return utc_now() + ahead

    async def serve() -> None:
        async with App.open(
            load(), Options(clock=clock, domains=NoDns(), limits=UNLIMITED, lease=LEASE)
        ) as app:
            await app.run(answer=answers)

    uvloop.run(serve())


def _listen() -> None:
    """Take orders; and end with whoever gave them."""
    while line := _input.readline():
        _claims_to_go[:] = [int(line.split()[1])]
    os.kill(os.getpid(), signal.SIGKILL)


def _claimed(_: Any, __: Any, statement: str, ___: Any, context: Any, ____: Any) -> None:
    if not _claims_to_go or not statement.startswith(_CLAIM) or context.rowcount != 1:
        return
    _claims_to_go[0] -= 1
    if _claims_to_go[0] == 0:
        tell(f"claimed {context.compiled_parameters[0]['update_id']}")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    live(timedelta(seconds=float(sys.argv[2])), answers=sys.argv[1] == "start")
