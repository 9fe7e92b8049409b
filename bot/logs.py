"""Logs: names of things that happened and numbers, never a personal value."""

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
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
        "exception_type",
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
        "smtp_code",
        "state",
        "step",
        "timestamp",
        "turn",
        "where",
    )
)
"""All that may be logged. A field that is not here is left out: forgetting one leaks nothing."""


def _allowed(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in FIELDS}


def configure() -> None:
    """Log to standard error: pretty on a terminal, JSON elsewhere.

    What Python would print there by itself, with all that stood in variables, is logged as well: a
    traceback's kind and place, a warning's place.
    """
    pretty = sys.stderr.isatty()
    renderer: Any = structlog.processors.JSONRenderer(orjson.dumps)
    written: Any = structlog.BytesLoggerFactory(sys.stderr.buffer)
    if pretty:
        renderer, written = (
            structlog.dev.ConsoleRenderer(),
            structlog.PrintLoggerFactory(sys.stderr),
        )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=written,
    )
    # Libraries write addresses and contents into their messages: only their warnings' names pass.
    logging.basicConfig(handlers=[_Quiet()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _broke
    sys.unraisablehook = lambda it: _broke(it.exc_type, it.exc_value, it.exc_traceback)
    threading.excepthook = lambda it: _broke(it.exc_type, it.exc_value, it.exc_traceback)


def place(trace: TracebackType | None) -> str:
    """Return where an error was raised, as file:line, or "" where that is not known."""
    frames = traceback.extract_tb(trace)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _broke(kind: type[BaseException], _: BaseException | None, trace: TracebackType | None) -> None:
    """Log what nobody caught, without its words."""
    structlog.get_logger().error("nobody caught it", error=kind.__name__, where=place(trace))


class _Quiet(logging.Handler):
    """Says that a library complained, and where, without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the place."""
        structlog.get_logger().warning("library complained", where=record.name, line=record.lineno)
