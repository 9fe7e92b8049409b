"""Run Debian's Postfix on loopback, set up so that no mail can leave this machine.

It has three ports: `starttls` and `implicit` require encryption and a login, `plain` neither.
Accepted mail is delivered to mailboxes in a temporary folder. For other domains, relaying is
forbidden and there is no transport. Only root can start it.
"""

import asyncio
import os
import pwd
import shutil
import socket
import ssl
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import trustme

from tests.bot.mail.couriers import trusts

PACKAGES = "postfix sasl2-bin libsasl2-modules"
HOST, USER, PASSWORD = "mx.gov.example", "river", "let it flow"
LARGEST = 50_000
"""Bytes of the largest mail that Postfix accepts."""

MINISTER, ABROAD = "minister@gov.example", "minister@xn--mnchen-3ya.example"
MARIA, CHAN = "maria@mail.example", "chief-executive@government-hk.example"
BUSY, NOBODY = "busy@gov.example", "nobody@gov.example"
OFFICE = "office@river.example"

_MAILBOXES = (MINISTER, ABROAD, MARIA, CHAN, BUSY, OFFICE)
_LOG_TIMEOUT = 30.0
_QUEUES = "active bounce corrupt defer deferred flush hold incoming maildrop private public trace"
_OF_POSTFIX = ("data", "mailboxes", *(f"queue/{name}" for name in _QUEUES.split()))
_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {host}
mynetworks =
mydestination =
local_recipient_maps =
local_transport = error:nothing leaves this machine
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
virtual_transport = {transport}
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_mailbox_base = {home}/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ {busy} = 451 4.3.0 come back later }} }}
smtpd_reject_unlisted_recipient = yes
message_size_limit = {largest}
smtpd_client_connection_count_limit = 0
smtpd_tls_chain_files = {home}/certificate.pem
smtpd_tls_auth_only = yes
"""
_MASTER = """\
127.0.0.1:{plain} inet n - n - - smtpd
127.0.0.1:{starttls} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{implicit} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
# Debian's Postfix reads this from `sasl/smtpd.conf` in the folder of `main.cf`.
_SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {home}/etc/sasl/users
"""


@dataclass
class Postfix:
    """A running Postfix. `trust` accepts its certificate."""

    home: Path
    ports: dict[str, int]
    trust: ssl.SSLContext
    recipe: Mapping[str, str] = field(default_factory=dict)
    """By file in its settings folder, such as `main.cf`: lines to add at the end."""
    log: list[str] = field(default_factory=list)
    sent: int = 0
    """How many mails were delivered to mailboxes or discarded since the start."""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, way: str = "starttls", *, password: str = PASSWORD) -> str:
        """Return the server's URL, as in our settings."""
        here = f"127.0.0.1:{self.ports[way]}"
        if way == "plain":
            return f"smtp+plain://{here}"
        scheme = "smtp" if way == "starttls" else "smtps"
        return f"{scheme}://{USER}:{quote(password)}@{here}"

    def mails(self, address: str) -> list[bytes]:
        """Return the mails in the mailbox, unchanged."""
        return [file.read_bytes() for file in self._mailbox(address).glob("new/*")]

    async def delivered(self, number: int) -> None:
        """Wait until this many mails were delivered or discarded since the start."""
        await self.wait_until(lambda: self.sent >= number)

    async def retry_queue(self) -> None:
        """Retry all queued mails at once."""
        program = _program("postqueue")
        process = await asyncio.create_subprocess_exec(program, "-c", f"{self.home}/etc", "-f")
        assert await process.wait() == 0

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` is true; it is checked after each logged line."""
        async with asyncio.timeout(_LOG_TIMEOUT), self._news:
            await self._news.wait_for(condition)

    async def read_log(self, end: int) -> None:
        """Read the log from a pipe, until its other end is closed."""
        reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        # Only the transport closes the descriptor: its number may be reused at once.
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb")
        )
        try:
            await self._read_lines(reader)
        finally:
            transport.close()

    async def _read_lines(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            async with self._news:
                self.log.append(line.decode().rstrip())
                self.sent += b"status=sent" in line
                self._news.notify_all()

    async def prepare(self, authority: trustme.CA, transport: str) -> None:
        """Write Postfix's settings, certificate and users; `transport` delivers accepted mail."""
        owner = pwd.getpwnam("postfix")
        folders = ("etc", "etc/sasl", "queue", "queue/pid", *_OF_POSTFIX)
        self.home.chmod(0o755)
        for folder in folders:
            (self.home / folder).mkdir()
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_and_cert_chain_pem.write_to_path(self.home / "certificate.pem")
        main = _MAIN.format(
            home=self.home,
            host=HOST,
            transport=transport,
            domains=", ".join({each.partition("@")[2] for each in _MAILBOXES}),
            # A path that ends in a slash is a maildir (virtual(8)).
            mailboxes=", ".join(f"{each}={self._mailbox(each).name}/" for each in _MAILBOXES),
            busy=BUSY,
            largest=LARGEST,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
        )
        files = {"main.cf": main, "master.cf": _MASTER.format(**self.ports)}
        for name in {*files, *self.recipe}:
            more = self.recipe.get(name, "").replace("/etc/postfix", str(self.home / "etc"))
            self._write(f"etc/{name}", files.get(name, "") + more)
        self._write("etc/sasl/smtpd.conf", _SASL.format(home=self.home))
        await self._add_user(USER, PASSWORD)
        for folder in (*_OF_POSTFIX, "etc/sasl/users"):
            os.chown(self.home / folder, owner.pw_uid, owner.pw_gid)

    async def _add_user(self, user: str, password: str) -> None:
        """Add a user who may log in."""
        users = str(self.home / "etc" / "sasl" / "users")
        program = _program("saslpasswd2")
        process = await asyncio.create_subprocess_exec(
            program, *("-p", "-c", "-f", users, "-u", HOST, user), stdin=PIPE
        )
        await process.communicate(password.encode())
        assert process.returncode == 0

    def _write(self, name: str, content: str) -> None:
        file = self.home / name
        file.write_text(content, encoding="utf-8")
        # Postfix waits if a file is younger than a second: it may still be written.
        os.utime(file, (0, 0))

    def _mailbox(self, address: str) -> Path:
        return self.home / "mailboxes" / address.replace("@", "-at-")


@asynccontextmanager
async def postfix(
    authority: trustme.CA, recipe: Mapping[str, str] | None = None, *, transport: str = "virtual"
) -> AsyncIterator[Postfix]:
    """Run a Postfix until the context ends; with `transport="discard"`, no mailbox is filled."""
    program = _program("master", "/usr/lib/postfix/sbin")
    assert os.geteuid() == 0, "Only root starts a Postfix: run the tests as root"
    # Not in pytest's folder: the user that Postfix runs as cannot read that.
    with tempfile.TemporaryDirectory(prefix="postfix-") as folder:
        ports = _free_ports("starttls", "implicit", "plain")
        running = Postfix(Path(folder), ports, trusts(authority), recipe or {})
        await running.prepare(authority, transport)
        # Not PIPE: with uvloop that is a socket, which cannot be opened as /dev/stdout.
        end, stdout = os.pipe()
        listening = asyncio.create_task(running.read_log(end))
        process = await asyncio.create_subprocess_exec(
            program,
            *("-c", f"{folder}/etc", "-s"),
            stdout=stdout,
            stderr=stdout,
            # When it ends, it kills its whole process group.
            start_new_session=True,
        )
        os.close(stdout)
        try:
            await _start(running, listening)
            yield running
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            await listening


async def _start(running: Postfix, listening: asyncio.Task[None]) -> None:
    started = asyncio.create_task(
        running.wait_until(lambda: any("daemon started" in line for line in running.log))
    )
    await asyncio.wait((listening, started), return_when=asyncio.FIRST_COMPLETED)
    if listening.done():
        started.cancel()
        raise AssertionError(f"Postfix did not start: {running.log}")
    await started


def _program(name: str, folder: str = "/usr/sbin") -> str:
    found = shutil.which(name, path=folder)
    assert found, f"{name} is missing: apt install {PACKAGES}"
    return found


def _free_ports(*names: str) -> dict[str, int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: each.getsockname()[1] for name, each in zip(names, sockets, strict=True)}
