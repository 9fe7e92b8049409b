"""Vaults for tests, with fixed keys or with those of a key file."""

from datetime import date, timedelta
from pathlib import Path

from bot.clock import utc_now
from storage.crypto import keys
from storage.crypto.keys import Keyring
from storage.crypto.vault import Vault

FIRST_DAY = date(2026, 6, 1)
"""The first day of the test keys."""


def make_vault(keyring: Keyring | None = None, today: date | None = None) -> Vault:
    """Return a vault with fixed test keys, or with `keyring`, on its first day or on `today`."""
    keyring = keyring or Keyring(FIRST_DAY, b"1" * 32, b"h" * 32)
    return Vault(keyring, lambda: today or keyring.first_day)


def vault_of(file: Path, age: timedelta = timedelta()) -> Vault:
    """Return a vault with the keys in `file`, which is created if it is missing.

    It encrypts with the key of `age` ago.
    """

    def today() -> date:
        return utc_now().date() - age

    return Vault(keys.load_or_create(file, today()), today)
