"""Days pass: keys age, and backups with them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.services.core import Core
from bot.services.housekeeping import key_rotation as service
from bot.services.housekeeping.key_rotation import KeyRotation
from conversations.core.facts import Deployment
from storage.crypto import key_rotation, keys
from storage.crypto.key_rotation import EncryptedValue, sample_value
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.storage.people import MARIA, acts, sends

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BACKUP_DAYS = 7


class Machine:
    """A process with a clock and a key file of its own."""

    def __init__(self, database: Database, file: Path) -> None:
        self.now, self.file, self.database = START, file, database
        self.restart()

    def restart(self, *, reencrypts: bool = True) -> None:
        keyring = keys.load_or_create(self.file, self.now.date())
        self.vault = Vault(keyring, lambda: self.now.date())
        core = Core(self.database, self.vault, no_deployment, lambda: self.now)
        self.rotation = KeyRotation(core, self.file, BACKUP_DAYS, reencrypts=reencrypts)

    async def lives(self, days: int) -> None:
        """Let days pass, with a round of the service on each."""
        for _ in range(days):
            self.now += DAY
            await self.rotation.run_once()

    async def writes(self) -> EncryptedValue:
        """Record a letter, and return one of its values as a backup of this moment has it."""
        await self.database.transact(lambda c: acts(c, self.vault, MARIA, sends()))
        value = await self.database.read(sample_value)
        assert value
        return value

    async def reads(self) -> bool:
        """Whether what is stored now can be read."""
        value = await self.database.read(sample_value)
        return value is not None and value.can_decrypt(self.vault)


def no_deployment() -> Deployment:
    raise AssertionError("key rotation needs no deployment")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass makes no pauses for replies, as there are none."""
    monkeypatch.setattr(service, "SHARE", 1.0)


@pytest.fixture
def machine(database: Database, tmp_path: Path) -> Machine:
    return Machine(database, tmp_path / "actionbot.keys")


async def test_a_backup_can_be_opened_for_its_days_and_no_longer(machine: Machine) -> None:
    backup = await machine.writes()
    await machine.lives(BACKUP_DAYS)
    assert backup.can_decrypt(machine.vault)
    await machine.lives(1)
    assert not backup.can_decrypt(machine.vault)
    assert await machine.reads()
    machine.restart()
    assert not backup.can_decrypt(machine.vault), "the file has no older key either"
    assert machine.vault.first_day == START.date() + DAY
    assert await machine.reads()


async def test_a_bot_that_was_stopped_for_long_loses_nothing(machine: Machine) -> None:
    backup = await machine.writes()
    machine.now += 30 * DAY
    machine.restart()
    assert backup.can_decrypt(machine.vault)
    await machine.rotation.run_once()
    assert machine.vault.first_day == (machine.now - DAY * BACKUP_DAYS).date()
    assert await machine.reads()


async def test_a_process_that_only_answers_destroys_what_another_has_encrypted_again(
    machine: Machine, tmp_path: Path
) -> None:
    backup = await machine.writes()
    copy = tmp_path / "elsewhere.keys"
    copy.write_bytes(machine.file.read_bytes())
    copy.chmod(0o600)
    other = Machine(machine.database, copy)
    other.restart(reencrypts=False)
    await other.lives(30)
    assert backup.can_decrypt(other.vault), "nobody has encrypted the values again"
    await machine.lives(30)
    await other.rotation.run_once()
    assert not backup.can_decrypt(other.vault)
    assert keys.load(copy) == keys.load(machine.file)


async def test_a_clock_far_ahead_destroys_nothing_that_others_need(
    machine: Machine, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere.keys"
    copy.write_bytes(machine.file.read_bytes())
    copy.chmod(0o600)
    other = Machine(machine.database, copy)
    await machine.writes()
    other.now += 900 * DAY
    await other.rotation.run_once()
    await machine.rotation.run_once()
    assert machine.vault.first_day == START.date()
    assert await machine.reads()
    assert machine.vault.day == await machine.database.read(key_rotation.floor), "as the floor says"


async def test_a_file_that_cannot_be_written_keeps_its_keys(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = await machine.writes()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(keys, "destroy_before", refuse)
    await machine.lives(20)
    assert backup.can_decrypt(machine.vault)
    monkeypatch.undo()
    await machine.lives(1)
    assert not backup.can_decrypt(machine.vault)
    assert await machine.reads()
