"""The key file: made at the first start, readable by its owner alone, never kept with the data.

`read_private` and `write_private` are for any file whose content is a secret.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_BYTES = 32
_OTHERS = 0o077
_RESTORE = "Restore it from its backup."


class KeyFileError(Exception):
    """A key file can't be used: the text says why, `fix` what to do; neither contains a key."""

    def __init__(self, what: str, fix: str) -> None:
        """Create the error from what is wrong and what to do."""
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True)
class Keyring:
    """Sealing keys by number, the highest of which seals, and one key for hashes, which stays.

    Hashes look values up, so their key cannot be renewed without visiting every row.
    """

    sealing: dict[int, bytes] = field(repr=False)
    hashing: bytes = field(repr=False)

    @property
    def current(self) -> int:
        """The number of the key that seals new values."""
        return max(self.sealing)


def load_or_create(path: Path) -> Keyring:
    """Return the keys in `path`; where there is no such file, make it with mode 0600.

    Two processes that start at once end up with the same keys. Raises KeyFileError.
    """
    if not path.exists():
        keyring = Keyring({1: secrets.token_bytes(_BYTES)}, secrets.token_bytes(_BYTES))
        with suppress(FileExistsError):  # another process was first
            write_private(path, _saved(keyring))
    return _load(path)


def rotate(path: Path) -> Keyring:
    """Add a new sealing key to `path` and return the keys: old values can still be opened."""
    old = _load(path)
    sealing = {**old.sealing, old.current + 1: secrets.token_bytes(_BYTES)}
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    write_private(fresh, _saved(Keyring(sealing, old.hashing)))
    fresh.replace(path)
    return _load(path)


def write_private(path: Path, text: str) -> None:
    """Make the file `path`, which only its owner can read. Raises OSError, and replaces nothing."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A hard link appears whole or not at all, and never replaces what another process made.
        os.link(draft, path)
    finally:
        draft.unlink()


def read_private(path: Path) -> bytes:
    """Return what is in the file `path`. Raises OSError, and KeyFileError if others can read it."""
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise KeyFileError(f"Others can read {path}.", f"Run: chmod 600 {path}")
    return path.read_bytes()


def _saved(keyring: Keyring) -> str:
    sealing = {str(number): key.hex() for number, key in keyring.sealing.items()}
    return json.dumps({"sealing": sealing, "hashing": keyring.hashing.hex()}, indent=1)


def _load(path: Path) -> Keyring:
    content = read_private(path)
    try:
        saved = json.loads(content)
        sealing = {int(number): bytes.fromhex(key) for number, key in saved["sealing"].items()}
        hashing = bytes.fromhex(saved["hashing"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyFileError(f"{path} is no key file.", _RESTORE) from None
    if not sealing or any(len(key) != _BYTES for key in (*sealing.values(), hashing)):
        raise KeyFileError(f"A key in {path} is damaged.", _RESTORE)
    return Keyring(sealing, hashing)
