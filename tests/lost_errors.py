"""Errors that nobody sees: exceptions that no code retrieves, coroutines that nothing awaits.

Python only prints them, whenever it deletes the task, the future or the coroutine. `tests.conftest`
takes them after each test, which then fails.
"""

import asyncio
import traceback
import warnings
from types import CoroutineType
from typing import Any

_NEVER_RETRIEVED = "exception was never retrieved"
_lost: list[str] = []


def watch() -> None:
    """Record lost errors from now on."""
    report = asyncio.BaseEventLoop.call_exception_handler

    def record(loop: asyncio.BaseEventLoop, context: dict[str, Any]) -> None:
        if context["message"].endswith(_NEVER_RETRIEVED):
            lines = traceback.format_exception(context["exception"])
            _lost.append(f"{context['message']}\n{''.join(lines)}")
        report(loop, context)

    def record_coroutine(coroutine: "CoroutineType[Any, Any, Any]") -> None:
        _lost.append(f"coroutine “{coroutine.__qualname__}” was never awaited")

    asyncio.BaseEventLoop.call_exception_handler = record  # type: ignore[assignment,method-assign]
    # CPython calls this function when it deletes a coroutine that was never awaited.
    warnings._warn_unawaited_coroutine = record_coroutine  # type: ignore[attr-defined]


def take() -> tuple[str, ...]:
    """Return the errors that were lost since the last call."""
    taken = tuple(_lost)
    _lost.clear()
    return taken
