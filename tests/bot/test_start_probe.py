"""A wrong password of the mail server shows at the start, before the first letter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.bot.organisation import Organisation, hears
from tests.ports import free_port

REFUSAL = b"535 5.7.8 wrong password\r\n"


@asynccontextmanager
async def mail_server(answer: bytes) -> AsyncIterator[int]:
    """Speak SMTP, and answer AUTH like this; yields the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper()
            if verb == b"EHLO":
                writer.write(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
            elif verb == b"QUIT":
                break
            else:
                writer.write(answer if verb == b"AUTH" else b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_wrong_password_is_logged_and_shown_until_it_is_right(
    organisation: Organisation,
) -> None:
    olga = organisation.telegram.add_person(771_178, "Olga")
    organisation.sets(telegram={"admins": [olga.id]})
    async with mail_server(REFUSAL) as port:
        organisation.sets(smtp={"url": f"smtp+plain://ann:hunter2@127.0.0.1:{port}"})
        async with organisation.running("run") as running:
            await running.logs("mail server can't be used")
            (line,) = [line for line in running.log if "mail server can't be used" in line]
            assert '"smtp_code":535,"reason":"it refuses user or password"' in line
            assert "hunter2" not in "".join(running.log)
            olga.send("/status")
            await hears(olga, "The mail server refuses our login (535 5.7.8).")
            assert await running.ends() == 0
    async with mail_server(b"235 OK\r\n") as port:
        organisation.sets(smtp={"url": f"smtp+plain://ann:hunter2@127.0.0.1:{port}"})
        async with organisation.running("run") as running:
            await running.logs("mail server can be used")
            olga.send("/status")
            await hears(olga, "Mail server: no known problem.")
            assert await running.ends() == 0


@pytest.mark.parametrize("words", [("run",), ("work",)])
async def test_a_server_that_is_not_there_is_logged(
    organisation: Organisation, words: tuple[str, ...]
) -> None:
    organisation.sets(smtp={"url": f"smtp+plain://127.0.0.1:{free_port()}"})
    async with organisation.running(*words, until="status is served") as running:
        await running.logs("it isn't reached")
        assert await running.ends() == 0
