import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.organisation import Organisation

_SHOW = """
from bot import process_memory
print(process_memory.disable_core_dumps(), process_memory.lock_memory())
print(open("/proc/self/status").read(), open("/proc/self/limits").read())
"""


def _limits(process: int | None) -> str:
    return Path(f"/proc/{process}/limits").read_text()


def _field(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name)).removeprefix(name)


async def test_a_running_bot_writes_no_core_dump(organisation: Organisation) -> None:
    async with organisation.running("run", real=True) as running:
        limits = _limits(running.process.pid)
        assert _field(limits, "Max core file size").split()[:2] == ["0", "0"]
        assert any('"event":"memory ' in line for line in running.log)


@pytest.mark.parametrize("limit", [64 * 1024, -1])
def test_memory_is_locked_where_nothing_limits_it(limit: int) -> None:
    """Under a limit nothing is locked, unless the process has the capability to exceed it."""
    setup = f"import resource; resource.setrlimit(resource.RLIMIT_MEMLOCK, ({limit}, {limit}))"
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            (sys.executable, "-c", f"{setup}\n{_SHOW}"),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except subprocess.CalledProcessError:
        assert limit == -1  # only root may lift the limit
        return
    first, shown = done.stdout.split("\n", 1)
    capable = int(_field(shown, "CapEff:").strip(), 16) >> 14 & 1
    locked = limit == -1 or bool(capable)
    assert first == f"True {locked}"
    assert (int(_field(shown, "VmLck:").split()[0]) > 0) is locked


_ALLOCATE = """
import ctypes, threading
from bot.process_memory import share_heap

share_heap()
libc, together = ctypes.CDLL(None), threading.Barrier(4)

def allocate():
    together.wait()
    libc.malloc(1000)

threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def test_threads_share_one_heap() -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        (sys.executable, "-c", _ALLOCATE), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("<heap nr=") == 1
