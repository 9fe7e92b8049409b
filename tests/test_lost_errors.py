"""A lost error fails the test in which it is lost."""

import asyncio

from tests import lost_errors


async def fails() -> None:
    raise KeyError("lost")


async def test_an_exception_of_a_task_that_nobody_retrieves() -> None:
    task = asyncio.ensure_future(fails())
    await asyncio.wait([task])
    del task
    (lost,) = lost_errors.take()
    assert lost.startswith("Task exception was never retrieved\nTraceback")
    assert lost.endswith("KeyError: 'lost'\n")


async def test_an_exception_of_a_future_that_nobody_retrieves() -> None:
    future = asyncio.get_running_loop().create_future()
    future.set_exception(KeyError("lost"))
    del future
    assert lost_errors.take() == ("Future exception was never retrieved\nKeyError: 'lost'\n",)


def test_a_coroutine_that_nothing_awaits() -> None:
    fails()  # type: ignore[unused-coroutine]
    assert lost_errors.take() == ("coroutine “fails” was never awaited",)


async def test_an_exception_that_is_retrieved_is_not_lost() -> None:
    task = asyncio.ensure_future(fails())
    await asyncio.wait([task])
    assert isinstance(task.exception(), KeyError)
    del task
    assert lost_errors.take() == ()
