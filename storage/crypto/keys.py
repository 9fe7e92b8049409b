"""The key file: created at the first start, readable by its owner only, kept apart from the data.

`read_private` and `write_private` work for any file whose content is secret.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_KEY_SIZE = 32
"""Size of each key, in bytes."""

_OTHERS = 0o077
"""Mode bits that let anybody but the owner use a file."""

_RESTORE = "Restore it from its backup."

# Names in the key file. They never change.
_ENCRYPTION = "sealing"
_HASHING = "hashing"


class KeyFileError(Exception):
    """A key file cannot be used. Neither the text nor `fix` contains a key."""

    def __init__(self, what: str, fix: str) -> None:
        """Say what is wrong, and how to fix it."""
        super().__init__(what)
        self.fix = fix


@dataclass(frozen=True)
class Keyring:
    """The keys of a vault."""

    encryption: dict[int, bytes] = field(repr=False)
    """Encryption keys by number. The highest number encrypts; the others still decrypt."""

    hashing: bytes = field(repr=False)
    """Key of all hashes. Hashes are used to find rows, so this key is never renewed."""

    @property
    def current(self) -> int:
        """The number of the key that encrypts new values."""
        return max(self.encryption)


def load_or_create(path: Path) -> Keyring:
    """Return the keys in `path`. A missing file is created, with new keys and mode 0600.

    Two processes that start at once end up with the same keys. Raises KeyFileError.
    """
    if not path.exists():
        keyring = Keyring({1: secrets.token_bytes(_KEY_SIZE)}, secrets.token_bytes(_KEY_SIZE))
        with suppress(FileExistsError):  # another process was first
            write_private(path, _dump(keyring))
    return load(path)


def rotate(path: Path) -> Keyring:
    """Add a new encryption key to `path` and return all keys; the old keys still decrypt.

    Raises KeyFileError.
    """
    old = load(path)
    encryption = {**old.encryption, old.current + 1: secrets.token_bytes(_KEY_SIZE)}
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    write_private(fresh, _dump(Keyring(encryption, old.hashing)))
    fresh.replace(path)
    return load(path)


def write_private(path: Path, text: str) -> None:
    """Create the file `path`, readable by its owner only.

    Raises OSError, also if the file exists: it is never replaced.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A hard link appears complete or not at all, and never replaces another process's file.
        os.link(draft, path)
    finally:
        draft.unlink()


def read_private(path: Path) -> bytes:
    """Return the content of `path`. Raises OSError, and KeyFileError if others can read it."""
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise KeyFileError(f"Others can read {path}.", f"Run: chmod 600 {path}")
    return path.read_bytes()


def _dump(keyring: Keyring) -> str:
    encryption = {str(number): key.hex() for number, key in keyring.encryption.items()}
    return json.dumps({_ENCRYPTION: encryption, _HASHING: keyring.hashing.hex()}, indent=1)


def load(path: Path) -> Keyring:
    """Return the keys in `path`. Raises KeyFileError and OSError."""
    content = read_private(path)
    try:
        saved = json.loads(content)
        encryption = {int(number): bytes.fromhex(key) for number, key in saved[_ENCRYPTION].items()}
        hashing = bytes.fromhex(saved[_HASHING])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyFileError(f"{path} isn't a key file.", _RESTORE) from None
    if not encryption or any(len(key) != _KEY_SIZE for key in (*encryption.values(), hashing)):
        raise KeyFileError(f"A key in {path} is damaged.", _RESTORE)
    return Keyring(encryption, hashing)
