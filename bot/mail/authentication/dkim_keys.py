"""The key that signs mail (DKIM): create it, load it from its file, and make its DNS records."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bot.errors import CommandError
from bot.mail.authentication.dkim import DkimSigner
from bot.settings.mail_sections import MailSettings
from storage.crypto.keys import KeyFileError, read_private, write_private

DEFAULT_FILE = "dkim.pem"
"""The name of the key's file, unless the settings name another."""

_SETTING = "mail.dkim_key"

_KEY_BITS = 2048
"""The minimum that RFC 8301, section 3.2, advises, and the size of the keys created here.

The record of a longer key may not fit into a DNS answer of 512 octets (RFC 6376, section 3.3.3).
"""

_MAX_STRING = 255
"""Octets in one string of a TXT record (RFC 1035, section 3.3)."""

_CREATE_KEY = "Run: actionbot keys dkim"


@dataclass(frozen=True)
class DnsRecord:
    """A TXT record to add to DNS."""

    name: str
    value: str

    @property
    def strings(self) -> tuple[str, ...]:
        """The value cut into strings of at most 255 octets, which DNS clients join again."""
        starts = range(0, len(self.value), _MAX_STRING)
        return tuple(self.value[start : start + _MAX_STRING] for start in starts)

    def as_json(self) -> dict[str, object]:
        """Return the record for programs."""
        return {"name": self.name, "type": "TXT", "value": self.value, "strings": self.strings}

    def lines(self) -> Iterator[str]:
        """Yield the record for people, with the fields that DNS providers' forms have."""
        yield from ("", f"Name:  {self.name}", "Type:  TXT", f"Value: {self.value}")
        if len(self.strings) > 1:
            yield "       or, if a string can have only 255 characters:"
            yield "       " + " ".join(f'"{string}"' for string in self.strings)


@dataclass(frozen=True)
class PublishedKey:
    """A key and its DNS records."""

    file: Path

    created: bool
    """Whether the key was created just now."""

    in_settings: bool
    """Whether the settings name the key's file."""

    records: tuple[DnsRecord, ...]

    def as_json(self) -> dict[str, object]:
        """Return the record for programs."""
        return {
            "file": str(self.file),
            "made": self.created,
            "set": self.in_settings,
            "records": [record.as_json() for record in self.records],
        }

    def lines(self) -> Iterator[str]:
        """Yield what to do, for people."""
        yield f"Created {self.file}." if self.created else f"The key is in {self.file}."
        yield "Only its owner can read it. Anyone who has it can sign as you. Add to your DNS:"
        for record in self.records:
            yield from record.lines()
        yield ""
        if self.in_settings:
            yield "Mail is signed with this key as soon as the bot is restarted."
        else:
            yield "Once DNS has the records, add this under [mail] and restart the bot:"
            yield f'dkim_key = "{self.file.name}"'


def publish(mail: MailSettings, folder: Path) -> PublishedKey:
    """Return the key from the settings, or else the one in `folder`, created if there is none.

    Raises CommandError.
    """
    file = mail.dkim_key or folder / DEFAULT_FILE
    created = not file.exists()
    if created:
        _create(file)
    in_settings = mail.dkim_key is not None
    return PublishedKey(file, created, in_settings, dns_records(mail, load_key(file)))


def open_signer(mail: MailSettings) -> DkimSigner | None:
    """Return the signer of outgoing mail; None if no key is set. Raises CommandError."""
    if mail.dkim_key is None:
        return None
    return DkimSigner(load_key(mail.dkim_key), mail.dkim_selector)


def load_key(file: Path) -> RSAPrivateKey:
    """Return the key in `file`. Raises CommandError, whose text contains nothing of the key."""
    try:
        key = load_pem_private_key(read_private(file), password=None)
    except FileNotFoundError:
        raise CommandError(f"There is no {file}.", fix=_CREATE_KEY, where=_SETTING) from None
    except KeyFileError as error:
        raise CommandError(str(error), fix=error.fix, where=_SETTING) from None
    except OSError as error:
        raise CommandError(
            f"Can't read {file} ({type(error).__name__}).",
            fix="Check that it is a file, and that the bot's user owns it.",
            where=_SETTING,
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CommandError(
            f"{file} doesn't contain a private key in PEM format without a password.",
            fix="Restore it, or set another file and create a key: actionbot keys dkim",
            where=_SETTING,
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _KEY_BITS:
        raise CommandError(
            f"The key in {file} isn't RSA with {_KEY_BITS} bits or more: "
            "mail servers may ignore it.",
            fix="Set another file and create a key: actionbot keys dkim",
            where=_SETTING,
        )
    return key


def _create(file: Path) -> None:
    """Create a key in a new `file` that only its owner can read. Raises CommandError."""
    key = generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        write_private(file, pem.decode("ascii"))
    except OSError as error:
        raise CommandError(
            f"Can't create {file} ({type(error).__name__}).",
            fix="Check that its folder exists and is writable.",
            where=_SETTING,
        ) from None


def dns_records(mail: MailSettings, key: RSAPrivateKey) -> tuple[DnsRecord, ...]:
    """Return the DNS record for each domain that mail comes from."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    value = f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"
    name = f"{mail.dkim_selector}._domainkey"
    return tuple(DnsRecord(f"{name}.{domain}", value) for domain in mail.domains)
