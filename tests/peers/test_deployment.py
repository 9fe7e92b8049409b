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
from typing import Any

import pytest
import trustme
from aiohttp import ClientSession, TCPConnector, web
from compose_spec import PyCompose

from bot.settings.model import Settings
from bot.settings.setting_origins import SettingsSource
from bot.web.http_server import WebServer
from tests.bot.mail.nameserver import read, serving
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


# --- Docker: checked here, and built in test_image.py -------------------------------------------


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


@pytest.fixture
def compose() -> dict[str, Any]:
    """The compose file, checked against its specification."""
    spec = PyCompose.from_yaml((ROOT / "compose.yaml").read_text("utf-8"))
    spec.validate()
    described: dict[str, Any] = spec.to_dict()
    return described


@pytest.mark.parametrize("service", ["bot", "worker"])
def test_the_compose_file_keeps_secrets_out_of_the_environment_and_the_root_read_only(
    compose: dict[str, Any], service: str
) -> None:
    described, database = compose["services"][service], compose["services"]["database"]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert "ports" not in described and "ports" not in database
    assert described["environment"] == {"ACTIONBOT_CONFIG": "/srv/actionbot/actionbot.toml"}
    assert set(database["environment"]) == {
        "POSTGRES_DB",
        "POSTGRES_USER",
        "POSTGRES_PASSWORD_FILE",
        "POSTGRES_INITDB_ARGS",
    }
    assert database["network_mode"] == "none"
    assert {"socket:/var/run/postgresql"} < {*described["volumes"]}
    assert {"socket:/var/run/postgresql"} < {*database["volumes"]}
    assert described["ulimits"] == {"core": 0, "memlock": -1}
    assert compose["networks"]["inside"] == {"internal": True}


def test_compose_runs_two_replicas_a_worker_and_a_proxy(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"bot", "worker", "proxy", "database"}
    assert (services["bot"]["command"], services["bot"]["scale"]) == (["run", "--no-workers"], 2)
    assert services["worker"]["command"] == ["work"]
    proxy = services["proxy"]
    assert proxy["volumes"][0] == "./deploy/proxy.conf:/etc/nginx/conf.d/default.conf:ro"
    # It reaches the replicas by a network that the database is not in.
    assert proxy["networks"] == ["outside"]
    assert "outside" in services["bot"]["networks"]


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

EVERYTHING = (
    ("POST", "/telegram"),
    ("GET", "/telegram"),
    ("GET", "/metrics"),
    ("GET", "/readyz"),
    ("POST", "/telegram/x"),
    ("GET", "/public/river.svg"),
    ("POST", "/public/river.svg"),
)
STATUSES = {
    "POST /telegram": 200,
    "GET /telegram": 403,
    "GET /metrics": 404,
    "GET /readyz": 404,
    "POST /telegram/x": 404,
    "GET /public/river.svg": 200,
    "POST /public/river.svg": 403,
}

Came = list[tuple[str, str]]
"""Where requests came, and what they asked for."""


@contextmanager
def nginx(home: Path, file: str, *replaced: tuple[str, str, int]) -> Iterator[None]:
    """Run nginx with a configuration in deploy/, in which texts are replaced so many times."""
    text = (DEPLOY / file).read_text("utf-8")
    for old, new, times in replaced:
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
        yield
    finally:
        run(*program, "-s", "stop")


def certify(home: Path) -> ssl.SSLContext:
    """Write chain.pem and key.pem; return what trusts them."""
    authority = trustme.CA()
    certificate = authority.issue_cert("bot.example.org")
    certificate.private_key_pem.write_to_path(home / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(home / "chain.pem", append=True)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return trust


def bot(host: str, port: int, came: Came) -> WebServer:
    """Return a server that answers everything with 200."""

    async def taken(request: web.Request) -> web.Response:
        came.append((host, f"{request.method} {request.path}"))
        return web.Response()

    return WebServer(host, port, dict.fromkeys(EVERYTHING, taken))


class Outside:
    """Telegram, at the other side of the proxy."""

    def __init__(self, session: ClientSession, port: int) -> None:
        self.session, self.port = session, port

    async def asks(self, method: str, path: str, body: bytes = b"") -> int:
        """Send a request; return the status of the answer."""
        async with self.session.request(
            method,
            f"https://127.0.0.1:{self.port}{path}",
            data=BytesIO(body) if body else None,
            server_hostname="bot.example.org",
            headers={"Host": "bot.example.org"},
        ) as response:
            return response.status


async def test_nginx_exposes_only_the_webhook_and_counters(tmp_path: Path) -> None:
    came: Came = []
    trust, port = certify(tmp_path), free_port()
    letsencrypt = "/etc/letsencrypt/live/bot.example.org"
    async with bot("127.0.0.1", 0, came) as server:
        with nginx(
            tmp_path,
            "nginx.conf",
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl", 1),
            (f"{letsencrypt}/fullchain.pem", f"{tmp_path}/chain.pem", 1),
            (f"{letsencrypt}/privkey.pem", f"{tmp_path}/key.pem", 1),
            ("http://127.0.0.1:8080;", f"http://127.0.0.1:{server.port};", 2),
        ):
            async with ClientSession(connector=TCPConnector(ssl=trust)) as session:
                outside = Outside(session, port)
                statuses = {f"{m} {path}": await outside.asks(m, path) for m, path in EVERYTHING}
                too_large = await outside.asks("POST", "/telegram", b"x" * (2**20 + 1))
    assert statuses == STATUSES
    assert [asked for _, asked in came] == ["POST /telegram", "GET /public/river.svg"]
    assert too_large == 413


async def test_the_proxy_of_compose_shares_requests_among_the_replicas(tmp_path: Path) -> None:
    """It finds them by Docker's name server, and passes over one that has stopped."""
    came: Came = []
    trust, port, inner = certify(tmp_path), free_port(), free_port()
    replicas = ("127.0.0.1", "127.0.0.2")
    zone = "".join(f"bot. 60 IN A {address}\n" for address in replicas)
    async with (
        serving(read(zone)) as names,
        ClientSession(connector=TCPConnector(ssl=trust)) as session,
        bot(replicas[0], inner, came),
    ):
        outside = Outside(session, port)
        with nginx(
            tmp_path,
            "proxy.conf",
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl", 1),
            ("/etc/nginx/certificates/fullchain.pem", f"{tmp_path}/chain.pem", 1),
            ("/etc/nginx/certificates/privkey.pem", f"{tmp_path}/key.pem", 1),
            ("resolver 127.0.0.11 ", f"resolver 127.0.0.1:{names.port} ", 1),
            ("bot:8080", f"bot:{inner}", 1),
        ):
            async with bot(replicas[1], inner, came):
                statuses = {f"{m} {path}": await outside.asks(m, path) for m, path in EVERYTHING}
                many = [await outside.asks("POST", "/telegram", b"{}") for _ in range(8)]
            assert {address for address, _ in came} == {*replicas}
            with_one = [await outside.asks("POST", "/telegram", b"{}") for _ in range(4)]
    assert statuses == STATUSES
    assert (many, with_one) == ([200] * 8, [200] * 4)
    assert {asked for _, asked in came} == {"POST /telegram", "GET /public/river.svg"}
