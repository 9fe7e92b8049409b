import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.keys import Keyring
from storage.crypto.vault import DecryptionError, MissingKeyError, Vault
from storage.schema.encryption import EncryptionContext

OLD = Keyring({1: b"o" * 32}, b"h" * 32)
NEW = Keyring({1: b"o" * 32, 2: b"n" * 32}, b"h" * 32)
VAULT = Vault(OLD)
HERE = EncryptionContext("t", "c")
CHAT = EncryptionContext("supporters", "encrypted_chat")


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
        VAULT.decrypt(encrypted, EncryptionContext(table, column), row=row)


def test_old_values_are_decrypted_after_rotation_and_new_ones_use_the_new_key() -> None:
    old = VAULT.encrypt(b"Maria", HERE, row=b"1")
    rotated = Vault(NEW)
    assert rotated.decrypt(old, HERE, row=b"1") == b"Maria"
    new = rotated.encrypt(b"Maria", HERE, row=b"1")
    with pytest.raises(DecryptionError):
        VAULT.decrypt(new, HERE, row=b"1")


def test_keyed_hashes_are_stable_and_differ_by_kind() -> None:
    person = VAULT.keyed_hash("person", "42")
    assert person == Vault(NEW).keyed_hash("person", "42")
    assert person != VAULT.keyed_hash("address", "42")
    assert person != Vault(Keyring({1: b"o" * 32}, b"x" * 32)).keyed_hash("person", "42")
    assert len(person) == 32
    assert VAULT.token("bounce", "42") == VAULT.token("bounce", "42")
    assert len(VAULT.token("bounce", "42")) == 16


def test_a_newer_key_is_read_when_a_value_needs_it() -> None:
    files = [OLD, NEW]
    vault = Vault(OLD, lambda: files.pop(0))
    encrypted = Vault(NEW).encrypt(b"Maria", HERE, row=b"1")
    with pytest.raises(MissingKeyError):
        vault.decrypt(encrypted, HERE, row=b"1")
    assert vault.missing_key == 2
    assert vault.decrypt(encrypted, HERE, row=b"1") == b"Maria"
    assert vault.missing_key is None
    assert vault.header == Vault(NEW).header
