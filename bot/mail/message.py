"""A claimed mail → the bytes that are sent, assembled once and the same over all attempts.

RFC 5322 for the headers, RFC 2047 for names outside ASCII, RFC 2045 for the body. Addresses are
ASCII: RFC 2047, section 5, forbids encoded words inside them.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from bot.mail.envelopes import Envelopes, Stands
from bot.services.delivering import Mail
from conversations.campaign import Campaign
from conversations.letter import Letter
from storage.outbox import Claimed, CodeMail

_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Post:
    """Who we are to mail servers. `mailbox` is ours, and read by people."""

    envelopes: Envelopes
    mailbox: str

    def assemble(self, claimed: Claimed, campaign: Campaign, now: datetime) -> Mail:
        """Return the mail; the bytes of an earlier attempt are sent again as they were."""
        match claimed.content:
            case Letter() as letter:
                return self._letter(claimed, letter, campaign, now)
            case CodeMail() as code:
                return self._code(claimed, code, campaign, now)

    def _letter(self, claimed: Claimed, letter: Letter, campaign: Campaign, now: datetime) -> Mail:
        """Assemble a letter: From is the supporter's name at our opaque address (relay)."""
        sender = self.envelopes.address(Stands.LETTER, claimed.mail)
        recipient = letter.target_address
        if claimed.message is not None:
            return Mail(sender, recipient, claimed.message)
        message = self._begin(claimed, now)
        message["From"] = _mailbox(letter.sender_name, sender)
        message["To"] = _mailbox(letter.target_name, recipient)
        match campaign.reply_to:
            case "supporter":
                message["Reply-To"] = _mailbox(letter.sender_name, letter.sender_address)
            case "organisation":
                message["Reply-To"] = _mailbox(campaign.organisation, campaign.contact)
            case "none":
                pass
        message["Subject"] = _line(letter.subject)
        message["Content-Language"] = letter.language
        message["X-Report-Abuse"] = f"<mailto:{self.mailbox}?subject=abuse-{claimed.mail}>"
        return Mail(sender, recipient, _with_body(message, letter.body))

    def _code(self, claimed: Claimed, code: CodeMail, campaign: Campaign, now: datetime) -> Mail:
        """Assemble the mail of a code, from the organisation; answering it disowns the address."""
        answer = self.envelopes.address(Stands.CODE, code.code_id)
        if claimed.message is not None:
            return Mail(answer, code.address, claimed.message)
        message = self._begin(claimed, now)
        message["From"] = _mailbox(campaign.organisation, self.mailbox)
        message["To"] = _mailbox("", code.address)
        message["Reply-To"] = _mailbox(campaign.organisation, answer)
        message["Subject"] = _line(code.subject)
        message["Content-Language"] = code.language
        # RFC 3834, section 5: nothing that answers by itself should answer this.
        message["Auto-Submitted"] = "auto-generated"
        return Mail(answer, code.address, _with_body(message, code.text))

    def _begin(self, claimed: Claimed, now: datetime) -> EmailMessage:
        message = EmailMessage(_POLICY)
        message["Date"] = now
        message["Message-ID"] = f"<{claimed.message_id}@{self.envelopes.domain}>"
        return message


def _with_body(message: EmailMessage, body: str) -> bytes:
    """Return the bytes of `message` with `body`, in whichever encoding is shorter."""
    text = body.rstrip("\n") + "\n"
    wide = sum(len(letter.encode()) - 1 for letter in text)
    # Quoted-printable writes three bytes for each beyond ASCII, base64 four for any three.
    encoding = "base64" if wide * 2 > len(text.encode()) / 3 else "quoted-printable"
    message.set_content(text, charset="utf-8", cte=encoding)
    return message.as_bytes()


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=_line(name), username=local, domain=domain)


def _line(text: str) -> str:
    """Return `text` as one line without control signs: nothing in a header starts another one.

    The library is not relied on alone: Python before 3.11.10 has CVE-2024-6923.
    """
    shown = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join("".join(shown).split())
