"""Encryption of personal values, and keyed hashes for finding them again."""

import base64
import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from datetime import date, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.crypto.keys import Keyring
from storage.crypto.trusted_state import TrustedState
from storage.schema.encryption import EncryptionContext

_FORMAT = 2
_NONCE_SIZE = 12
_EPOCH = date(1970, 1, 1)

HEADER_SIZE = 3
"""Size of an encrypted value's header, in bytes: one for the format, two for the key's day."""

MAX_AHEAD = timedelta(days=3660)
"""How far ahead of the clock a value's day may be: deriving its key takes time for each day.

A clock that was wrong by years may have encrypted values.
"""

_SCRYPT = {"n": 2**10, "r": 8, "p": 1}
"""Cost of a slow hash (RFC 7914, 2): 1 MB of memory, and some milliseconds. It never changes."""

_SLOW_SALT = "salt"
"""Value whose keyed hash is the salt of slow hashes. It never changes."""

_MAX_SLOW = 10_000
"""Number of slow hashes that are kept in memory."""

_PSEUDONYM_KEY = "disguise"
"""Kind of the keyed hash from which the keys of pseudonyms are derived. It never changes."""


class DecryptionError(Exception):
    """A value was changed or moved to another place, or its key is gone."""


class Vault:
    """Encrypts values with AES-256-GCM, and hashes them with HMAC-SHA-256.

    An encrypted value consists of a header, a random 96-bit nonce (NIST SP 800-38D, 8.2.2), and the
    ciphertext with its tag. The header, the context and the row's key are authenticated with it, so
    a value that is copied to another place cannot be decrypted. The header names the day whose key
    encrypts the value. The value is padded, so that its length reveals little.
    """

    def __init__(
        self, keyring: Keyring, today: Callable[[], date], trusted: TrustedState | None = None
    ) -> None:
        """Encrypt with the key of `today`; decrypt with any key of `keyring`.

        `trusted` is what this machine knows to be newest; without it, nothing is known yet.
        """
        self.trusted = trusted or TrustedState()
        self._keyrings = {keyring.first_day: keyring}
        self._ciphers: dict[date, AESGCM] = {}
        self._first_day = self._day = keyring.first_day
        self._today = today
        self._blocks: dict[str, Cipher[modes.ECB]] = {}
        self._thread = threading.local()
        self._slow: dict[tuple[str, str], bytes] = {}
        # Copied for each value: `hmac.digest` would release the interpreter's lock and wait for it.
        self._hash = hmac.new(keyring.hashing, digestmod="sha256")

    @property
    def first_day(self) -> date:
        """The first day whose values can be decrypted."""
        return self._first_day

    @property
    def day(self) -> date:
        """The day whose key encrypts new values: today, or later where a clock was set back."""
        self._day = max(self._day, self._today())
        return self._day

    def not_before(self, day: date) -> None:
        """Encrypt no new value with a key before `day`, whatever the clock says."""
        self._day = max(self._day, day)

    def destroy_before(self, day: date) -> None:
        """Forget the keys before `day`. Values that they encrypt can't be decrypted any more."""
        self.not_before(day)
        if day > self._first_day:
            self._keyrings = {day: self._keyring(day)}
            self._ciphers = {each: key for each, key in self._ciphers.items() if each >= day}
            self._first_day = day

    def encrypt(self, value: bytes, context: EncryptionContext, *, row: bytes) -> bytes:
        """Return `value` encrypted for this context and this row. `row` is its primary key."""
        day = self.day
        header = header_of(day)
        nonce = os.urandom(_NONCE_SIZE)
        place = _place(header, context, row)
        padded = _padded(value, context.block)
        return header + nonce + self._cipher(day).encrypt(nonce, padded, place)

    def decrypt(self, encrypted: bytes, context: EncryptionContext, *, row: bytes) -> bytes:
        """Return the value that was encrypted in this place. Raises DecryptionError."""
        header, nonce = encrypted[:HEADER_SIZE], encrypted[HEADER_SIZE : HEADER_SIZE + _NONCE_SIZE]
        day = _EPOCH + timedelta(days=int.from_bytes(header[1:], "big"))
        if header[:1] != bytes([_FORMAT]) or len(nonce) != _NONCE_SIZE:
            raise DecryptionError
        if not self._first_day <= day <= self.day + MAX_AHEAD:
            raise DecryptionError
        try:
            cipher = self._cipher(day)
            place = _place(header, context, row)
            padded = cipher.decrypt(nonce, encrypted[HEADER_SIZE + _NONCE_SIZE :], place)
        except InvalidTag:
            raise DecryptionError from None
        return padded.rstrip(b"\0")[:-1]

    def keyed_hash(self, kind: str, value: str) -> bytes:
        """Return the keyed hash of `value`, 32 bytes. Equal values of one kind have equal hashes.

        Hashes are stored, so the strings that callers pass as `kind` never change.
        """
        keyed = self._hash.copy()
        # Mail from strangers may contain half a character (a lone surrogate).
        keyed.update(_joined(kind.encode(), value.encode(errors="surrogatepass")))
        return keyed.digest()

    def slow_hash(self, kind: str, value: str) -> bytes:
        """Return a hash like `keyed_hash`, 32 bytes, that is slow to compute (scrypt, RFC 7914).

        It is for values of which there are so few that somebody with the keys could try them all.
        """
        place = (kind, value)
        if place not in self._slow:
            if len(self._slow) >= _MAX_SLOW:
                self._slow.clear()
            salt = self.keyed_hash(kind, _SLOW_SALT)
            self._slow[place] = hashlib.scrypt(value.encode(), salt=salt, dklen=32, **_SCRYPT)
        return self._slow[place]

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

    def _cipher(self, day: date) -> AESGCM:
        if day not in self._ciphers:
            self._ciphers[day] = AESGCM(self._keyring(day).encryption_key())
        return self._ciphers[day]

    def _keyring(self, day: date) -> Keyring:
        """Return the keyring that begins on `day`, derived from the nearest one before."""
        if day not in self._keyrings:
            nearest = max(each for each in tuple(self._keyrings) if each < day)
            self._keyrings[day] = self._keyrings[nearest].since(day)
        return self._keyrings[day]

    def _block(self, kind: str) -> Cipher[modes.ECB]:
        if kind not in self._blocks:
            key = self.keyed_hash(_PSEUDONYM_KEY, kind)
            self._blocks[kind] = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - of one random block # nosec B305
        return self._blocks[kind]


def header_of(day: date) -> bytes:
    """Return the header of values that the key of `day` encrypts. Headers sort by day."""
    return bytes([_FORMAT]) + (day - _EPOCH).days.to_bytes(2, "big")


def _place(header: bytes, context: EncryptionContext, row: bytes) -> bytes:
    return header + _joined(context.table.encode(), context.column.encode(), row)


def _padded(value: bytes, block: int) -> bytes:
    """Append a one bit and zeros up to a multiple of `block` bytes (ISO/IEC 9797-1, method 2)."""
    marked = value + b"\x80"
    return marked + bytes(-len(marked) % block)


def _joined(*parts: bytes) -> bytes:
    """Join the parts, each after its length, so that different lists give different bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
