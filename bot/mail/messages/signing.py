"""Sign many emails at once, in threads."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.mail.authentication.dkim import DkimSigner

_SIGNING_THREADS = os.cpu_count() or 1


@dataclass(frozen=True)
class UnsignedMessage:
    """An email to be signed."""

    signer: DkimSigner

    message: bytes
    """ASCII with CRLF between lines."""

    domain: str
    """The domain that the signature vouches for."""

    now: datetime
    """The time of the signature."""


async def sign_batch(unsigned: Sequence[UnsignedMessage]) -> Sequence[bytes]:
    """Return the signed messages, in the same order.

    Threads help: RSA takes most of the time and releases the interpreter's lock.
    """
    size = -(-len(unsigned) // _SIGNING_THREADS)
    shares = [unsigned[at : at + size] for at in range(0, len(unsigned), size)]
    signed = await asyncio.gather(*(asyncio.to_thread(_sign_all, share) for share in shares))
    return [message for share in signed for message in share]


def _sign_all(unsigned: Sequence[UnsignedMessage]) -> list[bytes]:
    return [each.signer.sign(each.message, each.domain, each.now) for each in unsigned]
