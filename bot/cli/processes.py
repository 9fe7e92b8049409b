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

from bot.cli.failures import print_error

T = TypeVar("T")

log = structlog.get_logger()

SERVICE_LIMIT = 9.5
"""Seconds from a signal to the end of a service, even if a thread or a server hangs."""

COMMAND_LIMIT = 5.0
"""The same for a command. It has no letters or replies to finish."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Ended = Callable[[signal.Signals], int]
"""Says that a signal ended the process, and returns the exit status."""


class Interrupted(Exception):
    """A signal ended the work."""

    def __init__(self, number: signal.Signals) -> None:
        """Remember the signal."""
        super().__init__(number.name)
        self.number = number


def run_service(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until a signal stops it, which counts as success: the exit status is 0."""
    try:
        _run(work, SERVICE_LIMIT, _service_ended)
    except Interrupted as stopped:
        _service_ended(stopped.number)


def run_command(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`. If a signal stops it, exit with 128 plus the signal's number."""
    try:
        return _run(work, COMMAND_LIMIT, _command_ended)
    except Interrupted as stopped:
        from typer import Exit

        raise Exit(_command_ended(stopped.number)) from None


def _service_ended(number: signal.Signals) -> int:
    log.info("stopped", reason=number.name)
    return 0


def _command_ended(number: signal.Signals) -> int:
    print_error(f"✗ Stopped by {number.name} before it was done.")
    return 128 + number


def _run(work: Coroutine[Any, Any, T], limit: float, ended: Ended) -> T:
    """Run `work` on a new event loop. The first signal cancels it, and later ones do nothing.

    A second cancellation would interrupt the clean-up, which closes connections and their threads.
    If the clean-up takes longer than `limit`, in seconds, the process ends anyway. Raises
    Interrupted.
    """
    received: list[signal.Signals] = []

    async def supervise() -> T:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            if not received and task is not None:
                received.append(number)
                _exit_later(number, limit, ended)
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


def _exit_later(number: signal.Signals, limit: float, ended: Ended) -> None:
    """End the process after `limit` seconds, unless it has ended by then.

    What is unfinished then is done at the next start, as after a crash.
    """

    def exit_now() -> None:
        status = ended(number)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)

    timer = threading.Timer(limit, exit_now)
    timer.daemon = True  # a process that ends by itself does not wait for it
    timer.start()
