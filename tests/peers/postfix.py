"""Debian's Postfix on loopback, in a folder of its own: nothing can ever leave this machine.

It has three ports: `starttls` and `implicit` want encryption and a log-in, `plain` wants neither.
What is accepted lands in a mailbox in the folder; for other domains there is neither leave to
relay nor a transport. Root starts it.
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
"""Bytes of the largest mail that is taken."""

MINISTER, ABROAD = "minister@gov.example", "minister@xn--mnchen-3ya.example"
MARIA, CHAN = "maria@mail.example", "chief-executive@government-hk.example"
BUSY, NOBODY = "busy@gov.example", "nobody@gov.example"
OFFICE = "office@river.example"

_MAILBOXES = (MINISTER, ABROAD, MARIA, CHAN, BUSY, OFFICE)
_PATIENCE = 30.0
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
# Debian's Postfix looks for it in `sasl`, beside `main.cf`.
_SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {home}/etc/sasl/users
"""


@dataclass
class Postfix:
    """A Postfix that runs. `trust` knows who vouches for its certificate."""

    home: Path
    ports: dict[str, int]
    trust: ssl.SSLContext
    recipe: Mapping[str, str] = field(default_factory=dict)
    """Lines for files of its own folder, such as `main.cf`, after those that are there."""
    log: list[str] = field(default_factory=list)
    sent: int = 0
    """How many mails were laid into mailboxes, or discarded, since the start."""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, way: str = "starttls", *, password: str = PASSWORD) -> str:
        """Return its address as our settings have it."""
        here = f"127.0.0.1:{self.ports[way]}"
        if way == "plain":
            return f"smtp+plain://{here}"
        scheme = "smtp" if way == "starttls" else "smtps"
        return f"{scheme}://{USER}:{quote(password)}@{here}"

    def mails(self, address: str) -> list[bytes]:
        """Return what lies in the mailbox, as it lies there."""
        return [file.read_bytes() for file in self._mailbox(address).glob("new/*")]

    async def delivered(self, number: int) -> None:
        """Wait until so many mails were laid into mailboxes, or discarded, since the start."""
        await self.tells(lambda: self.sent >= number)

    async def tries_again(self) -> None:
        """Try at once what waits in its queue."""
        program = _program("postqueue")
        process = await asyncio.create_subprocess_exec(program, "-c", f"{self.home}/etc", "-f")
        assert await process.wait() == 0

    async def tells(self, condition: Callable[[], bool]) -> None:
        """Wait until what it has logged is so."""
        async with asyncio.timeout(_PATIENCE), self._news:
            await self._news.wait_for(condition)

    async def listen(self, end: int) -> None:
        """Keep what it logs into a pipe, until nobody holds the other end."""
        reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        # The transport closes it: closed here as well, its number might be another file's by then.
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb")
        )
        try:
            await self._keep(reader)
        finally:
            transport.close()

    async def _keep(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            async with self._news:
                self.log.append(line.decode().rstrip())
                self.sent += b"status=sent" in line
                self._news.notify_all()

    async def prepare(self, authority: trustme.CA, transport: str) -> None:
        """Write down all that it needs; mail goes by `transport`."""
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
            # What ends in a slash is a maildir (virtual(8)).
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
        await self._let_in(USER, PASSWORD)
        for folder in (*_OF_POSTFIX, "etc/sasl/users"):
            os.chown(self.home / folder, owner.pw_uid, owner.pw_gid)

    async def _let_in(self, user: str, password: str) -> None:
        """Write down who may log in."""
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
        # Postfix waits a second with a file that is younger: it may be still being written.
        os.utime(file, (0, 0))

    def _mailbox(self, address: str) -> Path:
        return self.home / "mailboxes" / address.replace("@", "-at-")


@asynccontextmanager
async def postfix(
    authority: trustme.CA, recipe: Mapping[str, str] | None = None, *, transport: str = "virtual"
) -> AsyncIterator[Postfix]:
    """Run a Postfix for as long as the context lasts; `discard` fills no mailbox."""
    program = _program("master", "/usr/lib/postfix/sbin")
    assert os.geteuid() == 0, "Only root starts a Postfix: run the tests as root"
    # Not in pytest's folder, which is closed to the user that Postfix works as.
    with tempfile.TemporaryDirectory(prefix="postfix-") as folder:
        ports = _free_ports("starttls", "implicit", "plain")
        running = Postfix(Path(folder), ports, trusts(authority), recipe or {})
        await running.prepare(authority, transport)
        # No PIPE: uvloop's is a socket, which nobody can open as /dev/stdout.
        end, stdout = os.pipe()
        listening = asyncio.create_task(running.listen(end))
        process = await asyncio.create_subprocess_exec(
            program,
            *("-c", f"{folder}/etc", "-s"),
            stdout=stdout,
            stderr=stdout,
            # It ends its whole group with itself.
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
        running.tells(lambda: any("daemon started" in line for line in running.log))
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
