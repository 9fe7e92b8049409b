"""The log of erasures, and the file to which a machine copies it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.services.housekeeping.erasure_copy import copy_erasures
from conversations.core.effects.admin import BlockSender, UnblockSender
from conversations.core.effects.journey import (
    ErasePerson,
    ForgetDetails,
    SaveDetails,
    Subscribe,
    UnsubscribeAll,
)
from conversations.core.effects.letters import Withdraw
from storage import erasure_file, erasure_log
from storage.crypto.keys import KeyFileError
from storage.erasure import repeating
from storage.erasure_file import ErasureFile
from storage.erasure_log import LoggedErasure
from tests.storage.people import AHMED, MARIA, sends
from tests.storage.post import Post
from tests.vaults import FIRST_DAY

DAY = FIRST_DAY.isoformat()
TODAY = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 12, tzinfo=UTC)


async def kinds(post: Post) -> list[str]:
    entries = await post.database.read(lambda c: erasure_log.after(c, 0))
    assert [each.number for each in entries] == list(range(1, len(entries) + 1))
    return [each.read(post.vault).kind for each in entries]


async def test_what_is_erased_is_logged_in_the_same_transaction(post: Post) -> None:
    await post.act(MARIA, sends(), SaveDetails("1" * 32, "en"), Subscribe("river", True, "en"))
    assert await kinds(post) == []
    person = "a" * 64
    await post.act(AHMED, BlockSender(person, "5" * 32, "river"), UnblockSender(person, "river"))
    await post.act(MARIA, ForgetDetails("en"), UnsubscribeAll("en"), Withdraw("1" * 32))
    await post.act(MARIA, ErasePerson())
    assert await kinds(post) == [
        "blocked",
        "unblocked",
        "details forgotten",
        "unsubscribed",
        "withdrawn",
        "erased",
    ]


async def test_nothing_is_logged_that_changed_nothing(post: Post) -> None:
    await post.act(MARIA, Subscribe("river", False, "en"), UnsubscribeAll("en"))
    assert await kinds(post) == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return erasure_file.path_beside(tmp_path / "actionbot.keys")


async def test_each_entry_is_copied_once(post: Post, path: Path) -> None:
    await copy_erasures(post.database, post.vault, path)
    assert erasure_file.read(path) == ErasureFile(0)
    for chat in (MARIA, AHMED):
        await post.act(chat, ErasePerson(), now=TODAY)
        await copy_erasures(post.database, post.vault, path)
        await copy_erasures(post.database, post.vault, path)
    found = erasure_file.read(path)
    assert found is not None
    assert [each.number for each in found.entries] == [1, 2]
    assert found.entries == await post.database.read(lambda c: erasure_log.after(c, 0))


def test_only_the_owner_can_read_the_file(path: Path) -> None:
    erasure_file.append(path, (entry(1),), first_day=DAY)
    assert path.stat().st_mode & 0o777 == 0o600


def entry(number: int, day: str = DAY) -> LoggedErasure:
    return LoggedErasure(number, day, bytes([number]))


def test_a_line_that_was_not_finished_is_written_again(path: Path) -> None:
    erasure_file.write(path, ErasureFile(4, (entry(5), entry(6))))
    path.write_bytes(path.read_bytes()[:-9])
    assert erasure_file.read(path) == ErasureFile(4, (entry(5),))
    erasure_file.append(path, (entry(6), entry(7)), first_day=DAY)
    assert erasure_file.read(path) == ErasureFile(4, (entry(5), entry(6), entry(7)))


def test_entries_that_no_key_opens_are_dropped(path: Path) -> None:
    erasure_file.write(path, ErasureFile(4, (entry(5, "2026-05-31"), entry(6))))
    erasure_file.append(path, (), first_day=DAY)
    assert erasure_file.read(path) == ErasureFile(5, (entry(6),))


@pytest.mark.parametrize(
    "damaged", ["", "{}\n", '{"after": 0}\nnothing\n', '{"after": 0}\n{"number": 2}\n']
)
def test_a_damaged_file_is_refused(path: Path, damaged: str) -> None:
    path.write_text(damaged)
    path.chmod(0o600)
    with pytest.raises(ValueError, match="damaged"):
        erasure_file.read(path)


def test_a_file_with_a_gap_is_refused(path: Path) -> None:
    erasure_file.write(path, ErasureFile(4, (entry(5), entry(7))))
    with pytest.raises(ValueError, match="damaged"):
        erasure_file.read(path)


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    erasure_file.write(path, ErasureFile(0))
    path.chmod(0o644)
    with pytest.raises(KeyFileError):
        erasure_file.read(path)


async def test_the_file_of_another_database_is_set_aside(post: Post, path: Path) -> None:
    erasure_file.write(path, ErasureFile(0, (entry(1), entry(2))))
    await post.act(MARIA, ErasePerson(), now=TODAY)
    await copy_erasures(post.database, post.vault, path)
    found = erasure_file.read(path)
    assert found is not None
    assert found.entries == await post.database.read(lambda c: erasure_log.after(c, 0))
    assert path.with_name(f"{path.name}.before").exists()


def test_every_kind_of_entry_is_repeated() -> None:
    kinds = {
        value
        for name, value in vars(erasure_log).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str)
    }
    assert kinds == repeating.KINDS
