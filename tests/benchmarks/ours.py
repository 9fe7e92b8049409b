"""Run our bot in a separate process, as `actionbot run` does, with a settings file.

With the word “unencrypted” after it, the bot stores values as they are: for comparison only. With
“answer” or “work”, it only answers or only works, as `run --no-workers` and `work` do.

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
from storage.crypto.vault import HEADER_SIZE, Vault, header_of
from storage.schema.encryption import EncryptionContext
from tests.benchmarks.processes import end_with_parent

UNENCRYPTED = "unencrypted"
ANSWER, WORK = "answer", "work"


async def serve(file: str) -> None:
    given = model.load({"ACTIONBOT_CONFIG": file})
    domains = DomainResolver(known={"mail.example": True})
    async with App.open(given, Options(limits=UNLIMITED, domains=domains)) as bot:
        await bot.run(answer=WORK not in sys.argv, work=ANSWER not in sys.argv)


def store_values_as_they_are() -> None:
    def encrypt(vault: Vault, value: bytes, context: EncryptionContext, *, row: bytes) -> bytes:
        return header_of(vault.day) + value

    def decrypt(vault: Vault, value: bytes, context: EncryptionContext, *, row: bytes) -> bytes:
        return value[HEADER_SIZE:]

    for name, method in (("encrypt", encrypt), ("decrypt", decrypt)):
        setattr(Vault, name, method)


if __name__ == "__main__":
    end_with_parent()
    if UNENCRYPTED in sys.argv:
        store_values_as_they_are()
    logs.configure()
    uvloop.run(serve(sys.argv[1]))
