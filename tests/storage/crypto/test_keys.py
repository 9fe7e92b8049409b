import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.crypto.keys import KeyFileError, Keyring, destroy_before, load, load_or_create

TODAY = date(2026, 6, 10)
TOMORROW = TODAY + timedelta(days=1)


def test_the_first_start_creates_keys_that_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    made = load_or_create(path, TODAY)
    assert made.first_day == TODAY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create(path, TOMORROW) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["actionbot.keys"]


def test_a_file_that_others_can_read_is_refused_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    load_or_create(path, TODAY)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match=r"Others can read") as refused:
        load_or_create(path, TODAY)
    assert refused.value.fix == f"Run: chmod 600 {path}"


@pytest.mark.parametrize(
    "damage", ["", "[]", "{}", '{"day": "2026-06-10", "ratchet": "00", "hashing": "00"}']
)
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "actionbot.keys"
    path.write_text(damage)
    path.chmod(0o600)
    with pytest.raises(KeyFileError) as refused:
        load_or_create(path, TODAY)
    assert refused.value.fix == "Restore it from its backup."
    assert path.read_text() == damage


def test_a_file_from_before_the_first_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    path.write_text(json.dumps({"sealing": {"1": "00" * 32}, "hashing": "00" * 32}))
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="from a version before the first release"):
        load_or_create(path, TODAY)


def test_each_day_has_a_key_that_every_machine_derives() -> None:
    keyring = Keyring(TODAY, b"1" * 32, b"h" * 32)
    week = [keyring.since(TODAY + timedelta(days=days)) for days in range(7)]
    assert len({each.encryption_key() for each in week}) == 7
    assert week[2].since(week[6].first_day) == week[6]
    assert {each.hashing for each in week} == {b"h" * 32}


def test_destroyed_keys_are_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    old = load_or_create(path, TODAY)
    with path.open("rb") as former:
        assert destroy_before(path, TOMORROW) == load(path) == old.since(TOMORROW)
        assert set(former.read()) == {0}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["actionbot.keys"]
    assert old.state.hex() not in path.read_text()
    assert destroy_before(path, TODAY) == load(path), "a day that is gone does not come back"


def test_processes_that_destroy_keys_at_once_lose_no_other_key(tmp_path: Path) -> None:
    path = tmp_path / "actionbot.keys"
    old = load_or_create(path, TODAY)
    days = [TODAY + timedelta(days=1 + number % 5) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda day: destroy_before(path, day), days))
    assert load(path) == old.since(TODAY + timedelta(days=5))


def test_no_key_shows_in_a_repr(tmp_path: Path) -> None:
    keyring = load_or_create(tmp_path / "actionbot.keys", TODAY)
    assert repr(keyring) == "Keyring(first_day=datetime.date(2026, 6, 10))"
