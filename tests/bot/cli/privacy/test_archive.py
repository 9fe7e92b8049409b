"""The archive from the command line: keys, export, and reading it offline."""

import base64
import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from conversations.model.archive_keys import PRIVATE_PREFIX, PUBLIC_PREFIX
from storage.crypto.archive import ArchiveRecord, encrypt_record
from tests.bot.conftest import Type
from tests.bot.organisation import Organisation


def new_key(actionbot: Type, name: str) -> str:
    """Make a key, and return its public half as it is printed."""
    printed = actionbot("archive", "new-key", "--out", name)
    assert printed.status == 0
    (line,) = [line for line in printed.out.splitlines() if line.startswith("archive_key")]
    assert PRIVATE_PREFIX not in printed.out + printed.err
    return line.removeprefix('archive_key = "').removesuffix('"')


def write_export(path: Path, *records: bytes) -> None:
    lines = [base64.b64encode(each).decode() for each in records]
    path.write_text("\n".join(["actionbot archive 1", *lines, ""]), encoding="utf-8")


def record(name: str, country: str = "PT") -> ArchiveRecord:
    return ArchiveRecord("river", "2026-03-01", name, country, "p@mail.example", "accepted")


def test_a_private_key_is_written_once_and_for_its_owner_only(
    actionbot: Type, tmp_path: Path
) -> None:
    public = new_key(actionbot, "archive.key")
    assert public.startswith(PUBLIC_PREFIX)
    file = tmp_path / "archive.key"
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text(encoding="utf-8")
    assert public in before
    again = actionbot("archive", "new-key", "--out", "archive.key")
    assert (again.status, "already exists" in again.err) == (2, True)
    assert file.read_text(encoding="utf-8") == before


def test_an_export_is_opened_into_csv(actionbot: Type, tmp_path: Path) -> None:
    public, other = new_key(actionbot, "archive.key"), new_key(actionbot, "other.key")
    sealed = [encrypt_record(public, record(name)) for name in ("Maria", "=1+1", "@cmd", "Ana")]
    write_export(tmp_path / "records.txt", *sealed)
    opened = actionbot("archive", "open", "--key", "archive.key", "records.txt")
    assert opened.status == 0
    rows = list(csv.DictReader(io.StringIO(opened.out.removeprefix("\ufeff"))))
    assert [row["name"] for row in rows] == ["'=1+1", "'@cmd", "Ana", "Maria"]
    assert rows[2] == {
        "campaign": "river",
        "day": "2026-03-01",
        "name": "Ana",
        "country": "PT",
        "address": "p@mail.example",
        "state": "accepted",
        "answers": "",
    }
    write_export(tmp_path / "records.txt", *sealed, encrypt_record(other, record("Eve")))
    opened = actionbot("archive", "open", "--key", "archive.key", "records.txt")
    assert opened.status == 1
    assert "Records of another key, or damaged: 1" in opened.err


@pytest.mark.parametrize(
    ("key", "export", "said"),
    [
        ("archive-public-x", "actionbot archive 1\n", "It has no private key."),
        ("", "actionbot archive 1\n", "It has no private key."),
        (None, "something else", "This isn't an export of an archive."),
        (None, "actionbot archive 1\n???\n", "This isn't an export of an archive."),
        (None, "", "This isn't an export of an archive."),
    ],
)
def test_other_files_are_refused(
    actionbot: Type, tmp_path: Path, key: str | None, export: str, said: str
) -> None:
    new_key(actionbot, "archive.key")
    if key is not None:
        (tmp_path / "archive.key").write_text(key, encoding="utf-8")
    (tmp_path / "records.txt").write_text(export, encoding="utf-8")
    opened = actionbot("archive", "open", "--key", "archive.key", "records.txt")
    assert (opened.status, said in opened.err) == (2, True)


async def test_the_export_holds_what_was_settled(organisation: Organisation) -> None:
    public = organisation.folder / "archive.key"
    made = await organisation.types("archive", "new-key", "--out", str(public))
    (line,) = [line for line in made.out.splitlines() if line.startswith("archive_key")]
    key = line.removeprefix('archive_key = "').removesuffix('"')
    async with organisation.running("run"):
        pass  # creates the database
    with closing(sqlite3.connect(organisation.folder / "actionbot.db")) as database, database:
        database.execute(
            "INSERT INTO actions (action, campaign, person_key, address_key, reply_to, keep_until,"
            " settle_days, copy_state, test, at, final_state, sealed) VALUES ('a', 'river', x'01',"
            " x'02', '', '2099-01-01', 0, 'none', 0, 0, 'accepted', ?)",
            (encrypt_record(key, record("Maria")),),
        )
    export = organisation.folder / "records.txt"
    exported = await organisation.types("archive", "export", str(export))
    assert exported.out.startswith("Records: 1. /forget no longer reaches those in ")
    assert export.stat().st_mode & 0o777 == 0o600
    opened = await organisation.types("archive", "open", "--key", str(public), str(export))
    assert "river,2026-03-01,Maria,PT,p@mail.example,accepted" in opened.out
    assert (await organisation.types("archive", "export", str(export))).status == 2
