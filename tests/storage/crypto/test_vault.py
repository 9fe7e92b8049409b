import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.keys import Keyring
from storage.crypto.vault import DecryptionError, Vault, header_of
from storage.schema.encryption import EncryptionContext
from tests.vaults import FIRST_DAY, make_vault

VAULT = make_vault()
NEXT_DAY = FIRST_DAY + timedelta(days=1)
HERE = EncryptionContext("t", "c", 16)
CHAT = EncryptionContext("supporters", "encrypted_chat", 64)


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=40))
def test_an_encrypted_value_is_decrypted_in_its_place(value: bytes, row: bytes) -> None:
    encrypted = VAULT.encrypt(value, CHAT, row=row)
    assert VAULT.decrypt(encrypted, CHAT, row=row) == value
    assert encrypted != VAULT.encrypt(value, CHAT, row=row)


@given(st.data())
def test_a_value_that_was_changed_or_cut_cannot_be_decrypted(data: st.DataObject) -> None:
    encrypted = VAULT.encrypt(b"maria@mail.example", HERE, row=b"1")
    at = data.draw(st.integers(0, len(encrypted) - 1))
    flipped = encrypted[:at] + bytes([encrypted[at] ^ 1]) + encrypted[at + 1 :]
    for damaged in (flipped, encrypted[:at]):
        with pytest.raises(DecryptionError):
            VAULT.decrypt(damaged, HERE, row=b"1")


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [("u", "c", b"1"), ("t", "d", b"1"), ("t", "c", b"2"), ("tc", "", b"1")],
)
def test_a_value_moved_elsewhere_cannot_be_decrypted(table: str, column: str, row: bytes) -> None:
    encrypted = VAULT.encrypt(b"Maria", HERE, row=b"1")
    with pytest.raises(DecryptionError):
        VAULT.decrypt(encrypted, EncryptionContext(table, column, 16), row=row)


def test_the_length_of_a_value_shows_only_its_number_of_blocks() -> None:
    lengths = [len(VAULT.encrypt(b"x" * size, HERE, row=b"1")) for size in (0, 1, 15, 16, 31, 32)]
    assert [each - lengths[0] for each in lengths] == [0, 0, 0, 16, 16, 32]


def test_values_of_earlier_days_are_decrypted_until_their_keys_are_destroyed() -> None:
    old = VAULT.encrypt(b"Maria", HERE, row=b"1")
    vault = make_vault(today=NEXT_DAY)
    new = vault.encrypt(b"Maria", HERE, row=b"1")
    assert vault.decrypt(old, HERE, row=b"1") == vault.decrypt(new, HERE, row=b"1") == b"Maria"
    assert VAULT.decrypt(new, HERE, row=b"1") == b"Maria", "a clock may be a day ahead"
    vault.destroy_before(NEXT_DAY)
    assert vault.decrypt(new, HERE, row=b"1") == b"Maria"
    with pytest.raises(DecryptionError):
        vault.decrypt(old, HERE, row=b"1")


def test_a_clock_that_is_set_back_brings_no_old_key_back() -> None:
    today = NEXT_DAY
    vault = Vault(Keyring(FIRST_DAY, b"1" * 32, b"h" * 32), lambda: today)
    assert vault.day == NEXT_DAY
    today = FIRST_DAY
    assert vault.encrypt(b"Maria", HERE, row=b"1")[:3] == header_of(NEXT_DAY)
    vault.not_before(NEXT_DAY + timedelta(days=3))
    assert vault.day == NEXT_DAY + timedelta(days=3)


def test_a_value_from_the_far_future_is_refused_at_once() -> None:
    value = VAULT.encrypt(b"Maria", HERE, row=b"1")
    with pytest.raises(DecryptionError):
        VAULT.decrypt(value[:1] + b"\xff\xff" + value[3:], HERE, row=b"1")


def test_keyed_hashes_are_stable_and_differ_by_kind() -> None:
    person = VAULT.keyed_hash("person", "42")
    assert person == make_vault(today=NEXT_DAY).keyed_hash("person", "42")
    assert person != VAULT.keyed_hash("address", "42")
    assert person != make_vault(Keyring(FIRST_DAY, b"o" * 32, b"x" * 32)).keyed_hash("person", "42")
    assert len(person) == 32
    assert VAULT.token("bounce", "42") == VAULT.token("bounce", "42")
    assert len(VAULT.token("bounce", "42")) == 16


def test_a_slow_hash_takes_memory_and_time_of_its_own() -> None:
    vault = Vault(Keyring(FIRST_DAY, b"1" * 32, b"h" * 32), lambda: FIRST_DAY)
    salt = vault.keyed_hash("kind", "salt")
    slow = hashlib.scrypt(b"1001", salt=salt, n=1024, r=8, p=1, dklen=32)
    assert vault.slow_hash("kind", "1001") == slow
    assert vault.slow_hash("other", "1001") != slow
