import stat
from pathlib import Path

import pytest

from storage.crypto.keys import KeyFileError, load_or_create, rotate


def test_the_first_start_creates_keys_that_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    made = load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create(path) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["actionbot.keys"]


def test_a_file_that_others_can_read_is_refused_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match=r"Others can read") as refused:
        load_or_create(path)
    assert refused.value.fix == f"Run: chmod 600 {path}"


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"sealing": {"1": "00"}, "hashing": "00"}'])
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "actionbot.keys"
    path.write_text(damage)
    path.chmod(0o600)
    with pytest.raises(KeyFileError) as refused:
        load_or_create(path)
    assert refused.value.fix == "Restore it from its backup."
    assert path.read_text() == damage


def test_rotation_adds_a_key_and_keeps_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    old = load_or_create(path)
    new = rotate(path)
    assert new.current == old.current + 1
    assert new.encryption[old.current] == old.encryption[old.current]
    assert new.hashing == old.hashing
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_key_shows_in_a_repr(tmp_path: Path) -> None:
    keyring = load_or_create(tmp_path / "actionbot.keys")
    assert repr(keyring) == "Keyring()"
