"""SIGTERM and Ctrl-C end every command within ten seconds, on both engines."""

import asyncio
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, select

from storage.schema.tables import chats
from storage.schema.tables import outbox as mails
from tests.bot.organisation import Organisation, walks_to_the_code
from tests.databases import opened, plain, run
from tests.fork_server import ROOT
from tests.ports import free_port

LIMIT = 10.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, organisation: Organisation) -> str:
    """Let the organisation use this engine, with the webhook on PostgreSQL."""
    if request.param == "postgresql":
        server: URL = request.getfixturevalue("server")
        name = f"signals_{organisation.server.url.rpartition(':')[2]}"
        run(server, f"CREATE DATABASE {name}")
        port = free_port()
        organisation.sets(
            database={"url": plain(server.set(database=name))},
            telegram={
                "webhook_url": f"http://127.0.0.1:{port}",
                "webhook_secret": "s3cret-of-ours",
            },
            web={"port": port},
        )
    return str(request.param)


async def ends(organisation: Organisation, how: signal.Signals, *words: str, until: str) -> str:
    """Run a service as a real process, send it a signal, and return its log."""
    async with organisation.running(*words, until=until, real=True) as running:
        start = time.monotonic()
        assert await running.ends(how) == 0
        assert time.monotonic() - start < LIMIT
    return "".join(running.log)


@pytest.mark.parametrize("how", SIGNALS)
@pytest.mark.parametrize("words", [("run",), ("work",), ("run", "--no-workers")], ids=" ".join)
async def test_a_service_ends(
    organisation: Organisation, engine: str, words: tuple[str, ...], how: signal.Signals
) -> None:
    if engine == "sqlite" and "--no-workers" in words:
        assert (await organisation.types(*words)).status == 2
        return
    log = await ends(organisation, how, *words, until="status is served")
    assert f'"reason":"{how.name}"' in log.splitlines()[-1]
    assert '"event":"stopped"' in log.splitlines()[-1]


async def test_a_second_signal_does_not_disturb_the_shutdown(organisation: Organisation) -> None:
    async with organisation.running("run", real=True) as running:
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGTERM)
        assert await running.ends() == 0
    assert '"event":"stopped"' in running.log[-1]


class Silent:
    """A server that accepts connections, and never says anything."""

    def __init__(self) -> None:
        self.port = 0
        self.connected: list[asyncio.StreamWriter] = []
        self._came = asyncio.Condition()

    async def accept(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.append(writer)
        async with self._came:
            self._came.notify_all()

    async def reached(self, times: int) -> None:
        """Wait until so many connections were made."""
        async with asyncio.timeout(60), self._came:
            await self._came.wait_for(lambda: len(self.connected) >= times)


@asynccontextmanager
async def silent_server() -> AsyncIterator[Silent]:
    silent = Silent()
    server = await asyncio.start_server(silent.accept, "127.0.0.1", 0)
    silent.port = server.sockets[0].getsockname()[1]
    try:
        yield silent
    finally:
        server.close()
        for writer in silent.connected:
            writer.close()


@pytest.mark.parametrize("how", SIGNALS)
async def test_a_bot_ends_while_a_mailbox_and_a_mail_server_hang(
    organisation: Organisation, how: signal.Signals
) -> None:
    async with silent_server() as silent:
        organisation.sets(
            mail={"imap": f"imap+plain://ann:hunter2@127.0.0.1:{silent.port}/INBOX"},
            smtp={"url": f"smtp+plain://127.0.0.1:{silent.port}"},
        )
        log = await ends(organisation, how, "run", until="listening")
    assert '"event":"stopped"' in log


async def test_what_hangs_is_given_back_to_other_processes(
    organisation: Organisation, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code waits for the mail server's greeting, and a reply for Telegram's answer."""
    hangs = asyncio.Event()

    async def hang(_: object) -> None:
        hangs.set()
        await asyncio.get_running_loop().create_future()

    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with silent_server() as silent:
        organisation.sets(smtp={"url": f"smtp+plain://127.0.0.1:{silent.port}"})
        async with organisation.running("run") as running:
            await walks_to_the_code(person, "wilhelmina@mailbox.example")
            methods = organisation.server._methods._methods
            monkeypatch.setitem(methods, "sendmessage", hang)
            person.send("/help")
            await asyncio.wait_for(hangs.wait(), 30)
            await silent.reached(2)  # the first connection tests the log-in
            start = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            if engine == "postgresql":
                port = organisation.sections["web"]["port"]
                while await listens(port):
                    pass
                assert running.process.returncode is None, "it closes the webhook's port first"
            assert await running.process.wait() == 0
            assert time.monotonic() - start < LIMIT
    async with opened(organisation.database_url) as database:
        assert await database.read(held) == ([("code", "queued", None)], [None])


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def held(connection: Connection) -> tuple[list[tuple[object, ...]], list[object]]:
    """Return the mails with their states and leases, and the leases of chats."""
    found = connection.execute(select(mails.c.kind, mails.c.state, mails.c.lease)).all()
    chat_leases = connection.execute(select(chats.c.lease)).scalars().all()
    return [tuple(row) for row in found], list(chat_leases)


@pytest.mark.parametrize("how", SIGNALS)
async def test_the_demo_ends(tmp_path: Path, how: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.offline", "demo", "--port", "0"),
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdout
    assert process.stderr
    try:
        async with asyncio.timeout(60):
            while b"Press Ctrl-C" not in await process.stdout.readline():
                pass
        start = time.monotonic()
        process.send_signal(how)
        async with asyncio.timeout(LIMIT):
            _, err = await process.communicate()
        assert (process.returncode, time.monotonic() - start < LIMIT) == (0, True)
        assert b'"event":"stopped"' in err
    finally:
        if process.returncode is None:
            process.kill()


@pytest.mark.parametrize(
    ("words", "section", "key", "url"),
    [
        (("doctor",), "smtp", "url", "smtp+plain://127.0.0.1:{port}"),
        (("doctor", "--json"), "mail", "imap", "imap+plain://ann:pw@127.0.0.1:{port}/INBOX"),
        (("export",), "database", "url", "postgresql://ann@127.0.0.1:{port}/bot"),
        (("recount",), "database", "url", "postgresql://ann@127.0.0.1:{port}/bot"),
        (("keys",), "database", "url", "postgresql://ann@127.0.0.1:{port}/bot"),
        (("migrate",), "database", "url", "postgresql://ann@127.0.0.1:{port}/bot"),
        (("backup", "copy.db"), "database", "url", "postgresql://ann@127.0.0.1:{port}/bot"),
        (("run",), "database", "url", "postgresql://ann@127.0.0.1:{port}/bot"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_a_command_that_waits_for_a_server_ends(
    organisation: Organisation, words: tuple[str, ...], section: str, key: str, url: str
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(30)
        port = silent.getsockname()[1]
        organisation.sets(**{section: {key: url.format(port=port)}})
        process = await organisation._start(words, DEVNULL, {}, real=True)
        connection, _ = await asyncio.to_thread(silent.accept)
        with closing(connection):
            start = time.monotonic()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(LIMIT + 5):
                _, err = await process.communicate()
    assert time.monotonic() - start < LIMIT
    if words == ("run",):
        assert process.returncode == 0
    else:
        assert process.returncode == 128 + signal.SIGTERM
        assert b"Stopped by SIGTERM before it was done." in err
