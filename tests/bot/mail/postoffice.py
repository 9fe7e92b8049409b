"""A mailbox on an IMAP server that does only what the bot asks of one, and can be told to fail."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_UID = re.compile(rb"UID (\w+) (.+)", re.IGNORECASE)
_PART = re.compile(rb"\((BODY)\.PEEK(\[(?:HEADER)?\])<0\.(\d+)>\)")


@dataclass
class PostOffice:
    """`flagged` is what was deleted, `stars` what is flagged for people.

    `breaks` names commands at which the line breaks, `hangs` those that get no answer.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    flagged: set[int] = field(default_factory=set)
    stars: set[int] = field(default_factory=set)
    capabilities: str = "IMAP4rev1 UIDPLUS"
    validity: int = 7
    password: str = "hunter2 \\ two"
    port: int = 0
    log: list[str] = field(default_factory=list)
    breaks: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    hung: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"imap+plain://ann%40mail.example:hunter2%20%5C%20two@127.0.0.1:{self.port}/INBOX"

    def puts(self, *mails: bytes) -> None:
        for mail in mails:
            self.mails[max(self.mails, default=0) + 1] = mail

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"* OK ready\r\n")
            while line := (await reader.readline()).rstrip():
                tag, _, command = line.partition(b" ")
                name = command.split()[1 if command.upper().startswith(b"UID") else 0].decode()
                self.log.append(name.upper())
                if name.upper() in self.breaks:
                    break
                if name.upper() in self.hangs:
                    self.hung.set()
                    await reader.read()
                    break
                said, result = self._answer(command)
                writer.write(said + tag + b" " + result + b"\r\n")
                await writer.drain()
        writer.close()

    def _answer(self, command: bytes) -> tuple[bytes, bytes]:
        match command.split()[0].upper():
            case b"CAPABILITY":
                # As many servers do, it tells what a mailbox can do to those who are in alone.
                can = self.capabilities if "LOGIN" in self.log else "IMAP4rev1 AUTH=PLAIN"
                return f"* CAPABILITY {can}\r\n".encode(), b"OK done"
            case b"LOGIN":
                password = self.password.replace("\\", "\\\\")
                right = command == f'LOGIN "ann@mail.example" "{password}"'.encode()
                return b"", b"OK in" if right else b"NO wrong: hunter2"
            case b"SELECT":
                count = f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n"
                return count.encode(), b"OK [READ-WRITE] done"
            case b"UID":
                return self._uid(command)
            case b"LOGOUT":
                return b"* BYE\r\n", b"OK done"
            case _:
                return b"", b"BAD"

    def _uid(self, command: bytes) -> tuple[bytes, bytes]:
        found = _UID.fullmatch(command)
        assert found
        name, rest = found[1].upper(), found[2]
        if name == b"SEARCH":
            least = int(rest.split()[1].partition(b":")[0])
            there = [uid for uid in self.mails if uid not in self.flagged]
            # The last one is always named (RFC 3501, 6.4.8).
            uids = [uid for uid in there if uid >= least] or there[-1:]
            return b"* SEARCH " + " ".join(map(str, uids)).encode() + b"\r\n", b"OK done"
        uid = int(rest.split()[0])
        if name == b"STORE":
            kind = self.stars if rest.endswith(rb"+FLAGS.SILENT (\Flagged)") else self.flagged
            assert kind is self.stars or rest.endswith(rb"+FLAGS.SILENT (\Seen \Deleted)")
            kind.add(uid)
        elif name == b"EXPUNGE":
            self.flagged.remove(uid)
            del self.mails[uid]
        else:
            return self._fetch(uid, rest), b"OK done"
        return b"", b"OK done"

    def _fetch(self, uid: int, rest: bytes) -> bytes:
        wanted = _PART.search(rest)
        assert wanted
        content = self.mails[uid]
        if wanted[2] == b"[HEADER]":
            content = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        content = content[: int(wanted[3])]
        head = f"* 1 FETCH (UID {uid} BODY{wanted[2].decode()}<0> {{{len(content)}}}\r\n"
        return head.encode() + content + b")\r\n"


@asynccontextmanager
async def open_post_office(tls: ssl.SSLContext | None = None) -> AsyncIterator[PostOffice]:
    office = PostOffice()
    server = await asyncio.start_server(office.meet, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
