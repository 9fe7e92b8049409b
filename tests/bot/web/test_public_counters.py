"""Where the counters are served while the bot polls."""

import json

from tests.bot.organisation import Organisation
from tests.bot.web.test_status import get

GOAL = "goal ="


async def test_a_bot_that_polls_serves_counters(organisation: Organisation) -> None:
    file = organisation.folder / "campaigns" / "hong-kong" / "campaign.toml"
    text = file.read_text("utf-8")
    assert GOAL in text
    file.write_text(text.replace(GOAL, f"public_counter = true\n{GOAL}"), "utf-8")
    async with organisation.running("run", until="counters are served") as running:
        (line,) = [each for each in running.log if '"event":"counters are served"' in each]
        port = int(json.loads(line)["port"])
        assert port != running.port
        # Nobody has written yet.
        assert await get(port, "public/hong-kong.svg") == (404, "404: Not Found")
        assert (await get(port, "readyz"))[0] == 404
