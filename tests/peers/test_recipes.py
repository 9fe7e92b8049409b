"""The lines of docs/incoming-mail.md, in Debian's Postfix: only users, paths and domains differ."""

import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from email.utils import parseaddr
from pathlib import Path
from textwrap import dedent

import aiosmtplib
import pytest
import pytest_asyncio
import trustme

from tests import returned
from tests.bot.cli.test_bounce import ADDRESS, LATER, comes_to_the_code
from tests.bot.organisation import Organisation, hears, presses
from tests.bot.test_running import free_port
from tests.fork_server import ROOT
from tests.peers.pipe import Pipe
from tests.peers.postfix import OFFICE, Postfix, postfix

USER, OTHER = "nobody", "w.quistgaard@mailbox.example"
FILE = re.compile(r"^    # /etc/postfix/([a-z.]+).*\n((?:    .+\n)+)", re.MULTILINE)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    # Not in pytest's folder, which is closed to the user that the command runs as.
    with tempfile.TemporaryDirectory(prefix="pipe-") as folder:
        Path(folder).chmod(0o755)
        with Pipe(Path(folder)).laid() as pipe:
            yield pipe


@pytest_asyncio.fixture
async def peer(pipe: Pipe) -> AsyncIterator[Postfix]:
    text = (ROOT / "docs" / "incoming-mail.md").read_text("utf-8")
    for written, here in (
        ("/opt/actionbot/.venv/bin/actionbot", str(pipe.command)),
        ("/srv/actionbot", str(pipe.folder)),
        ("user=actionbot", f"user={USER}"),
        ("example.org", "river.example"),
        (r"example\.org", r"river\.example"),
    ):
        assert written in text
        text = text.replace(written, here)
    recipe = {name: dedent(lines) for name, lines in FILE.findall(text)}
    assert set(recipe) == {"actionbot", "main.cf", "master.cf"}
    async with postfix(trustme.CA(), recipe) as running:
        yield running


async def brings(peer: Postfix, mail: bytes, to: str, sender: str = "") -> None:
    """Bring a mail to the server as the world does."""
    port = peer.ports["plain"]
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as world:
        await world.sendmail(sender, to, mail)


async def passes_on(pipe: Pipe, organisation: Organisation, status: int) -> str:
    """Do what the command does, and let it end so; return the address that the mail came to."""
    handed = await pipe.takes()
    assert (handed.folder, handed.words[0]) == (str(pipe.folder), "bounce")
    outcome = await organisation.types(*handed.words, piped=handed.mail)
    assert outcome.status == status, outcome
    pipe.ends(outcome.status)
    (address,) = handed.words[1:]
    return address


async def test_what_comes_back_by_the_guides_lines_for_postfix(
    organisation: Organisation, database_url: str, pipe: Pipe, peer: Postfix
) -> None:
    here = {"url": database_url}
    organisation.sets(database=here, mail={"address": "actions@send.river.example"})
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        sender = await comes_to_the_code(organisation, person)

        away = f"postgresql://ann:hunter2-hunter2@127.0.0.1:{free_port()}/bot"
        organisation.sets(database={"url": away})
        await brings(peer, returned.postfix(sender, ADDRESS), sender)
        assert await passes_on(pipe, organisation, LATER) == sender
        await peer.tells(lambda: any("status=deferred" in line for line in peer.log))

        organisation.sets(database=here)
        await peer.tries_again()
        assert await passes_on(pipe, organisation, 0) == sender
        await peer.delivered(1)
        await hears(person, f"The code I emailed to {ADDRESS} came back.")

        await presses(person, "Change my address")
        await hears(person, "What’s your email address?")
        person.send(OTHER)
        mails = await organisation.inbox.until(lambda mails: len(mails) == 2)
        await hears(person, f"mailed a code to {OTHER}")
        owner = parseaddr(mails[1].message["Reply-To"])[1]
        await brings(peer, mails[1].reply("Psst! What letter?"), owner, OTHER)
        assert await passes_on(pipe, organisation, 0) == owner
        await peer.delivered(2)
        await presses(person, "Send a new code")
        await hears(person, "The owner of that address told us it wasn’t them")


async def test_what_is_for_people_goes_to_people_and_nothing_else_is_taken(peer: Postfix) -> None:
    mail = b"From: ann@mailbox.example\r\nSubject: Lunch?\r\n\r\nAt noon?\r\n"
    await brings(peer, mail, "actions@send.river.example", "ann@mailbox.example")
    await peer.delivered(1)
    (came,) = peer.mails(OFFICE)
    assert b"\nAt noon?\n" in came
    for stranger in ("ann@send.river.example", f"a-{'0' * 32}-{'2' * 17}@send.river.example"):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await brings(peer, mail, stranger, "ann@mailbox.example")
