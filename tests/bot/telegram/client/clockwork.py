"""A loop whose clock jumps to the next timer, so that minutes of waiting take no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits for somebody else"
            self.now += timeout
        return ready


class _Clockwork(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(story: Coroutine[Any, Any, T]) -> T:
    """Return what `story` returns. Its time is the loop's, which starts at 0."""
    with asyncio.Runner(loop_factory=_Clockwork) as runner:
        return runner.run(story)


def now() -> float:
    """Return the seconds since the story began, rounded to milliseconds."""
    return round(asyncio.get_running_loop().time(), 3)
