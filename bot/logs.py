"""Structured logs of event names, codes and counts. A personal value is never logged.

An exception is logged as its class and its location, never as its message: drivers and libraries
write addresses, passwords and message contents into messages.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
import structlog

FIELDS = frozenset(
    (
        "attempt",
        "campaign",
        "count",
        "error",
        "event",
        "journey",
        "kind",
        "level",
        "line",
        "method",
        "mistake",
        "outcome",
        "polling",
        "port",
        "reason",
        "service",
        "smtp_code",
        "state",
        "step",
        "timestamp",
        "turn",
        "where",
    )
)
"""The fields that may be logged. Others are dropped, so a new field leaks nothing by mistake."""

LOG_INTERVAL = 60.0
"""Seconds between two lines about something that happens again and again."""

_PROJECT = Path(__file__).parents[1]
_OUR_PACKAGES = tuple(f"{_PROJECT / name}/" for name in ("bot", "conversations", "storage"))


def configure() -> None:
    """Log to standard error: readable lines on a terminal, JSON elsewhere.

    Uncaught exceptions, messages of libraries and Python's warnings are logged too, each as its
    class or its source alone. Python itself would print them with their messages.
    """
    pretty = sys.stderr.isatty()
    renderer: Any = structlog.processors.JSONRenderer(orjson.dumps)
    factory: Any = structlog.BytesLoggerFactory(sys.stderr.buffer)
    if pretty:
        renderer = structlog.dev.ConsoleRenderer()
        factory = structlog.PrintLoggerFactory(sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_unknown_fields,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=factory,
    )
    logging.basicConfig(handlers=[_LibraryHandler()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda _, error, __: _log_uncaught(error)
    sys.unraisablehook = lambda args: _log_uncaught(args.exc_value)
    threading.excepthook = lambda args: _log_uncaught(args.exc_value)


class LogThrottle:
    """Decides when to log something that may happen thousands of times a second.

    The first time is logged, then once a minute, with the number since the line before.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds."""
        self._clock = clock
        self._unlogged = 0
        self._next_line: float | None = None

    def count(self) -> int:
        """Count an occurrence. Return the number to log now, or 0 to log nothing."""
        self._unlogged += 1
        now = self._clock()
        if self._next_line is not None and now < self._next_line:
            return 0
        count, self._unlogged = self._unlogged, 0
        self._next_line = now + LOG_INTERVAL
        return count


def error_fields(error: BaseException) -> dict[str, str]:
    """Return the fields that describe an exception in a log event: `error` and `where`.

    `error` is the class. `where` is our innermost frame, see `location`. Of an ExceptionGroup, the
    first exception is described. Every `except Exception` that continues logs these fields.
    """
    cause = error
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return {
        "error": type(cause).__name__,
        "where": location(cause.__traceback__ or error.__traceback__),
    }


def location(trace: TracebackType | None) -> str:
    """Return the innermost frame that is our code, such as "bot/app.py:12".

    A trace that holds no frame of ours gives its innermost frame, and None gives "".
    """
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]
    for file, line in reversed(frames):
        if file.startswith(_OUR_PACKAGES):
            return f"{Path(file).relative_to(_PROJECT)}:{line}"
    return f"{Path(frames[-1][0]).name}:{frames[-1][1]}" if frames else ""


def _drop_unknown_fields(
    _: Any, __: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in FIELDS}


def _log_uncaught(error: BaseException | None) -> None:
    fields = error_fields(error) if error is not None else {}
    structlog.get_logger().error("uncaught exception", **fields)


class _LibraryHandler(logging.Handler):
    """Logs which library logged something, and where, without the message."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the library's logger name and line."""
        structlog.get_logger().warning("library warning", where=record.name, line=record.lineno)
