"""The key file: created at the first start, readable by its owner only, kept apart from the data.

Each day has an encryption key of its own. The file holds the state of a ratchet for one day, from
which the keys of that day and of all later days follow, but of no earlier day. Moving the file to a
later day therefore destroys the keys before that day.

`read_private` and `write_private` work for any file whose content is secret.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_SIZE = 32
"""Size of each key, in bytes."""

_OTHERS = 0o077
"""Mode bits that let anybody but the owner use a file."""

_RESTORE = "Restore it from its backup."

_DAY = timedelta(days=1)

# Names in the key file, and what keys are derived for. They never change.
_FIRST_DAY = "day"
_STATE = "ratchet"
_HASHING = "hashing"
_FOR_NEXT_DAY = b"actionbot ratchet: next day"
_FOR_ENCRYPTION = b"actionbot ratchet: encryption"

_OLDER_FORMAT = "sealing"
"""A name in key files of versions before the first release."""


class KeyFileError(Exception):
    """A key file cannot be used. Neither the text nor `fix` contains a key."""

    def __init__(self, what: str, fix: str) -> None:
        """Say what is wrong, and how to fix it."""
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True)
class Keyring:
    """The keys of one day and of all later days."""

    first_day: date

    state: bytes = field(repr=False)
    """State of the ratchet on the first day, KEY_SIZE bytes."""

    hashing: bytes = field(repr=False)
    """Key of all hashes. Hashes are used to find rows, so this key never changes."""

    def since(self, day: date) -> "Keyring":
        """Return the keyring without the keys before `day`."""
        if day <= self.first_day:
            return self
        state = self.state
        for _ in range((day - self.first_day).days):
            state = _derive(state, _FOR_NEXT_DAY)
        return Keyring(day, state, self.hashing)

    def encryption_key(self) -> bytes:
        """Return the encryption key of the first day."""
        return _derive(self.state, _FOR_ENCRYPTION)


def load_or_create(path: Path, today: date) -> Keyring:
    """Return the keys in `path`. A missing file is created, with new keys and mode 0600.

    Two processes that start at once end up with the same keys. Raises KeyFileError.
    """
    if not path.exists():
        keyring = Keyring(today, secrets.token_bytes(KEY_SIZE), secrets.token_bytes(KEY_SIZE))
        with suppress(FileExistsError):  # another process was first
            write_private(path, _dump(keyring))
    return load(path)


def load(path: Path) -> Keyring:
    """Return the keys in `path`. Raises KeyFileError, and OSError."""
    content = read_private(path)
    try:
        saved = json.loads(content)
        if _OLDER_FORMAT in saved:
            raise KeyFileError(
                f"{path} is from a version before the first release.",
                "Start with a new, empty database and a new key file.",
            )
        first_day = date.fromisoformat(saved[_FIRST_DAY])
        state, hashing = bytes.fromhex(saved[_STATE]), bytes.fromhex(saved[_HASHING])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyFileError(f"{path} isn't a key file.", _RESTORE) from None
    if any(len(key) != KEY_SIZE for key in (state, hashing)):
        raise KeyFileError(f"A key in {path} is damaged.", _RESTORE)
    return Keyring(first_day, state, hashing)


def destroy_before(path: Path, day: date) -> Keyring:
    """Destroy the keys in `path` that are older than `day`, and return the others.

    The old content is overwritten. A disk that writes elsewhere (an SSD, a copy-on-write file
    system) may still hold it for a while. Raises KeyFileError, and OSError.
    """
    with lock_folder(path):
        old = load(path)
        if day <= old.first_day:
            return old
        with path.open("r+b") as former:
            size = len(former.read())
            replace_private(path, _dump(old.since(day)))
            former.seek(0)
            former.write(bytes(size))
            former.flush()
            os.fsync(former.fileno())
    return load(path)


def write_private(path: Path, text: str) -> None:
    """Create the file `path`, readable by its owner only.

    Raises OSError, also if the file exists: it is never replaced.
    """
    draft = _write_draft(path, text)
    try:
        # A hard link appears complete or not at all, and never replaces another process's file.
        os.link(draft, path)
    finally:
        draft.unlink()


def read_private(path: Path) -> bytes:
    """Return the content of `path`. Raises OSError, and KeyFileError if others can read it."""
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise KeyFileError(f"Others can read {path}.", f"Run: chmod 600 {path}")
    return path.read_bytes()


def replace_private(path: Path, text: str) -> None:
    """Replace the file `path` at once, readable by its owner only. Raises OSError."""
    draft = _write_draft(path, text)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink()
        raise


def _write_draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Let one process at a time change `path`. The lock is on its folder, which stays."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _derive(state: bytes, purpose: bytes) -> bytes:
    """Derive a key from a state of the ratchet (HKDF-Expand with SHA-256, RFC 5869, 2.3)."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_SIZE, info=purpose).derive(state)


def _dump(keyring: Keyring) -> str:
    saved = {
        _FIRST_DAY: keyring.first_day.isoformat(),
        _STATE: keyring.state.hex(),
        _HASHING: keyring.hashing.hex(),
    }
    return json.dumps(saved, indent=1)
