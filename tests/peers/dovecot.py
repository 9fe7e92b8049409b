"""Run Debian's Dovecot on loopback, with one mailbox that is read by IMAP over TLS.

Its files are in a temporary folder. Only root can start it.
"""

import asyncio
import os
import pwd
import shutil
import ssl
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from imaplib import IMAP4_SSL
from pathlib import Path
from urllib.parse import quote

import trustme

from tests.bot.mail.couriers import trusts
from tests.ports import free_port

PACKAGES = "dovecot-imapd"
USER, PASSWORD = "ann@mail.example", "hunter2 \\ two"

_OWNER = "dovecot"
_LOG_TIMEOUT = 30.0
_SETTINGS = """\
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = /dev/stderr
ssl = required
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/certificate.pem
mail_location = maildir:{home}/mail
first_valid_uid = 1
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=plain {home}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={home}/mail
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running Dovecot."""

    port: int
    trust: ssl.SSLContext
    log: asyncio.StreamReader

    @property
    def url(self) -> str:
        """Return the mailbox's URL, as in our settings."""
        return f"imaps://{quote(USER)}:{quote(PASSWORD)}@127.0.0.1:{self.port}/INBOX"

    async def wait_for_log(self, words: bytes) -> None:
        """Wait until Dovecot logs `words`, after the lines that were read before."""
        async with asyncio.timeout(_LOG_TIMEOUT):
            while line := await self.log.readline():
                if words in line:
                    return
        raise AssertionError(f"Dovecot ended without logging: {words.decode()}")

    def add_mails(self, *mails: bytes) -> None:
        """Put mails into the mailbox."""
        with self._opened() as server:
            for mail in mails:
                assert server.append("INBOX", "", "", mail)[0] == "OK"

    def mails(self) -> list[tuple[bytes, bytes]]:
        """Return the flags and the content of each mail in the mailbox."""
        with self._opened() as server:
            server.select("INBOX", readonly=True)
            parts = server.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
        found = [part for part in parts if isinstance(part, tuple)]
        return [(head.partition(b"FLAGS (")[2].partition(b")")[0], mail) for head, mail in found]

    @contextmanager
    def _opened(self) -> Iterator[IMAP4_SSL]:
        with IMAP4_SSL("127.0.0.1", self.port, ssl_context=self.trust) as server:
            server.login(USER, PASSWORD)
            yield server


@asynccontextmanager
async def dovecot(authority: trustme.CA) -> AsyncIterator[Dovecot]:
    """Run a Dovecot until the context ends."""
    program = shutil.which("dovecot", path="/usr/sbin")
    assert program, f"dovecot is missing: apt install {PACKAGES}"
    assert os.geteuid() == 0, "Only root starts a Dovecot: run the tests as root"
    # Not in pytest's folder: the users that Dovecot runs as cannot read that.
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        home, port = Path(folder), free_port()
        _prepare(home, port, authority)
        process = await asyncio.create_subprocess_exec(
            program, "-F", "-c", f"{folder}/settings", stderr=PIPE
        )
        assert process.stderr
        running = Dovecot(port, trusts(authority), process.stderr)
        try:
            # Dovecot listens before it logs this.
            await running.wait_for_log(b"starting up")
            yield running
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()


def _prepare(home: Path, port: int, authority: trustme.CA) -> None:
    """Write Dovecot's settings, certificate and users."""
    home.chmod(0o755)
    for folder in ("run", "state", "mail"):
        (home / folder).mkdir()
    owner = pwd.getpwnam(_OWNER)
    os.chown(home / "mail", owner.pw_uid, owner.pw_gid)
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(home / "certificate.pem")
    (home / "users").write_text(f"{USER}:{PASSWORD}\n", "utf-8")
    settings = _SETTINGS.format(home=home, port=port, owner=_OWNER)
    (home / "settings").write_text(settings, "utf-8")
