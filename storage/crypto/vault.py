"""Encryption of personal values, and keyed hashes for finding them again."""

import base64
import hmac
import os
import threading
from collections.abc import Callable
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.crypto.keys import KeyFileError, Keyring
from storage.schema.encryption import EncryptionContext

_FORMAT = 1
_NONCE_SIZE = 12

HEADER_SIZE = 3
"""Size of an encrypted value's header, in bytes: one for the format, two for the key number."""

_PSEUDONYM_KEY = "disguise"
"""Kind of the keyed hash from which the keys of pseudonyms are derived. It never changes."""


class DecryptionError(Exception):
    """A value was changed or moved to another place, or its key is gone."""


class MissingKeyError(DecryptionError, OSError):
    """A value was encrypted with a key that the key file lacks, for now: it can be replaced.

    It counts as an OSError, so that what needs the value waits instead of failing for good.
    """


class Vault:
    """Encrypts values with AES-256-GCM, and hashes them with HMAC-SHA-256.

    An encrypted value consists of a header, a random 96-bit nonce (NIST SP 800-38D, 8.2.2), and the
    ciphertext with its tag. The header, the context and the row's key are authenticated with it, so
    a value that is copied to another place cannot be decrypted.
    """

    def __init__(self, keyring: Keyring, reread: Callable[[], Keyring] | None = None) -> None:
        """Encrypt with the current key of `keyring`; decrypt with any of its keys.

        `reread` returns the keys as they are now. It is called for a value with a newer key, which
        `actionbot keys` has created meanwhile. It raises KeyFileError or OSError.
        """
        self._reread = reread
        self.missing_key: int | None = None
        """The number of a key that a value needs and the key file lacks."""
        self._use(keyring)
        self._blocks: dict[str, Cipher[modes.ECB]] = {}
        self._thread = threading.local()
        # Copied for each value: `hmac.digest` would release the interpreter's lock and wait for it.
        self._hash = hmac.new(keyring.hashing, digestmod="sha256")

    def _use(self, keyring: Keyring) -> None:
        """Encrypt and decrypt with these keys. Other threads may be encrypting meanwhile."""
        self._ciphers = {number: AESGCM(key) for number, key in keyring.encryption.items()}
        self._current = keyring.current

    @property
    def header(self) -> bytes:
        """The header of all values that are encrypted with the current key."""
        return _header(self._current)

    def encrypt(self, value: bytes, context: EncryptionContext, *, row: bytes) -> bytes:
        """Return `value` encrypted for this context and this row. `row` is its primary key."""
        current = self._current
        header, nonce = _header(current), os.urandom(_NONCE_SIZE)
        place = _place(header, context, row)
        return header + nonce + self._ciphers[current].encrypt(nonce, value, place)

    def decrypt(self, encrypted: bytes, context: EncryptionContext, *, row: bytes) -> bytes:
        """Return the value that was encrypted in this place.

        Raises DecryptionError; it is a MissingKeyError if the key file lacks the key.
        """
        header, nonce = encrypted[:HEADER_SIZE], encrypted[HEADER_SIZE : HEADER_SIZE + _NONCE_SIZE]
        if header[:1] != bytes([_FORMAT]) or len(nonce) != _NONCE_SIZE:
            raise DecryptionError
        cipher = self._cipher(int.from_bytes(header[1:], "big"))
        try:
            place = _place(header, context, row)
            return cipher.decrypt(nonce, encrypted[HEADER_SIZE + _NONCE_SIZE :], place)
        except InvalidTag:
            raise DecryptionError from None

    def _cipher(self, number: int) -> AESGCM:
        """Return the cipher of a key, after rereading the keys if it is a newer one."""
        if number not in self._ciphers and number > self._current and self._reread is not None:
            with suppress(KeyFileError, OSError):
                self._use(self._reread())
            self.missing_key = None if number in self._ciphers else number
            if self.missing_key is not None:
                raise MissingKeyError
        try:
            return self._ciphers[number]
        except KeyError:
            raise DecryptionError from None

    def keyed_hash(self, kind: str, value: str) -> bytes:
        """Return the keyed hash of `value`, 32 bytes. Equal values of one kind have equal hashes.

        Hashes are stored, so the strings that callers pass as `kind` never change.
        """
        keyed = self._hash.copy()
        keyed.update(_joined(kind.encode(), value.encode()))
        return keyed.digest()

    def token(self, kind: str, value: str, size: int = 10) -> str:
        """Return the first `size` bytes of the keyed hash in base32, for links and envelopes."""
        return base64.b32encode(self.keyed_hash(kind, value)[:size]).decode().rstrip("=").lower()

    def pseudonym(self, kind: str, id_: str) -> str:
        """Return a pseudonym of an id, from which only this key recovers the id.

        Both are 32 hexadecimal digits. Ids are published as pseudonyms only, so that nobody with a
        stolen database can look up an id seen elsewhere. The id is encrypted as one block of
        AES-256 (FIPS 197), which needs no nonce, because ids are random.
        """
        # One encryptor per thread and kind: it has no state but its key, and is slow to create.
        encryptors: dict[str, CipherContext] = self._thread.__dict__
        if kind not in encryptors:
            encryptors[kind] = self._block(kind).encryptor()
        return encryptors[kind].update(bytes.fromhex(id_)).hex()

    def resolve_pseudonym(self, kind: str, pseudonym: str) -> str:
        """Return the id behind a pseudonym of this kind."""
        return self._block(kind).decryptor().update(bytes.fromhex(pseudonym)).hex()

    def _block(self, kind: str) -> Cipher[modes.ECB]:
        if kind not in self._blocks:
            key = self.keyed_hash(_PSEUDONYM_KEY, kind)
            self._blocks[kind] = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - of one random block
        return self._blocks[kind]


def _header(number: int) -> bytes:
    """Return the header of values that are encrypted with the key of this number."""
    return bytes([_FORMAT]) + number.to_bytes(2, "big")


def _place(header: bytes, context: EncryptionContext, row: bytes) -> bytes:
    return header + _joined(context.table.encode(), context.column.encode(), row)


def _joined(*parts: bytes) -> bytes:
    """Join the parts, each after its length, so that different lists give different bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
