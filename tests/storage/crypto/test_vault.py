import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.keys import Keyring
from storage.crypto.vault import CannotOpen, Vault

OLD = Keyring({1: b"o" * 32}, b"h" * 32)
NEW = Keyring({1: b"o" * 32, 2: b"n" * 32}, b"h" * 32)
VAULT = Vault(OLD)


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=40))
def test_what_is_sealed_opens_in_its_place(value: bytes, row: bytes) -> None:
    sealed = VAULT.seal(value, table="supporters", column="sealed_chat", row=row)
    assert VAULT.open(sealed, table="supporters", column="sealed_chat", row=row) == value
    assert sealed != VAULT.seal(value, table="supporters", column="sealed_chat", row=row)


@given(st.data())
def test_a_value_that_was_changed_or_cut_does_not_open(data: st.DataObject) -> None:
    sealed = VAULT.seal(b"maria@mail.example", table="t", column="c", row=b"1")
    at = data.draw(st.integers(0, len(sealed) - 1))
    flipped = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
    for damaged in (flipped, sealed[:at]):
        with pytest.raises(CannotOpen):
            VAULT.open(damaged, table="t", column="c", row=b"1")


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [("u", "c", b"1"), ("t", "d", b"1"), ("t", "c", b"2"), ("tc", "", b"1")],
)
def test_a_value_moved_elsewhere_does_not_open(table: str, column: str, row: bytes) -> None:
    sealed = VAULT.seal(b"Maria", table="t", column="c", row=b"1")
    with pytest.raises(CannotOpen):
        VAULT.open(sealed, table=table, column=column, row=row)


def test_old_values_open_after_rotation_and_new_ones_use_the_new_key() -> None:
    old = VAULT.seal(b"Maria", table="t", column="c", row=b"1")
    rotated = Vault(NEW)
    assert rotated.open(old, table="t", column="c", row=b"1") == b"Maria"
    new = rotated.seal(b"Maria", table="t", column="c", row=b"1")
    with pytest.raises(CannotOpen):
        VAULT.open(new, table="t", column="c", row=b"1")


def test_fingerprints_are_stable_and_divided_by_kind() -> None:
    person = VAULT.fingerprint("person", "42")
    assert person == Vault(NEW).fingerprint("person", "42")
    assert person != VAULT.fingerprint("address", "42")
    assert person != Vault(Keyring({1: b"o" * 32}, b"x" * 32)).fingerprint("person", "42")
    assert len(person) == 32
    assert VAULT.token("bounce", "42") == VAULT.token("bounce", "42")
    assert len(VAULT.token("bounce", "42")) == 16
