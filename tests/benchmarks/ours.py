"""Run our bot in a separate process, as `actionbot run` does, with a settings file.

Sending is not limited, since the benchmark's Telegram has no limits, and DNS is not queried.
"""

import sys

import uvloop

from bot import logs
from bot.app import App
from bot.assembly.foundation import Options
from bot.mail.authentication.domains import DomainResolver
from bot.settings import model
from bot.telegram.client.rate_gate import UNLIMITED
from tests.benchmarks.processes import end_with_parent


async def serve(file: str) -> None:
    given = model.load({"ACTIONBOT_CONFIG": file})
    domains = DomainResolver(known={"mail.example": True})
    async with App.open(given, Options(limits=UNLIMITED, domains=domains)) as bot:
        await bot.run()


if __name__ == "__main__":
    end_with_parent()
    logs.configure()
    uvloop.run(serve(sys.argv[1]))
