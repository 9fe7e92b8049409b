"""Build the services that send and receive mail."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.assembly.foundation import Foundation
from bot.mail.incoming.imap import parse_imap_url
from bot.services.mail.letter_changes import LetterChanges
from bot.services.mail.mail_worker import MailWorker

# Imported when mail comes in: what reads mail takes 3 MB, and most bots read it in `bounce`.
if TYPE_CHECKING:
    from bot.mail.incoming.inbound_mail import InboundMail
    from bot.mail.incoming.mailbox_reader import MailboxReader


@dataclass(frozen=True)
class MailServices:
    """The services that send and receive mail."""

    base: Foundation
    worker: MailWorker
    letter_changes: LetterChanges

    @cached_property
    def inbound(self) -> "InboundMail":
        """Processes incoming mail."""
        from bot.mail.incoming.inbound_mail import InboundMail

        base = self.base
        return InboundMail(
            base.core.database,
            base.mail.envelopes,
            base.settings.mail.address,
            lambda: base.campaigns.in_service,
            base.core.clock,
        )

    @cached_property
    def mailbox_reader(self) -> "MailboxReader | None":
        """Reads the mailbox; None where the settings name none."""
        imap = self.base.settings.mail.imap
        if imap is None:
            return None
        from bot.mail.incoming.mailbox_reader import MailboxReader

        return MailboxReader(parse_imap_url(imap.get_secret_value()), self.inbound)


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
    return MailServices(base, worker, LetterChanges(core))
