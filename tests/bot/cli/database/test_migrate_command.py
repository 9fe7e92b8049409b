"""`actionbot migrate --to`, beside a bot that runs, and killed on the way."""

import asyncio
import json
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.bot.organisation import Organisation, hears, presses, walks_to_the_review
from tests.databases import empty_postgresql


@pytest.fixture
def there(server: URL) -> Iterator[str]:
    """The URL of an empty database on PostgreSQL, without tables."""
    with empty_postgresql(server) as url:
        yield url


@pytest.mark.slow
async def test_a_bot_moves_and_goes_on(organisation: Organisation, there: str) -> None:
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    command = ("migrate", "--to", there, "--json")
    async with organisation.running("run") as running:
        await walks_to_the_review(person, organisation, "wilhelmina@mailbox.example")
        killed = await organisation.begins(*command)
        await says_stop(killed.stderr)
        killed.send_signal(signal.SIGKILL)
        assert await killed.wait() == -signal.SIGKILL
        moving = await organisation.begins(*command)
        await says_stop(moving.stderr)
        assert await running.ends() == 0
        out, _ = await moving.communicate()
        assert moving.returncode == 0
    moved = json.loads(out)
    assert moved["rows"]["chats"] == 1
    assert 0 < moved["offline_seconds"] <= moved["seconds"]
    refused = await organisation.types("run")
    assert (refused.status, refused.err.splitlines()[0]) == (
        2,
        "✗ database.url: This database was moved to PostgreSQL.",
    )
    organisation.sets(database={"url": there})
    async with organisation.running("run"):
        await presses(person, "Send in my name")
        await hears(person, "Your letter was sent at")
        assert (await organisation.types("recount")).status == 0
        assert "✓ keys: They match the database." in (await organisation.types("doctor")).out


async def says_stop(errors: asyncio.StreamReader | None) -> None:
    """Wait until the move asks to stop the bot."""
    assert errors
    assert await errors.readline() == b"Stop the bot now, on this machine. The rest is quick.\n"
