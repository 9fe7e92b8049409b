"""Keep this process's memory small, and the keys in it away from disks: no core dumps, no swapping.

These are requests to the operating system. Where the system refuses, the process runs anyway.
"""

import ctypes
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_DUMPABLE = 4
"""Operation of prctl(2): 0 disables core dumps, and lets no other process of the user attach."""

_LOCK_ALL = 1 | 2 | 4
"""Flags of mlockall(2): MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT. Only pages in use are locked."""

_CAP_IPC_LOCK = 14
"""Capability that lifts the limit of locked memory (capabilities(7))."""

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Options of mallopt(3): M_MMAP_THRESHOLD, in bytes, and M_ARENA_MAX."""

_LARGE_BLOCK = 2**17
"""Bytes from which a freed block returns to the system at once. It is where glibc begins; left
alone, glibc raises it with each block that is freed.
"""


def share_heap() -> None:
    """Have all threads allocate from one heap.

    glibc would give each thread a heap of its own, which keeps what is freed: 4 MB in all. Threads
    that hold the interpreter's lock take turns anyway.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # musl has no such heaps
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)


def disable_core_dumps() -> bool:
    """Write no core dump of this process. Return whether the system agreed."""
    with suppress(ImportError):  # Windows writes none
        import resource

        with suppress(OSError, ValueError):  # systemd's unit sets the limit, and forbids changes
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        limited = resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
        return _prctl_undumpable() or limited
    return True


def lock_memory() -> bool:
    """Lock all memory of this process into RAM. Return whether it is locked.

    Under a limit nothing is locked: once the limit is reached, the process could allocate nothing.
    """
    if sys.platform != "linux" or not _may_lock_everything():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.mlockall(_LOCK_ALL) == 0)


def _prctl_undumpable() -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def _may_lock_everything() -> bool:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if resource.RLIM_INFINITY in (soft, hard):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
        return resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    return bool(_effective_capabilities() >> _CAP_IPC_LOCK & 1)


def _effective_capabilities() -> int:
    with suppress(OSError, ValueError), Path("/proc/self/status").open() as status:
        for line in status:
            name, _, value = line.partition(":")
            if name == "CapEff":
                return int(value, 16)
    return 0
