"""What this machine knows to be newest: a file beside the key file, out of the database's reach.

An attacker who can write to the database could put yesterday's rows back, which are authentic. So
each machine keeps the newest documents of authority and the head of the audit log that it has seen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from storage.crypto.keys import KeyFileError, lock_folder, replace_private

SUFFIX = ".state"
"""The file is called as the key file, with this suffix."""

# Names in the file. They never change.
_DOCUMENTS = "documents"
_GENERATION = "generation"
_ENCRYPTED = "encrypted"
_HEAD = "audit"
_POSITION = "position"
_DIGEST = "digest"


@dataclass(frozen=True)
class TrustedDocument:
    """A document of authority, as the database stores it."""

    generation: int
    """The number of the version, from 1 on."""

    encrypted: bytes = field(repr=False)


@dataclass(frozen=True)
class LogHead:
    """The last entry of the audit log."""

    position: int
    """The entry's position, from 1 on."""

    digest: bytes
    """The entry's digest, which depends on all entries before."""


@dataclass(frozen=True)
class _Known:
    documents: Mapping[str, TrustedDocument]
    head: LogHead | None


class TrustedState:
    """The newest documents of authority, and the newest head of the audit log.

    Threads may read while another one writes. What is known never becomes older. What another
    process writes to the file is known at once.
    """

    def __init__(self, file: Path | None = None) -> None:
        """Read what `file` holds; without a file, remember in memory only.

        Raises OSError, and KeyFileError for a damaged file.
        """
        self._file = file
        self._version: tuple[int, int] | None = None
        self._known = _Known(MappingProxyType({}), None)
        self._refresh()

    @property
    def documents(self) -> Mapping[str, TrustedDocument]:
        """The newest documents, by name."""
        return self._refresh().documents

    @property
    def head(self) -> LogHead | None:
        """The newest head of the audit log; None while the log was empty."""
        return self._refresh().head

    def advance(self, documents: Mapping[str, TrustedDocument], head: LogHead | None) -> None:
        """Remember these documents and this head, where they are newer. They were committed.

        Raises OSError and KeyFileError.
        """
        seen = _Known(documents, head)
        if self._file is None:
            self._known = _newest(self._known, seen)
        elif _newest(self._refresh(), seen) != self._known:
            with lock_folder(self._file):
                replace_private(self._file, _dump(_newest(self._refresh(), seen)))

    def _refresh(self) -> _Known:
        """Return what is known, with what another process wrote to the file."""
        if self._file is not None and (version := _version(self._file)) != self._version:
            if version is not None:
                self._known = _newest(self._known, _read(self._file))
            self._version = version
        return self._known


def state_file(key_file: Path) -> Path:
    """Return the state file that belongs to a key file."""
    return key_file.with_name(f"{key_file.name}{SUFFIX}")


def _version(file: Path) -> tuple[int, int] | None:
    """Return what changes whenever the file is replaced; None if there is no file."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def _newest(old: _Known, new: _Known) -> _Known:
    """Return the newer of each document and head. Documents that were encrypted again are newer."""
    documents = dict(old.documents)
    for name, document in new.documents.items():
        known = documents.get(name)
        if known is None or document.generation >= known.generation:
            documents[name] = document
    heads = [each for each in (old.head, new.head) if each is not None]
    head = max(heads, key=lambda each: each.position, default=None)
    return _Known(MappingProxyType(documents), head)


def _read(file: Path) -> _Known:
    try:
        saved = json.loads(file.read_bytes())
        documents = {
            str(name): TrustedDocument(int(each[_GENERATION]), bytes.fromhex(each[_ENCRYPTED]))
            for name, each in saved[_DOCUMENTS].items()
        }
        head = saved[_HEAD] and LogHead(
            int(saved[_HEAD][_POSITION]), bytes.fromhex(saved[_HEAD][_DIGEST])
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        fix = "Restore it from a backup, or delete it if you know why it is damaged."
        raise KeyFileError(f"{file} is damaged.", fix) from None
    return _Known(MappingProxyType(documents), head)


def _dump(known: _Known) -> str:
    saved: dict[str, Any] = {
        _DOCUMENTS: {
            name: {_GENERATION: each.generation, _ENCRYPTED: each.encrypted.hex()}
            for name, each in sorted(known.documents.items())
        },
        _HEAD: known.head and {_POSITION: known.head.position, _DIGEST: known.head.digest.hex()},
    }
    return json.dumps(saved, indent=1)
