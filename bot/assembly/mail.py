"""Build the services that send and receive mail."""

from dataclasses import dataclass

from bot.assembly.foundation import Foundation
from bot.mail.incoming.imap import parse_imap_url
from bot.mail.incoming.inbound_mail import InboundMail
from bot.mail.incoming.mailbox_reader import MailboxReader
from bot.services.mail.letter_changes import LetterChanges
from bot.services.mail.mail_worker import MailWorker


@dataclass(frozen=True)
class MailServices:
    """The services that send and receive mail."""

    worker: MailWorker
    inbound: InboundMail
    mailbox_reader: MailboxReader | None
    """None where the settings name no mailbox."""

    letter_changes: LetterChanges


def build_mail(base: Foundation) -> MailServices:
    """Build the services."""
    settings, core = base.settings.mail, base.core
    worker = MailWorker(
        core,
        base.mail.transport,
        hold=settings.after_a_broken_connection == "hold",
        redirect_to=settings.test_address if settings.test else "",
        grace=base.options.grace,
    )
    inbound = InboundMail(
        core.database,
        base.mail.envelopes,
        settings.address,
        lambda: base.campaigns.in_service,
        core.clock,
    )
    reader = None
    if settings.imap is not None:
        reader = MailboxReader(parse_imap_url(settings.imap.get_secret_value()), inbound)
    return MailServices(worker, inbound, reader, LetterChanges(core))
