"""Encryption of what is personal, and the keyed hashes by which it is found again."""

import base64
import hmac
import os
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.crypto.keys import Keyring

_FORMAT = 1
_NONCE = 12

HEAD = 3
"""How many bytes tell format and key number."""


class CannotOpen(Exception):
    """A sealed value was changed, moved to another place, or sealed with a key that is gone."""


class Vault:
    """Seals values with AES-256-GCM and hashes them with HMAC-SHA-256.

    A sealed value is one byte of format, two of key number, a random 96-bit nonce (NIST SP 800-38D,
    8.2.2), and the ciphertext with its tag. Table, column, row and key number are bound to it, so a
    value copied elsewhere does not open.
    """

    def __init__(self, keyring: Keyring) -> None:
        """Use the keys of `keyring`, the current one for sealing."""
        self._ciphers = {number: AESGCM(key) for number, key in keyring.sealing.items()}
        self._current = keyring.current
        self._blocks: dict[str, Cipher[modes.ECB]] = {}
        self._here = threading.local()
        # Copied for each value: `hmac.digest` lets go of the interpreter's lock, and waits for it.
        self._hash = hmac.new(keyring.hashing, digestmod="sha256")

    @property
    def head(self) -> bytes:
        """What every value begins with that the current key has sealed."""
        return bytes([_FORMAT]) + self._current.to_bytes(2, "big")

    def seal(self, value: bytes, *, table: str, column: str, row: bytes) -> bytes:
        """Return `value` encrypted for this one place."""
        head = self.head
        nonce = os.urandom(_NONCE)
        place = _place(head, table, column, row)
        return head + nonce + self._ciphers[self._current].encrypt(nonce, value, place)

    def open(self, sealed: bytes, *, table: str, column: str, row: bytes) -> bytes:
        """Return the value sealed for this place. Raises CannotOpen."""
        head, nonce = sealed[:HEAD], sealed[HEAD : HEAD + _NONCE]
        cipher = self._ciphers.get(int.from_bytes(head[1:], "big"))
        if cipher is None or head[:1] != bytes([_FORMAT]) or len(nonce) != _NONCE:
            raise CannotOpen
        try:
            place = _place(head, table, column, row)
            return cipher.decrypt(nonce, sealed[HEAD + _NONCE :], place)
        except InvalidTag:
            raise CannotOpen from None

    def fingerprint(self, kind: str, value: str) -> bytes:
        """Return 32 bytes that stand for `value` among values of `kind`, for looking it up."""
        keyed = self._hash.copy()
        keyed.update(_joined(kind.encode(), value.encode()))
        return keyed.digest()

    def disguise(self, kind: str, id_: str) -> str:
        """Return another id of 32 hexadecimal digits, in which only this key sees `id_`.

        What goes out into the world bears these: who steals the tables cannot find in them what
        they know from outside. One block of AES-256 (FIPS 197), which keeps ids as random as
        they are.
        """
        # Of each thread one for each kind: it has no state but its key, and is dear to make.
        encryptors: dict[str, CipherContext] = self._here.__dict__
        if kind not in encryptors:
            encryptors[kind] = self._block(kind).encryptor()
        return encryptors[kind].update(bytes.fromhex(id_)).hex()

    def reveal(self, kind: str, disguised: str) -> str:
        """Return the id that was disguised."""
        return self._block(kind).decryptor().update(bytes.fromhex(disguised)).hex()

    def _block(self, kind: str) -> Cipher[modes.ECB]:
        if kind not in self._blocks:
            key = self.fingerprint("disguise", kind)
            self._blocks[kind] = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - of one random block
        return self._blocks[kind]

    def token(self, kind: str, value: str, size: int = 10) -> str:
        """Return `size` keyed bytes in small letters and digits, for links and envelopes."""
        return base64.b32encode(self.fingerprint(kind, value)[:size]).decode().rstrip("=").lower()


def _place(head: bytes, table: str, column: str, row: bytes) -> bytes:
    return head + _joined(table.encode(), column.encode(), row)


def _joined(*parts: bytes) -> bytes:
    """Return the parts with their lengths before them, so that no two lists look alike."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
