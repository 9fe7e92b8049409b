"""Keyed hashes of email addresses, by which rows are found without storing the address."""

from conversations.text.typed_addresses import Address, canonical
from storage.crypto.vault import Vault

_MAX_LABELS = 8
"""Labels of a host's name that are tried."""


def address_key(vault: Vault, address: str) -> bytes:
    """Return the key of an address, 16 bytes: the size that fits into an envelope's token.

    All spellings of one mailbox have the same key.
    """
    local, _, domain = address.rpartition("@")
    return vault.keyed_hash("address", canonical(Address(local, domain.lower())))[:16]


def may_be_same(vault: Vault, address: str, key: bytes) -> bool:
    """Whether `address` is the mailbox with this key, perhaps at one of its domain's hosts.

    Servers report `name@mail.example.org` for `name@example.org`.
    """
    local, _, domain = address.strip().rstrip(".").rpartition("@")
    labels = domain.split(".")[-_MAX_LABELS:]
    parents = (".".join(labels[number:]) for number in range(max(1, len(labels) - 1)))
    return any(address_key(vault, f"{local}@{parent}") == key for parent in parents)
