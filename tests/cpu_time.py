"""Bounds on CPU time that hold on slow machines, too: they are multiples of a loop's time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_STEPS = 100_000


def _loop() -> float:
    began = time.process_time()
    for _ in range(_STEPS):
        pass
    return time.process_time() - began


@contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Fail if the block takes more CPU time than an empty loop of so many steps."""
    step = min(_loop() for _ in range(3)) / _STEPS
    began = time.process_time()
    yield
    took = (time.process_time() - began) / step
    assert took < steps, f"as long as {took:,.0f} steps of an empty loop"
