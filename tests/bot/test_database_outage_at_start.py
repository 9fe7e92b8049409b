"""A start waits for the database's server, and says so in words if that doesn't come back."""

import pytest
from sqlalchemy import make_url

from bot.cli import serving
from bot.database_errors import DatabaseOutage
from bot.settings import model
from tests.bot.organisation import Organisation, walks_to_the_code
from tests.chaos.storm.proxy import proxied
from tests.databases import plain
from tests.ports import free_port

OUT_OF_REACH = "database out of reach, trying again"

postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@postgresql
async def test_a_start_waits_for_the_server(organisation: Organisation, database_url: str) -> None:
    async with proxied(database_url) as proxy:
        organisation.sets(database={"url": proxy.url})
        proxy.refuses = True
        async with organisation.running("run", until=OUT_OF_REACH) as running:
            proxy.flow()
            await running.logs("listening")
            person = organisation.telegram.add_person(771_177, "Wilhelmina")
            await walks_to_the_code(person, "wilhelmina@mailbox.example")
            assert await running.ends() == 0
        assert "The server closes the connection." in "".join(running.log)


@postgresql
@pytest.mark.parametrize("messages", [8, 30, 60])
async def test_a_server_that_goes_away_during_the_start_is_waited_for(
    organisation: Organisation, database_url: str, messages: int
) -> None:
    async with proxied(database_url) as proxy:
        proxy.left = messages
        organisation.sets(database={"url": proxy.url})
        async with organisation.running("run", until=OUT_OF_REACH) as running:
            proxy.flow()
            await running.logs("listening")
            assert await running.ends() == 0


async def test_a_server_that_is_not_there_is_refused(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.process_memory.lock_memory", lambda: False)
    monkeypatch.setattr(serving, "START_PATIENCE", 0.0)
    port = free_port()
    organisation.sets(database={"url": f"postgresql://ann:hunter2-hunter2@127.0.0.1:{port}/bot"})
    settings = model.load({"ACTIONBOT_CONFIG": str(organisation.file)})
    with pytest.raises(DatabaseOutage) as refused:
        await serving._serve_patiently(settings, answer=True, work=True)
    assert str(refused.value) == (
        f"database.url · Can't open the database. Nothing listens at 127.0.0.1:{port}."
        " · Start the server, or fix host and port."
    )


@postgresql
async def test_a_wrong_address_is_refused_at_once(
    organisation: Organisation, database_url: str
) -> None:
    elsewhere = plain(make_url(database_url).set(database="nowhere"))
    organisation.sets(database={"url": elsewhere})
    outcome = await organisation.types("run")
    assert outcome.status == 2
    assert "There is no database “nowhere” on the server." in outcome.err
    assert OUT_OF_REACH not in outcome.err
