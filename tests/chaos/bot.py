"""The bot that is killed: what `actionbot run` runs, in a process of its own.

A nursery imports everything once and forks a bot whenever it is told to, since importing takes a
hundred times as long as starting. It speaks in lines over its standard input and output:

    start 61   ─▶  a bot is born whose clock is 61 seconds ahead
    work 61    ─▶  one that is but a worker, as of `actionbot work`
    claim 3    ─▶  the bot kills itself inside the third transaction from now that claims an update
               ◀─  born 4711 · claimed 17 · dead -9
"""

import os
import signal
import threading
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import uvloop
from sqlalchemy import Engine, event

import storage.postgres
import storage.sqlite  # noqa: F401
from bot import logs
from bot.app import App, utc_now
from bot.settings import load
from bot.telegram.pacing import UNLIMITED
from conversations import countries
from tests.chat import NoDns

LEASE = timedelta(seconds=2)
"""After how long another process takes the place of one that sent updates."""

_CLAIM = "INSERT INTO updates"

_input = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - as long as the process
_claims_to_go: list[int] = []


def nurse() -> None:
    """Let one bot after the other live, until the input ends."""
    countries.find("Portugal")  # reads all names: longer than many a bot is to live
    import_module("asyncpg")  # as SQLAlchemy does when it first connects
    while line := _input.readline():
        word, ahead = line.split()
        child = os.fork()
        if child == 0:
            live(timedelta(seconds=float(ahead)), answers=word == b"start")
            os._exit(0)
        tell(f"born {child}")
        _, status = os.waitpid(child, 0)
        tell(f"dead {os.waitstatus_to_exitcode(status)}")


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
            load(), clock=clock, domains=NoDns(), limits=UNLIMITED, lease=LEASE
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
    nurse()
