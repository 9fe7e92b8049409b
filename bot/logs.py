"""Logs: names of things that happened and numbers, never a personal value."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS = frozenset(
    (
        "attempt",
        "campaign",
        "count",
        "error",
        "event",
        "exception_type",
        "level",
        "line",
        "method",
        "mistake",
        "polling",
        "port",
        "reason",
        "smtp_code",
        "state",
        "timestamp",
        "where",
    )
)
"""All that may be logged. A field that is not here is left out: forgetting one leaks nothing."""


def _allowed(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in FIELDS}


def configure() -> None:
    """Log to standard error: pretty on a terminal, JSON elsewhere."""
    pretty = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries write addresses and contents into their messages: only their warnings' names pass.
    logging.basicConfig(handlers=[_Quiet()], level=logging.WARNING, force=True)


class _Quiet(logging.Handler):
    """Says that a library complained, and where, without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the place."""
        structlog.get_logger().warning("library complained", where=record.name, line=record.lineno)
