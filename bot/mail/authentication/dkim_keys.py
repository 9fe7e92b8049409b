"""The key that signs mail (DKIM): its file, what is wrong with it, and what DNS says of it."""

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
from bot.settings.model import MailSettings
from storage.crypto.keys import KeyFileError, read_private, write_private

DEFAULT_FILE = "dkim.pem"
"""Where the key is made, unless the settings name another file."""

_WHERE = "mail.dkim_key"
_BITS = 2048
"""What a key has at least, as RFC 8301, section 3.2, advises, and what ours have: the record of a
longer one may not fit in an answer of 512 octets (RFC 6376, section 3.3.3)."""

_MEND = "Type: actionbot keys dkim"


@dataclass(frozen=True)
class DnsRecord:
    """A TXT record, as it is to stand in DNS."""

    name: str
    value: str

    @property
    def strings(self) -> tuple[str, ...]:
        """The value in strings of at most 255 octets (RFC 1035, section 3.3), read as one."""
        return tuple(self.value[at : at + 255] for at in range(0, len(self.value), 255))

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {"name": self.name, "type": "TXT", "value": self.value, "strings": self.strings}

    def lines(self) -> Iterator[str]:
        """Yield it for people, as forms for DNS ask for it."""
        yield from ("", f"Name:  {self.name}", "Type:  TXT", f"Value: {self.value}")
        if len(self.strings) > 1:
            yield "       or, where a string may have 255 characters only:"
            yield "       " + " ".join(f'"{string}"' for string in self.strings)


@dataclass(frozen=True)
class Published:
    """A key and its records. `made`: just now; `known`: the settings name its file."""

    file: Path
    made: bool
    known: bool
    records: tuple[DnsRecord, ...]

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "file": str(self.file),
            "made": self.made,
            "set": self.known,
            "records": [record.as_json() for record in self.records],
        }

    def lines(self) -> Iterator[str]:
        """Yield what is to be done, for people."""
        yield f"{self.file} is made." if self.made else f"The key is in {self.file}."
        yield "Only its owner can read it; whoever has it can sign as you. What DNS needs to say:"
        for record in self.records:
            yield from record.lines()
        yield ""
        if self.known:
            yield "Mail is signed with this key, from the next start of the bot on."
        else:
            yield "Once DNS says so, write under [mail], and start the bot anew:"
            yield f'dkim_key = "{self.file.name}"'


def publish(mail: MailSettings, folder: Path) -> Published:
    """Return the key that is set, or else that in `folder`, made where there is none.

    Raises Mistaken.
    """
    file = mail.dkim_key or folder / DEFAULT_FILE
    made = not file.exists()
    if made:
        _make(file)
    known = mail.dkim_key is not None
    return Published(file, made, known, dns_records(mail, load_key(file)))


def open_signer(mail: MailSettings) -> DkimSigner | None:
    """Return who signs mail; None where no key is set. Raises Mistaken."""
    if mail.dkim_key is None:
        return None
    return DkimSigner(load_key(mail.dkim_key), mail.dkim_selector)


def load_key(file: Path) -> RSAPrivateKey:
    """Return the key in `file`. Raises Mistaken, in words that hold nothing of it."""
    try:
        key = load_pem_private_key(read_private(file), password=None)
    except FileNotFoundError:
        raise CommandError(f"There is no {file}.", fix=_MEND, where=_WHERE) from None
    except KeyFileError as error:
        raise CommandError(str(error), fix=error.fix, where=_WHERE) from None
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read ({type(error).__name__}).",
            fix="See that it is a file, and that the bot's user owns it.",
            where=_WHERE,
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CommandError(
            f"{file} holds no private key in PEM that opens without a password.",
            fix="Restore it, or set another file and make a key: actionbot keys dkim",
            where=_WHERE,
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS:
        raise CommandError(
            f"The key in {file} is not RSA of {_BITS} bits or more: mail servers may not heed it.",
            fix="Set another file and make a key: actionbot keys dkim",
            where=_WHERE,
        )
    return key


def _make(file: Path) -> None:
    """Make a key in a new `file`, which only its owner can read. Raises Mistaken."""
    key = generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        write_private(file, pem.decode("ascii"))
    except OSError as error:
        raise CommandError(
            f"{file} cannot be made ({type(error).__name__}).",
            fix="See that its folder is there and may be written to.",
            where=_WHERE,
        ) from None


def dns_records(mail: MailSettings, key: RSAPrivateKey) -> tuple[DnsRecord, ...]:
    """Return the record for each domain that mail comes from."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    value = f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"
    name = f"{mail.dkim_selector}._domainkey"
    return tuple(DnsRecord(f"{name}.{domain}", value) for domain in mail.domains)
