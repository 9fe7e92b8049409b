"""The public counter: what other web sites can read of a campaign, and what they can't."""

from aiohttp import ClientSession

from bot.web.counter_server import CounterServer
from bot.web.http_server import WebServer
from bot.web.public_counters import PublicCounters
from storage.stats import tallies
from tests.stage import Stage

NOT_FOUND = (404, "404: Not Found", None)


async def requested(port: int, path: str, method: str = "GET") -> tuple[int, str, str | None]:
    """Return status, content, and which origins may read it."""
    async with (
        ClientSession() as session,
        session.request(method, f"http://127.0.0.1:{port}/{path}") as response,
    ):
        allowed = response.headers.get("Access-Control-Allow-Origin")
        return response.status, await response.text(), allowed


async def test_the_counter_of_a_campaign(stage: Stage) -> None:
    stage.opens("river", "hong-kong")
    stage.edits(
        "river/campaign.toml", "# Supporters may", "public_counter = true\n# Supporters may"
    )
    maria = stage.person("Maria", "Silva")
    async with stage.bot() as app:
        database = app.core.database
        await database.transact(lambda c: tallies.add_accepted(c, "river", 49))
        await database.transact(lambda c: tallies.add_accepted(c, "hong-kong", 12_000))
        counters = PublicCounters(app.core)
        assert CounterServer(app.core, "127.0.0.1", 0).are_wanted
        async with WebServer("127.0.0.1", 0, counters.routes) as server:
            paths = ("river.json", "river.svg", "hong-kong.json", "nowhere.json", "river", "")
            for path in paths:
                assert await requested(server.port, f"public/{path}") == NOT_FOUND
    await maria.sends_the_letter(campaign="river")
    async with (
        stage.bot() as app,
        WebServer("127.0.0.1", 0, PublicCounters(app.core).routes) as server,
    ):
        assert await requested(server.port, "public/river.json") == (
            200,
            '{"campaign": "river", "letters": 50, "goal": 3000,'
            ' "text": "50 of 3,000 letters accepted"}',
            "*",
        )
        assert (await requested(server.port, "public/river.svg"))[0] == 200
        for method in ("POST", "OPTIONS", "DELETE"):
            assert await requested(server.port, "public/river.json", method) == NOT_FOUND
        assert await requested(server.port, "public/hong-kong.svg") == NOT_FOUND


async def test_counters_are_read_again_after_five_minutes(stage: Stage) -> None:
    stage.opens("river")
    stage.edits(
        "river/campaign.toml", "# Supporters may", "public_counter = true\n# Supporters may"
    )
    async with stage.bot() as app:
        add = tallies.add_accepted
        await app.core.database.transact(lambda c: add(c, "river", 50))
        async with WebServer("127.0.0.1", 0, PublicCounters(app.core).routes) as server:
            _, first, _ = await requested(server.port, "public/river.json")
            await app.core.database.transact(lambda c: add(c, "river", 1))
            assert await requested(server.port, "public/river.json") == (200, first, "*")
            await stage.later(minutes=5)
            _, second, _ = await requested(server.port, "public/river.json")
    assert ('"letters": 50' in first, '"letters": 51' in second) == (True, True)
