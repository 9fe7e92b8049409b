"""Connections to a PostgreSQL server elsewhere are protected: no password goes to a middleman."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from sqlalchemy import text

from storage.engine.urls import (
    DatabaseUrlError,
    open_database,
    parse,
    require_protected,
    translate,
)

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""SSLRequest (PostgreSQL, 54.7)."""

_PASSWORD_REQUEST = b"R\x00\x00\x00\x08\x00\x00\x00\x03"
"""AuthenticationCleartextPassword: what a middleman asks for."""


@asynccontextmanager
async def middleman(
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that asks for the password in clear; yields its port and what it has received."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.read(8)
            if first == _SSL_REQUEST:
                writer.write(b"N" if tls is None else b"S")
                await writer.drain()
                if tls is not None:
                    await writer.start_tls(tls)
            received.append(await reader.read(4096))
            writer.write(_PASSWORD_REQUEST)
            received.append(await reader.read(4096))
        except (OSError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], received


async def _connects(url: str) -> str:
    database = await open_database(url)
    try:
        await database.read(lambda connection: connection.execute(text("SELECT 1")))
    except Exception as error:
        return type(error).__name__
    finally:
        await database.close()
    return ""


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    made = trustme.CA()
    file = tmp_path / "authority.pem"
    made.cert_pem.write_to_path(file)
    return made, file


def _serving(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_a_server_without_tls_learns_nothing() -> None:
    async with middleman() as (port, received):
        for mode in ("require", "verify-ca", "verify-full"):
            assert await _connects(f"postgresql://ann:hunter2@127.0.0.1:{port}/bot?sslmode={mode}")
    assert b"".join(received) == b""


async def test_a_server_with_a_certificate_of_another_authority_learns_nothing(
    authority: tuple[trustme.CA, Path],
) -> None:
    _, file = authority
    async with middleman(_serving(trustme.CA(), "127.0.0.1")) as (port, received):
        for more in ("", f"&sslrootcert={file}"):
            url = f"postgresql://ann:hunter2@127.0.0.1:{port}/bot?sslmode=verify-full{more}"
            assert await _connects(url)
    assert b"".join(received) == b""


async def test_a_certificate_for_another_name_is_refused(
    authority: tuple[trustme.CA, Path],
) -> None:
    made, file = authority
    async with middleman(_serving(made, "other.example")) as (port, received):
        url = (
            f"postgresql://ann:hunter2@127.0.0.1:{port}/bot?sslmode=verify-full&sslrootcert={file}"
        )
        assert await _connects(url)
    assert b"".join(received) == b""


async def test_the_file_of_an_authority_makes_its_server_trusted(
    authority: tuple[trustme.CA, Path],
) -> None:
    made, file = authority
    async with middleman(_serving(made, "127.0.0.1")) as (port, received):
        url = (
            f"postgresql://ann:hunter2@127.0.0.1:{port}/bot?sslmode=verify-full&sslrootcert={file}"
        )
        await _connects(url)
    assert b"user\x00ann\x00" in received[0]
    assert b"hunter2" in received[1]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann@localhost/bot",
        "postgresql://ann@127.0.0.1:5433/bot",
        "postgresql://ann@127.8.9.1/bot",
        "postgresql://ann@[::1]:5432/bot",
        "postgresql://ann@/bot",
        "postgresql:///bot?host=/run/postgresql",
        "postgresql:///bot?host=localhost:5433&host=127.0.0.1",
        "postgresql://ann@db.example/bot?sslmode=verify-full",
        "sqlite:///actionbot.db",
    ],
)
def test_a_protected_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    require_protected(parse(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:hunter2@db.example/bot",
        "postgresql://ann:hunter2@10.0.0.5/bot",
        "postgresql://ann:hunter2@[fd00::5]/bot",
        "postgresql://ann:hunter2@localhost.example/bot",
        "postgresql://ann:hunter2@0.0.0.0/bot",
        "postgresql://ann:hunter2@localhost/bot?host=db.example",
        "postgresql:///bot?host=localhost&host=db.example",
        "postgresql:///bot?host=localhost,db.example:5432",
        *(
            f"postgresql://ann:hunter2@db.example/bot?sslmode={mode}"
            for mode in ("disable", "allow", "prefer", "require", "verify-ca")
        ),
    ],
)
def test_a_connection_that_somebody_in_between_could_read(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        require_protected(parse(url))
    assert "sslmode=verify-full" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_environment_can_name_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncpg reads PGHOST where the address names no host."""
    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(DatabaseUrlError):
        require_protected(parse("postgresql://ann@/bot"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sslrootcert", "The file in sslrootcert can't be read, or isn't PEM."),
        ("sslcert", "The files in sslcert and sslkey don't fit together."),
    ],
)
@pytest.mark.parametrize("write", [lambda file: None, lambda file: file.write_text("no PEM")])
def test_a_certificate_that_cannot_be_used(
    tmp_path: Path, name: str, said: str, write: Callable[[Path], object]
) -> None:
    file = tmp_path / "some.pem"
    write(file)
    with pytest.raises(DatabaseUrlError, match=said):
        translate(parse(f"postgresql://ann@db.example/bot?sslmode=verify-full&{name}={file}"))
