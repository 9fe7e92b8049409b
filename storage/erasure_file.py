"""The file beside the key file to which a machine copies the log of erasures.

The first line says after which number the entries begin, each further line is an entry: JSON, in
the order of their numbers. Entries stay encrypted with the key of their day, so they can be read as
long as a backup from before them.
"""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from storage.crypto import keys
from storage.erasure_log import LoggedErasure


@dataclass(frozen=True)
class ErasureFile:
    """The content of the file."""

    after: int
    """The file has all entries after this number."""

    entries: tuple[LoggedErasure, ...] = ()

    @property
    def last(self) -> int:
        """Number of the last entry that was copied."""
        return self.entries[-1].number if self.entries else self.after

    def is_outdated(self, first_day: str) -> bool:
        """Whether the file has entries from before this day (YYYY-MM-DD)."""
        return any(each.day < first_day for each in self.entries)


def path_beside(key_file: Path) -> Path:
    """Return the path of the file that belongs to a key file."""
    return key_file.with_name(f"{key_file.name}.erasures")


def read(path: Path) -> ErasureFile | None:
    """Return the content of the file; None if it is missing.

    A last line that is not complete is ignored: the process that wrote it was killed. Raises
    OSError, KeyFileError if others can read the file, and ValueError for a damaged file.
    """
    if not path.exists():
        return None
    head, *lines = keys.read_private(path).split(b"\n")
    if not lines:
        raise ValueError(f"{path} is damaged")
    try:
        first = int(orjson.loads(head)["after"])
        entries = tuple(_entry(line) for line in lines[:-1])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path} is damaged") from None
    found = ErasureFile(first, entries)
    numbers = [each.number for each in entries]
    if numbers != list(range(found.after + 1, found.after + 1 + len(entries))):
        raise ValueError(f"{path} is damaged")
    return found


def write(path: Path, content: ErasureFile) -> None:
    """Write the whole file, which only its owner can read. Raises OSError."""
    lines = [orjson.dumps({"after": content.after}), *map(_line, content.entries)]
    keys.replace_private(path, (b"\n".join(lines) + b"\n").decode("ascii"))


def append(path: Path, entries: Sequence[LoggedErasure], *, first_day: str) -> None:
    """Add those entries that the file does not have yet, and drop those from before `first_day`.

    Processes that share the file may call this at once. Raises as `read` and `write` do.
    """
    with keys.lock_folder(path):
        found = read(path)
        if found is None:
            write(path, ErasureFile(entries[0].number - 1 if entries else 0, tuple(entries)))
            return
        new = tuple(each for each in entries if each.number > found.last)
        old = [each for each in found.entries if each.day < first_day]
        if old or _is_cut(path):
            kept = found.entries[len(old) :]
            after = old[-1].number if old else found.after
            write(path, ErasureFile(after, (*kept, *new)))
        elif new:
            _append(path, new)


def _append(path: Path, entries: Sequence[LoggedErasure]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"".join(_line(each) + b"\n" for each in entries))
        file.flush()
        os.fsync(file.fileno())


def _is_cut(path: Path) -> bool:
    """Whether the last line is not complete."""
    return not path.read_bytes().endswith(b"\n")


def _line(entry: LoggedErasure) -> bytes:
    content = base64.b64encode(entry.encrypted).decode()
    return orjson.dumps({"number": entry.number, "day": entry.day, "entry": content})


def _entry(line: bytes) -> LoggedErasure:
    saved = orjson.loads(line)
    encrypted = base64.b64decode(saved["entry"], validate=True)
    return LoggedErasure(int(saved["number"]), str(saved["day"]), encrypted)
