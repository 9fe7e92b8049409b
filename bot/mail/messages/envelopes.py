"""Opaque email addresses at our own domain; each identifies one email, code or mailbox.

    a-<mail>-<proof>@domain       From and envelope sender of a letter: bounces arrive here
    c-<code>-<proof>@domain       envelope sender of a code email: bounces arrive here
    o-<mailbox>-<proof>@domain    Reply-To of a code email: a reply may mean “this wasn't me”
    n-<mailbox>-<proof>@domain    sender of the email that asks whether it does: a reply says yes
    u-<mailbox>-<proof>@domain    sender of the email that says what was done: a reply may undo it
    y-<mail>-<proof>@domain       envelope sender of a letter's copy to the supporter
    f-<mail>-<proof>@domain       envelope sender of a forwarded reply

A local part chosen by a user could be `postmaster@`; one without the keyed proof could be forged.
All ids are encrypted, so that someone who has the email can't find its row in a stolen database.
The owner's address contains the key of the mailbox that the code was sent to, so it still works
when the code itself has been deleted.
"""

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from storage.crypto.vault import Vault

_SHAPE = re.compile(r"([acfnouy])-([0-9a-f]{32})-([a-z2-7]{16})")


class AddressPurpose(StrEnum):
    """What an address identifies. The values are part of addresses in use, and never change."""

    LETTER = "a"
    CODE = "c"
    OWNER = "o"
    COPY = "y"
    FORWARD = "f"
    NOT_ME = "n"
    UNDO = "u"


@dataclass(frozen=True)
class Envelopes:
    """Creates and reads opaque addresses at `domain`."""

    vault: Vault
    domain: str

    def address(self, purpose: AddressPurpose, id_: str) -> str:
        """Return the address for `id_`, 32 hexadecimal digits."""
        return self.address_of(purpose, self.public_id(purpose, id_))

    def address_of(self, purpose: AddressPurpose, shown: str) -> str:
        """Return the address for the public id `shown`."""
        return f"{purpose}-{shown}-{self._proof(purpose, shown)}@{self.domain}"

    def public_id(self, purpose: AddressPurpose, id_: str) -> str:
        """Return the encrypted `id_`, as it appears in addresses but in no table."""
        return self.vault.pseudonym(f"envelope-{purpose}", id_)

    def letter(self, shown: str) -> str:
        """Return the id of the letter with the public id `shown`, as abuse reports contain it."""
        return self.vault.resolve_pseudonym(f"envelope-{AddressPurpose.LETTER}", shown)

    def message_id(self, token: str) -> str:
        """Return the Message-ID (RFC 5322, section 3.6.4) of the email that has `token`."""
        return f"<{self.vault.pseudonym('message-id', token)}@{self.domain}>"

    def read(self, address: str) -> tuple[AddressPurpose, str] | None:
        """Return the purpose and the id of an address; None if it is not ours, or forged."""
        local, _, domain = address.strip("<> ").lower().rpartition("@")
        shape = _SHAPE.fullmatch(local)
        if shape is None or domain != self.domain.lower():
            return None
        purpose, shown = AddressPurpose(shape[1]), shape[2]
        if not hmac.compare_digest(shape[3], self._proof(purpose, shown)):
            return None
        return purpose, self.vault.resolve_pseudonym(f"envelope-{purpose}", shown)

    def _proof(self, purpose: AddressPurpose, shown: str) -> str:
        return self.vault.token("envelope", f"{purpose}-{shown}")
