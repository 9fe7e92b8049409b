"""The Postfix settings of docs/incoming-mail.md work; only users, paths and domains differ."""

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
from tests.fork_server import ROOT
from tests.peers.pipe import Pipe
from tests.peers.postfix import OFFICE, Postfix, postfix
from tests.ports import free_port

USER, OTHER = "nobody", "w.quistgaard@mailbox.example"
FILE = re.compile(r"^    # /etc/postfix/([a-z.]+).*\n((?:    .+\n)+)", re.MULTILINE)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    # Not in pytest's folder: the user that the command runs as cannot read that.
    with tempfile.TemporaryDirectory(prefix="pipe-") as folder:
        Path(folder).chmod(0o755)
        with Pipe(Path(folder)).installed() as pipe:
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


async def send_mail(peer: Postfix, mail: bytes, to: str, sender: str = "") -> None:
    """Send a mail to the server, as another mail server does."""
    port = peer.ports["plain"]
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        await client.sendmail(sender, to, mail)


async def run_command(pipe: Pipe, organisation: Organisation, status: int) -> str:
    """Run the real command for the next piped mail; return the mail's recipient."""
    piped = await pipe.next_mail()
    assert (piped.folder, piped.arguments[0]) == (str(pipe.folder), "bounce")
    outcome = await organisation.types(*piped.arguments, piped=piped.mail)
    assert outcome.status == status, outcome
    pipe.finish(outcome.status)
    (address,) = piped.arguments[1:]
    return address


async def test_bounces_reach_the_bot_with_the_guides_postfix_settings(
    organisation: Organisation, database_url: str, pipe: Pipe, peer: Postfix
) -> None:
    here = {"url": database_url}
    organisation.sets(database=here, mail={"address": "actions@send.river.example"})
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run"):
        sender = await comes_to_the_code(organisation, person)

        away = f"postgresql://ann:hunter2-hunter2@127.0.0.1:{free_port()}/bot"
        organisation.sets(database={"url": away})
        await send_mail(peer, returned.postfix(sender, ADDRESS), sender)
        assert await run_command(pipe, organisation, LATER) == sender
        await peer.wait_until(lambda: any("status=deferred" in line for line in peer.log))

        organisation.sets(database=here)
        await peer.retry_queue()
        assert await run_command(pipe, organisation, 0) == sender
        await peer.delivered(1)
        await hears(person, f"The code I emailed to {ADDRESS} came back.")

        await presses(person, "Change my address")
        await hears(person, "What’s your email address?")
        person.send(OTHER)
        mails = await organisation.inbox.until(lambda mails: len(mails) == 2, 30)
        await hears(person, f"I’ve emailed it to {OTHER}")
        owner = parseaddr(mails[1].message["Reply-To"])[1]
        await send_mail(peer, mails[1].reply("This wasn’t me. What letter?"), owner, OTHER)
        assert await run_command(pipe, organisation, 0) == owner
        await peer.delivered(2)
        await presses(person, "No code yet?")
        await presses(person, "Send a new code")
        await hears(person, "The owner of that address told us it wasn’t them")


async def test_mail_for_people_is_delivered_and_unknown_addresses_are_refused(
    peer: Postfix,
) -> None:
    mail = b"From: ann@mailbox.example\r\nSubject: Lunch?\r\n\r\nAt noon?\r\n"
    await send_mail(peer, mail, "actions@send.river.example", "ann@mailbox.example")
    await peer.delivered(1)
    (came,) = peer.mails(OFFICE)
    assert b"\nAt noon?\n" in came
    for stranger in ("ann@send.river.example", f"a-{'0' * 32}-{'2' * 17}@send.river.example"):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await send_mail(peer, mail, stranger, "ann@mailbox.example")
