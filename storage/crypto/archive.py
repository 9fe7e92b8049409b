"""Encrypt records of letters to the organisation's own public key, whose private half is elsewhere.

Records are encrypted with HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM). The server knows only
the public half, so whoever takes it over cannot read them.
"""

from dataclasses import MISSING, asdict, dataclass, fields

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from conversations.model.archive_keys import PRIVATE_PREFIX, PUBLIC_PREFIX, read_key, write_key

# Both are bound into each record, so they never change.
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"actionbot archive record 1"

_BLOCK = 512
"""Records are padded to a multiple of so many bytes, because their length reveals something."""


class ArchiveRecordError(ValueError):
    """A record cannot be opened with this key."""


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """What the archive keeps of one letter."""

    campaign: str
    """The campaign's slug."""

    day: str
    """UTC day on which Send was pressed, as YYYY-MM-DD."""

    name: str
    country: str
    """ISO 3166 code."""

    address: str
    state: str
    """What became of the letter (LetterState)."""

    answers: str = ""
    """Answers to the campaign's own questions by their id, as JSON; "" for none."""


def new_keys() -> tuple[str, str]:
    """Return a new private key and its public key, as texts."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return write_key(PRIVATE_PREFIX, private.private_bytes_raw()), write_key(PUBLIC_PREFIX, public)


def encrypt_record(public_key: str, record: ArchiveRecord) -> bytes:
    """Return the encrypted record. Raises ArchiveKeyError."""
    public = X25519PublicKey.from_public_bytes(read_key(PUBLIC_PREFIX, public_key))
    content = orjson.dumps(asdict(record))
    # JSON ends where its padding of spaces begins.
    padded = content.ljust(-(-len(content) // _BLOCK) * _BLOCK)
    return _SUITE.encrypt(padded, public, info=_INFO)


def decrypt_record(private_key: str, encrypted: bytes) -> ArchiveRecord:
    """Return the record. Raises ArchiveKeyError, or ArchiveRecordError for another archive's."""
    private = X25519PrivateKey.from_private_bytes(read_key(PRIVATE_PREFIX, private_key))
    try:
        content = orjson.loads(_SUITE.decrypt(encrypted, private, info=_INFO))
        return ArchiveRecord(
            **{
                field.name: str(content[field.name])
                for field in fields(ArchiveRecord)
                if field.name in content or field.default is MISSING
            }
        )
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise ArchiveRecordError("this record belongs to another key, or is damaged") from error
