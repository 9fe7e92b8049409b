"""Run `actionbot` commands as an organisation does: with a folder, a Telegram and a mail server."""

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.playground.demo import SAMPLES
from bot.playground.inbox import Inbox
from bot.playground.telegram import Person, TelegramServer
from tests.chat import CODE
from tests.fork_server import ROOT, ForkedProcess, start

Sections = dict[str, dict[str, Any]]


@dataclass
class Outcome:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


@dataclass
class Running:
    """A command that keeps running, and what it has logged so far."""

    process: Process | ForkedProcess
    log: list[str] = field(default_factory=list)
    ready: str = "listening"
    """The logged event that shows that the command has started."""
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    said: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.log.append(line.decode())
            if f'"event":"{self.ready}"' in self.log[-1]:
                self.listening.set()
            async with self.said:
                self.said.notify_all()

    async def logs(self, words: str) -> None:
        """Wait until the command logs `words`."""
        async with asyncio.timeout(20), self.said:
            await self.said.wait_for(lambda: any(words in line for line in self.log))

    async def printed(self) -> str:
        """Return what the command has printed to standard output."""
        assert self.process.stdout
        return (await self.process.stdout.read(4096)).decode()

    @property
    def port(self) -> int:
        """The port that serves health and metrics."""
        (line,) = [line for line in self.log if '"event":"status is served"' in line]
        return int(json.loads(line)["port"])

    async def ends(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit status."""
        self.process.send_signal(how)
        async with asyncio.timeout(20):
            return await self.process.wait()


class Organisation:
    """A folder with settings and campaigns, and methods that run commands in it."""

    def __init__(self, folder: Path, server: TelegramServer, inbox: Inbox) -> None:
        self.folder, self.server, self.inbox = folder, server, inbox
        self.telegram = server.telegram
        shutil.copytree(SAMPLES / "hong-kong", folder / "campaigns" / "hong-kong")
        campaign = folder / "campaigns" / "hong-kong" / "campaign.toml"
        text = campaign.read_text("utf-8").replace("undo_seconds = 30", "undo_seconds = 0")
        # `run` refuses the sample's target. Names under .alt are never in DNS (RFC 9476).
        campaign.write_text(text.replace("government-hk.example", "government-hk.alt"), "utf-8")
        self.sections: Sections = {
            "telegram": {"token": self.telegram.token, "api": server.url},
            "smtp": {"url": inbox.url},
            "mail": {"address": "actions@send.example"},
            "web": {"port": 0, "status_port": 0},
        }
        self.sets()

    @property
    def file(self) -> Path:
        return self.folder / "actionbot.toml"

    @property
    def database_url(self) -> str:
        """The address of the database."""
        own = f"sqlite:///{self.folder / 'actionbot.db'}"
        return str(self.sections.get("database", {}).get("url", own))

    def sets(self, **sections: dict[str, Any]) -> None:
        """Change the settings by `sections`, and write the file."""
        for name, values in sections.items():
            self.sections[name] = self.sections.get(name, {}) | values
        self.file.write_text(toml(self.sections), "utf-8")

    async def types(
        self, *words: str, piped: bytes = b"", real: bool = False, **sets: str
    ) -> Outcome:
        """Run a command to its end, with standard input `piped` and environment variables `sets`.

        With `real`, a new Python process is started instead of a forked one.
        """
        process = await self._start(words, PIPE, sets, real=real)
        async with asyncio.timeout(60):
            out, err = await process.communicate(piped)
        return Outcome(process.returncode or 0, out.decode(), err.decode())

    async def begins(self, *words: str) -> Process | ForkedProcess:
        """Begin a command, and return its process, which the caller ends."""
        return await self._start(words, DEVNULL, {}, real=False)

    @asynccontextmanager
    async def running(
        self, *words: str, until: str = "listening", real: bool = False
    ) -> AsyncIterator[Running]:
        """Run a command in the background; the context begins when it logs the event `until`."""
        process = await self._start(words, DEVNULL, {}, real=real)
        async with following(process, until) as running:
            yield running

    async def _start(
        self, words: tuple[str, ...], given: int, sets: Mapping[str, str], *, real: bool
    ) -> Process | ForkedProcess:
        env = {**os.environ, "ACTIONBOT_CONFIG": str(self.file), "COLUMNS": "200", **sets}
        module = "tests.bot.offline"
        if not real:
            return await start(module, *words, env=env, stdin=given)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *words),
            stdin=given,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
            env=env,
        )


@asynccontextmanager
async def following(
    process: Process | ForkedProcess, until: str = "listening"
) -> AsyncIterator[Running]:
    """Read what a process logs; the context begins with the event `until`, and ends the process."""
    running = Running(process, ready=until)
    reading = asyncio.create_task(running.read())
    listening = asyncio.create_task(running.listening.wait())
    try:
        await asyncio.wait((reading, listening), timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert running.listening.is_set(), "".join(running.log)
        yield running
    finally:
        listening.cancel()
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


TOKEN = "123456:a-token-that-nobody-ever-gave"
RIGHT = {
    "telegram": {"token": TOKEN},
    "smtp": {"url": "smtps://ann:hunter2@mail.example"},
    "mail": {"address": "actions@send.example"},
}
"""Settings without a mistake."""


def toml(sections: Sections) -> str:
    """Return the settings as TOML."""
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())])
        for name, values in sections.items()
    )


async def walks_to_the_end(person: Person, organisation: Organisation, address: str) -> str:
    """Go through a supporter's whole journey; return the code from the mail."""
    code = await walks_to_the_review(person, organisation, address)
    await presses(person, "Send in my name")
    await hears(person, "Your letter was sent at")
    return code


async def walks_to_the_review(person: Person, organisation: Organisation, address: str) -> str:
    """Go through a supporter's journey until the review; return the code from the mail."""
    inbox = organisation.inbox
    await walks_to_the_code(person, address)
    mails = await inbox.until(lambda mails: any(address in mail.recipients for mail in mails), 30)
    (code,) = [
        found[0]
        for mail in mails
        if address in mail.recipients
        if (found := CODE.match(str(mail.message["Subject"]) or ""))
    ]
    person.send(code)
    await hears(person, "This is your letter.")
    return code


async def walks_to_the_code(person: Person, address: str) -> None:
    """Go through a supporter's journey until the bot asks for the code."""
    person.start("hong-kong")
    await presses(person, "Write the letter")
    await presses(person, "Continue")
    await hears(person, "What’s your name?")
    person.send("Wilhelmina Quistgaard")
    await hears(person, "Which country")
    person.send("Portugal")
    await hears(person, "What’s your email address?")
    person.send(address)
    await hears(person, "Type the code here.")


async def hears(person: Person, words: str) -> None:
    """Wait until a message of the bot contains `words`."""
    try:
        await person.until(
            lambda who: any(words in each["text"] for each in who.chat() if not each["mine"]),
            30,
        )
    except TimeoutError:
        raise AssertionError(f"the bot did not say “{words}”: {person.chat()[-3:]}") from None


async def presses(person: Person, label: str) -> None:
    """Wait for a button with this label, and press it."""

    def found(who: Person) -> list[int]:
        return [
            each["message_id"]
            for each in who.chat()
            if any(button["text"] == label for row in each["keyboard"] for button in row)
        ]

    await person.until(lambda who: bool(found(who)), 30)
    person.press(found(person)[-1], label)
