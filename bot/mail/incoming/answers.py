"""Find the letter that an email answers if it was sent to the mailbox that all letters come from.

With `from = "one"`, the Message-ID of a letter is its opaque address. Programs put it into
In-Reply-To and References (RFC 5322, section 3.6.4).
"""

import re
from email.message import Message

from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import addresses, header_value

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")


def find_answered_letter(
    message: Message, envelopes: Envelopes, mailbox: str, recipients: tuple[str, ...] = ()
) -> tuple[AddressPurpose, str] | None:
    """Return the letter's purpose and id; None if this is no answer that was sent to `mailbox`.

    `recipients` are those of the envelope. The last letter of the conversation counts.
    """
    named = (*recipients, *(address for _, address in addresses(message, "To", "Delivered-To")))
    if mailbox.lower() not in (each.strip("<> ").lower() for each in named):
        return None
    ids = (
        *_MESSAGE_ID.findall(header_value(message, "In-Reply-To")),
        *reversed(_MESSAGE_ID.findall(header_value(message, "References"))),
    )
    found = (envelopes.read(each) for each in ids)
    return next((each for each in found if each and each[0] is AddressPurpose.LETTER), None)
