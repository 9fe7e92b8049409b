"""With Debian's Dovecot: bounces are read and deleted from the mailbox, other mail is kept."""

from pathlib import Path

import pytest
import trustme

from tests import returned
from tests.bot.cli.test_bounce import ADDRESS, comes_to_the_code
from tests.bot.organisation import Organisation, hears
from tests.peers.dovecot import dovecot

LUNCH = b"From: ann@mail.example\r\nTo: actions@send.example\r\n\r\nLunch?\r\n"


async def test_a_bounced_code_is_read_from_a_mailbox(
    organisation: Organisation,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with dovecot(authority) as peer:
        organisation.sets(database={"url": database_url}, mail={"imap": peer.url})
        async with organisation.running("run"):
            sender = await comes_to_the_code(organisation, person)
        peer.add_mails(LUNCH, returned.exim(sender, ADDRESS), LUNCH)
        async with organisation.running("run") as running:
            await hears(person, f"The code I emailed to {ADDRESS} came back.")
            await peer.wait_for_log(b"expunged=1")
            assert await running.ends() == 0
        left = [(marks.replace(rb"\Recent", b"").strip(), mail) for marks, mail in peer.mails()]
        assert left == [(b"", LUNCH), (b"", LUNCH)]
