"""Addresses at our own domain that stand for something: opaque, keyed, never chosen by a user.

    a-<mail>-<proof>@domain       the From and envelope sender of a letter: bounces come back to it
    c-<code>-<proof>@domain       the envelope sender of a code's mail: bounces come back to it
    o-<mailbox>-<proof>@domain    the Reply-To of a code's mail: its owner says “this wasn't me”
    y-<mail>-<proof>@domain       the envelope sender of a letter's copy, for the supporter
    f-<mail>-<proof>@domain       the envelope sender of an answer that is passed on

A user-chosen local part could be `postmaster@`; an unkeyed one could be forged. All ids are
disguised: whoever has the mail must not find its row in a stolen database. The owner's stands for
the key of the mailbox that the code went to, so it is understood when no row of the code is left.
"""

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from storage.crypto.vault import Vault

_SHAPE = re.compile(r"([acofy])-([0-9a-f]{32})-([a-z2-7]{16})")


class AddressPurpose(StrEnum):
    """What an address stands for."""

    LETTER = "a"
    CODE = "c"
    OWNER = "o"
    COPY = "y"
    FORWARD = "f"


@dataclass(frozen=True)
class Envelopes:
    """Makes and reads such addresses at `domain`."""

    vault: Vault
    domain: str

    def address(self, stands: AddressPurpose, id_: str) -> str:
        """Return the address that stands for `id_`, 32 hexadecimal digits."""
        return self.address_of(stands, self.shown(stands, id_))

    def address_of(self, stands: AddressPurpose, shown: str) -> str:
        """Return the address that stands for what the world sees as `shown`."""
        return f"{stands}-{shown}-{self._proof(stands, shown)}@{self.domain}"

    def shown(self, stands: AddressPurpose, id_: str) -> str:
        """Return `id_` as the world sees it: it stands nowhere in the tables."""
        return self.vault.pseudonym(f"envelope-{stands}", id_)

    def letter(self, shown: str) -> str:
        """Return the letter that the world sees as `shown`, as reports of abuse name it."""
        return self.vault.resolve_pseudonym(f"envelope-{AddressPurpose.LETTER}", shown)

    def message_id(self, token: str) -> str:
        """Return the Message-ID (RFC 5322, section 3.6.4) of the mail that has `token`."""
        return f"<{self.vault.pseudonym('message-id', token)}@{self.domain}>"

    def read(self, address: str) -> tuple[AddressPurpose, str] | None:
        """Return what `address` stands for; None where it is none of ours, or forged."""
        local, _, domain = address.strip("<> ").lower().rpartition("@")
        shape = _SHAPE.fullmatch(local)
        if shape is None or domain != self.domain.lower():
            return None
        stands, shown = AddressPurpose(shape[1]), shape[2]
        if not hmac.compare_digest(shape[3], self._proof(stands, shown)):
            return None
        return stands, self.vault.resolve_pseudonym(f"envelope-{stands}", shown)

    def _proof(self, stands: AddressPurpose, shown: str) -> str:
        return self.vault.token("envelope", f"{stands}-{shown}")
