"""`actionbot bounce`: process one email that our mail server received for the bot's domain."""

import asyncio
from typing import BinaryIO

from bot import startup
from bot.cli.database import maintenance
from bot.errors import CommandError
from bot.mail.incoming.inbound_mail import Disposition, InboundMail
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.headers import MAX_RECEIVED_BYTES
from bot.services.campaigns.published import load_published
from bot.services.shared_clock import SharedClock
from bot.settings import model

PROCESSING_TIMEOUT = 60.0
"""Seconds. After that, the mail server is asked to deliver the email again later."""

_CHUNK_BYTES = 65_536


def read(stream: BinaryIO) -> bytes:
    """Return the beginning of an email, up to MAX_RECEIVED_BYTES; read and discard the rest.

    A mail server may take a pipe that closes early for a failed delivery.
    """
    raw = stream.read(MAX_RECEIVED_BYTES)
    while stream.read(_CHUNK_BYTES):
        pass
    return raw


async def process(raw: bytes, recipients: tuple[str, ...]) -> Disposition:
    """Process an email; `recipients` are those of its envelope, if known.

    Returns what should happen to the email. Raises CommandError or TimeoutError if it cannot be
    processed now.
    """
    settings = model.load()
    startup.use_own_wording(settings)
    async with (
        asyncio.timeout(PROCESSING_TIMEOUT),
        maintenance.open_existing_database(settings) as database,
    ):
        if not settings.keys.file.exists():
            raise CommandError(f"There is no {settings.keys.file}.", fix="Fix the path.")
        clock = await SharedClock.of(database)
        vault = await startup.open_vault(settings, database, clock)
        envelopes = Envelopes(vault, settings.mail.domain)
        loaded = await load_published(database, vault)
        campaigns = {slug: each.campaign for slug, each in loaded.items() if each.campaign}
        inbound = InboundMail(database, envelopes, settings.mail.address, lambda: campaigns, clock)
        return await inbound.process(raw, recipients)
