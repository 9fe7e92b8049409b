"""The Dockerfile, compose file, systemd unit and nginx example, checked by their own tools."""

import shutil
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
import trustme
from aiohttp import ClientSession, TCPConnector, web
from compose_spec import PyCompose

from bot.settings.model import Settings
from bot.settings.setting_origins import SettingsSource
from bot.web.http_server import WebServer
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def tool(name: str) -> str:
    """Return the path of a program, in the virtual environment or on the system."""
    found = shutil.which(name) or shutil.which(
        name, path=f"{Path(sys.executable).parent}:/usr/sbin"
    )
    assert found, f"{name} is missing: .ci/run and make test install it"
    return found


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own arguments


# --- Docker: only checked, since building needs a daemon ----------------------------------------


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    outcome = run(tool("hadolint"), str(ROOT / "Dockerfile"))
    assert (outcome.returncode, outcome.stdout) == (0, "")


def test_the_image_copies_exactly_what_dockerignore_allows() -> None:
    """Each copied file is allowed by .dockerignore, and exists."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        word
        for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert copied == allowed
    assert "*" in ignored
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_compose_file_keeps_secrets_out_of_the_environment_and_the_root_read_only() -> None:
    spec = PyCompose.from_yaml((ROOT / "compose.yaml").read_text("utf-8"))
    spec.validate()
    services = spec.to_dict()["services"]
    bot, database = services["bot"], services["database"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert "ports" not in bot and "ports" not in database
    assert bot["environment"] == {"ACTIONBOT_CONFIG": "/srv/actionbot/actionbot.toml"}
    assert set(database["environment"]) == {
        "POSTGRES_DB",
        "POSTGRES_USER",
        "POSTGRES_PASSWORD_FILE",
        "POSTGRES_INITDB_ARGS",
    }
    assert database["network_mode"] == "none"
    assert {"socket:/var/run/postgresql"} < {*bot["volumes"]}
    assert {"socket:/var/run/postgresql"} < {*database["volumes"]}
    assert bot["ulimits"] == {"core": 0, "memlock": -1}
    assert spec.to_dict()["networks"]["inside"] == {"internal": True}


def test_the_settings_for_compose_lack_only_the_placeholders_in_capitals() -> None:
    values = tomllib.loads((DEPLOY / "actionbot.toml").read_text("utf-8"))
    values["telegram"]["token"] = "123456:a-token-that-nobody-ever-gave"
    settings, mistakes = Settings.read(
        SettingsSource(Path("/srv/actionbot/actionbot.toml"), values, {})
    )
    assert mistakes == ()
    assert settings is not None
    assert settings.keys.file == Path("/srv/actionbot/keys/actionbot.keys")
    assert settings.web.status_host == "127.0.0.1"


# --- systemd: checked by systemd-analyze --------------------------------------------------------


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A copy of the unit whose program exists."""
    text = (DEPLOY / "actionbot.service").read_text("utf-8")
    program = "/opt/actionbot/.venv/bin/actionbot run\n"
    assert program in text
    file = tmp_path / "actionbot.service"
    file.write_text(text.replace(program, "/bin/true\n"))
    return file


def test_systemd_understands_every_line_of_the_unit(unit: Path) -> None:
    outcome = run(tool("systemd-analyze"), "verify", str(unit))
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_systemd_rates_the_unit_as_hardened(unit: Path) -> None:
    """The exposure is from 0 (nothing is open) to 10; the threshold is in tenths."""
    security = ("security", "--offline=true", "--threshold=15")
    outcome = run(tool("systemd-analyze"), *security, str(unit))
    assert outcome.returncode == 0, outcome.stdout


# --- nginx: run ---------------------------------------------------------------------------------


@contextmanager
def nginx(home: Path, upstream: int, authority: trustme.CA) -> Iterator[int]:
    """Run nginx with the example configuration; yield its port."""
    port = free_port()
    certificate = authority.issue_cert("bot.example.org")
    certificate.private_key_pem.write_to_path(home / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(home / "chain.pem", append=True)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    for old, new, times in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl", 1),
        ("/etc/letsencrypt/live/bot.example.org/fullchain.pem", f"{home}/chain.pem", 1),
        ("/etc/letsencrypt/live/bot.example.org/privkey.pem", f"{home}/key.pem", 1),
        ("http://127.0.0.1:8080;", f"http://127.0.0.1:{upstream};", 2),
    ):
        assert text.count(old) == times
        text = text.replace(old, new)
    (home / "site.conf").write_text(text)
    temporary = "".join(
        f"{each}_temp_path {home}/{each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"daemon on;\nuser root;\nworker_processes 1;\npid {home}/pid;\n"
        f"error_log {home}/errors;\nevents {{}}\n"
        f"http {{\n{temporary}include {home}/site.conf;\n}}\n"
    )
    program = (tool("nginx"), "-p", str(home), "-c", str(home / "nginx.conf"))
    # nginx listens when this returns.
    started = run(*program)
    assert (started.returncode, started.stdout) == (0, ""), started.stderr
    try:
        yield port
    finally:
        run(*program, "-s", "stop")


async def test_nginx_exposes_only_the_webhook_and_counters(tmp_path: Path) -> None:
    came: list[str] = []

    async def taken(request: web.Request) -> web.Response:
        came.append(f"{request.method} {request.path}")
        return web.Response()

    everything = {
        (method, path): taken
        for method, path in (
            ("POST", "/telegram"),
            ("GET", "/telegram"),
            ("GET", "/metrics"),
            ("GET", "/readyz"),
            ("POST", "/telegram/x"),
            ("GET", "/public/river.svg"),
            ("POST", "/public/river.svg"),
        )
    }
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    async with WebServer("127.0.0.1", 0, everything) as server:
        with nginx(tmp_path, server.port, authority) as port:
            connector = TCPConnector(ssl=trust)
            async with ClientSession(connector=connector) as session:
                statuses = {}
                for method, path in everything:
                    async with session.request(
                        method,
                        f"https://127.0.0.1:{port}{path}",
                        server_hostname="bot.example.org",
                        headers={"Host": "bot.example.org"},
                    ) as response:
                        statuses[f"{method} {path}"] = response.status
                async with session.post(
                    f"https://127.0.0.1:{port}/telegram",
                    data=BytesIO(b"x" * (2**20 + 1)),
                    server_hostname="bot.example.org",
                ) as response:
                    too_large = response.status
    assert statuses == {
        "POST /telegram": 200,
        "GET /telegram": 403,
        "GET /metrics": 404,
        "GET /readyz": 404,
        "POST /telegram/x": 404,
        "GET /public/river.svg": 200,
        "POST /public/river.svg": 403,
    }
    assert came == ["POST /telegram", "GET /public/river.svg"]
    assert too_large == 413
