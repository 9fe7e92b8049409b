"""Keyed hashes of email addresses: one for each purpose, so that rows of two can't be matched."""

from collections.abc import Callable

from conversations.text.typed.addresses import Address, canonical
from storage.crypto.vault import Vault

_MAX_LABELS = 8
"""Labels of a host's name that are tried."""

_SIZE = 16
"""Size of a key in bytes: it fits into an envelope's token."""

# Kinds of keyed hashes. Hashes are stored, so the kinds never change.
_MAILBOX = "address"
_CODE = "address: code"
_DISOWNED = "address: disowned"
_RECIPIENT = "address: recipient"
_ACTION = "address: action"
_TARGET = "address: target"
_ALERTS = "address: alerts"


class AddressKeys:
    """The keys of a mailbox, 16 bytes each. All spellings of one mailbox have the same keys."""

    __slots__ = ("_vault", "mailbox")

    def __init__(self, vault: Vault, mailbox: bytes) -> None:
        """`mailbox` is the key from which all others are derived. No table has it in clear."""
        self._vault = vault
        self.mailbox = mailbox

    @classmethod
    def of(cls, vault: Vault, address: str) -> "AddressKeys":
        """Return the keys of the mailbox with this address."""
        local, _, domain = address.rpartition("@")
        mailbox = canonical(Address(local, domain.lower()))
        return cls(vault, vault.keyed_hash(_MAILBOX, mailbox)[:_SIZE])

    @property
    def code(self) -> bytes:
        """Key in codes."""
        return self._key(_CODE, "")

    @property
    def disowned(self) -> bytes:
        """Key in disowned addresses."""
        return self._key(_DISOWNED, "")

    @property
    def alerts(self) -> bytes:
        """Key of an address of the settings that gets alerts."""
        return self._key(_ALERTS, "")

    def recipient(self, mail: str) -> bytes:
        """Return the key of the address that the mail with this id goes to."""
        return self._key(_RECIPIENT, mail)

    def action(self, campaign_key: bytes) -> bytes:
        """Return the key in a campaign's actions."""
        return self._key(_ACTION, campaign_key.hex())

    def target(self, campaign_key: bytes, target: str, round_: int) -> bytes:
        """Return the key of the letter with this address to a target of a campaign, in a round."""
        return self._key(_TARGET, f"{campaign_key.hex()} {round_} {target}")

    def __repr__(self) -> str:
        """Show nothing of the address."""
        return "AddressKeys()"

    def _key(self, kind: str, place: str) -> bytes:
        return self._vault.keyed_hash(kind, f"{place} {self.mailbox.hex()}")[:_SIZE]


def may_be_same(vault: Vault, address: str, is_it: Callable[[AddressKeys], bool]) -> bool:
    """Whether `is_it` holds for the keys of `address`, perhaps at one of its domain's hosts.

    Servers report `name@mail.example.org` for `name@example.org`.
    """
    local, _, domain = address.strip().rstrip(".").rpartition("@")
    labels = domain.split(".")[-_MAX_LABELS:]
    parents = (".".join(labels[number:]) for number in range(max(1, len(labels) - 1)))
    return any(is_it(AddressKeys.of(vault, f"{local}@{parent}")) for parent in parents)
