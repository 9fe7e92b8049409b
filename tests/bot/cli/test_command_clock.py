"""Commands go by the clock of the database's server, as the bot does, and not by this machine's."""

from datetime import UTC, datetime

import pytest

from bot.cli import team
from bot.cli.database import maintenance
from bot.settings import model
from storage.admin import audit
from tests.bot.organisation import Organisation

AHEAD = datetime(2031, 5, 4, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_command_uses_the_time_of_the_server(
    organisation: Organisation, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.server_time.read_time", lambda _: AHEAD)
    organisation.sets(database={"url": database_url})
    settings = model.load({"ACTIONBOT_CONFIG": str(organisation.file)})
    await team._panic(settings, end=False)
    async with maintenance.open_store(settings) as (database, vault, clock):
        page = await database.read(lambda c: audit.page(c, vault, number=1))
        assert clock().date() == AHEAD.date()
    assert [each.at.date() for each in page.entries] == [AHEAD.date()]
