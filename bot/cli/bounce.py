"""`actionbot bounce`: a mail that came for the bot's domain, handed over by our mail server."""

import asyncio
from typing import BinaryIO

from bot import startup
from bot.cli import maintenance
from bot.clock import utc_now
from bot.errors import CommandError
from bot.mail.incoming.inbound_mail import Disposition, InboundMail
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.headers import MAX_MAIL_BYTES
from bot.settings import model
from conversations.folder.loading import load_campaigns
from conversations.model.campaign import Campaign

PATIENCE = 60.0
"""Seconds after which a database that does not answer is left to the next time."""

_PIECE = 65_536


def read(stream: BinaryIO) -> bytes:
    """Return the mail's beginning, as much as is looked at; what follows is read and dropped.

    A mail server whose pipe closes too early may take the delivery for failed.
    """
    raw = stream.read(MAX_MAIL_BYTES)
    while stream.read(_PIECE):
        pass
    return raw


async def take(raw: bytes, recipients: tuple[str, ...]) -> Disposition:
    """Do what the mail asks for; `recipients` are those of its envelope, where they are known.

    Returns what is to become of it. Raises Mistaken, or TimeoutError, where it cannot be done now.
    """
    given = model.load()
    async with asyncio.timeout(PATIENCE):
        async with maintenance.open_existing_database(given) as database:
            if not given.keys.file.exists():
                raise CommandError(f"There is no {given.keys.file}.", fix="Mend the path.")
            envelopes = Envelopes(await startup.open_vault(given, database), given.mail.domain)

            def campaigns() -> dict[str, Campaign]:
                loaded = (each.campaign for each in load_campaigns(given.campaigns.folder))
                return {each.slug: each for each in loaded if each}

            reception = InboundMail(database, envelopes, given.mail.address, campaigns, utc_now)
            return await reception.take(raw, recipients)
