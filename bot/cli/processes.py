"""Run a command's coroutine so that SIGTERM and Ctrl-C end the process within ten seconds."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import structlog
import typer

T = TypeVar("T")

log = structlog.get_logger()

SHUTDOWN_LIMIT = 9.5
"""Seconds from a signal to the end of the process, even if a thread or a server hangs."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interrupted(Exception):
    """A signal ended the work."""

    def __init__(self, number: signal.Signals) -> None:
        """Remember the signal."""
        super().__init__(number.name)
        self.number = number


def run_service(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until a signal stops it, which counts as success: the exit status is 0."""
    try:
        _run(work, forced_status=lambda _: 0)
    except Interrupted as stopped:
        log.info("stopped", reason=stopped.number.name)


def run_command(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`. If a signal stops it, exit with 128 plus the signal's number."""
    try:
        return _run(work, forced_status=_interrupted_status)
    except Interrupted as stopped:
        typer.echo(f"✗ Stopped by {stopped.number.name} before it was done.", err=True)
        raise typer.Exit(_interrupted_status(stopped.number)) from None


def _run(work: Coroutine[Any, Any, T], forced_status: Callable[[signal.Signals], int]) -> T:
    """Run `work` on a new event loop. The first signal cancels it, and later ones do nothing.

    A second cancellation would interrupt the clean-up, which closes connections and their threads.
    Raises Interrupted.
    """
    received: list[signal.Signals] = []

    async def supervise() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            if not received and task is not None:
                received.append(number)
                _exit_later(number, forced_status(number))
                task.cancel()

        for number in _SIGNALS:
            # Windows has no handlers of signals, and no thread has them but the main one.
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, stop, number)
        return await work

    try:
        result: T = _loop_runner()(supervise())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Interrupted(received[0] if received else signal.SIGINT) from None
    if received:
        raise Interrupted(received[0])
    return result


def _loop_runner() -> Callable[..., Any]:
    with suppress(ImportError):  # Windows
        import uvloop

        return uvloop.run
    return asyncio.run


def _interrupted_status(number: signal.Signals) -> int:
    return 128 + number


def _exit_later(number: signal.Signals, status: int) -> None:
    """End the process after SHUTDOWN_LIMIT, unless it has ended by then.

    What is unfinished then is done at the next start, as after a crash.
    """

    def exit_now() -> None:
        log.warning("stopped", reason=f"{number.name}, and some work did not end in time")
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)

    timer = threading.Timer(SHUTDOWN_LIMIT, exit_now)
    timer.daemon = True  # a process that ends by itself does not wait for it
    timer.start()
