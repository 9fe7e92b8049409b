"""Run Debian's rspamd on loopback, with its default rules and thresholds.

Its files are in a temporary folder. It asks only the given name server, which knows our invented
domains, so nothing leaves this machine: checks that need the network find nothing.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.services.ports import PreparedMail
from tests.ports import free_port

PACKAGES = "rspamd"

_START_TIMEOUT = 60.0
_OPTIONS = """\
dns {{
  nameserver = ["127.0.0.1:{dns_port}"];
  timeout = 0.5s;
  retransmits = 1;
}}
"""
_NETWORK_MODULES = ("fuzzy_check", "neural", "rbl", "replies", "surbl")
_OTHER_WORKERS = ("controller", "fuzzy", "proxy")


@dataclass(frozen=True)
class Judgement:
    """What a filter says of a mail."""

    points: float
    rules: dict[str, float]
    """The rules that count, with their points."""

    action: str = ""


@dataclass(frozen=True)
class Rspamd:
    """A running rspamd."""

    port: int

    async def judge(self, mail: PreparedMail, *, ip: str, host: str) -> Judgement:
        """Return what it says of `mail`, handed over by `host` at `ip`."""
        envelope = {"From": mail.sender, "Rcpt": mail.recipient}
        client = {"IP": ip, "Helo": host, "Hostname": host}
        url = f"http://127.0.0.1:{self.port}/checkv2"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=mail.message, headers=envelope | client) as response,
        ):
            said = await response.json()
        rules = {name: rule["score"] for name, rule in said["symbols"].items() if rule["score"]}
        return Judgement(said["score"], rules, said["action"])


@asynccontextmanager
async def rspamd(dns_port: int) -> AsyncIterator[Rspamd]:
    """Run an rspamd until the context ends; it asks the name server on `dns_port`."""
    program = shutil.which("rspamd", path="/usr/bin")
    assert program, f"rspamd is missing: apt install {PACKAGES}"
    assert os.geteuid() == 0, "Only root starts an rspamd: run the tests as root"
    # Not in pytest's folder: the user that rspamd runs as cannot read that.
    with tempfile.TemporaryDirectory(prefix="rspamd-") as folder:
        home, port = Path(folder), free_port()
        _prepare(home, port, dns_port)
        names = {"CONFDIR": "etc", "LOCAL_CONFDIR": "etc"}
        names |= dict.fromkeys(("RUNDIR", "DBDIR", "LOGDIR"), "var")
        process = await asyncio.create_subprocess_exec(
            program,
            *("--no-fork", "--user", "_rspamd", "--group", "_rspamd"),
            *("--config", f"{home}/etc/rspamd.conf"),
            *(f"--var={name}={home}/{place}" for name, place in names.items()),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _wait_until_ready(process, port)
            yield Rspamd(port)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _prepare(home: Path, port: int, dns_port: int) -> None:
    """Write its settings: Debian's, and ours for ports and the network."""
    home.chmod(0o755)
    shutil.copytree("/etc/rspamd", home / "etc")
    (home / "var").mkdir()
    shutil.chown(home / "var", "_rspamd", "_rspamd")
    ours = home / "etc" / "local.d"
    ours.mkdir(exist_ok=True)
    (ours / "options.inc").write_text(_OPTIONS.format(dns_port=dns_port), "utf-8")
    (ours / "worker-normal.inc").write_text(f'bind_socket = "127.0.0.1:{port}";\n', "utf-8")
    for worker in _OTHER_WORKERS:
        (ours / f"worker-{worker}.inc").write_text("enabled = false;\n", "utf-8")
    for module in _NETWORK_MODULES:
        (ours / f"{module}.conf").write_text("enabled = false;\n", "utf-8")


async def _wait_until_ready(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(_START_TIMEOUT), aiohttp.ClientSession() as session:
        while process.returncode is None:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/ping") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise AssertionError(f"rspamd ended with status {process.returncode}")
