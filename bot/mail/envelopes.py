"""Addresses at our own domain that stand for one mail: opaque, keyed, and never chosen by a user.

    a-<mail>-<proof>@domain    the From and envelope sender of a letter: bounces come back to it
    c-<code>-<proof>@domain    the Reply-To of a code's mail: answering it says “this wasn't me”

A user-chosen local part could be `postmaster@`; an unkeyed one could be forged.
"""

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from storage.vault import Vault

_SHAPE = re.compile(r"([ac])-([0-9a-f]{32})-([a-z2-7]{16})")


class Stands(StrEnum):
    """What an address stands for."""

    LETTER = "a"
    CODE = "c"


@dataclass(frozen=True)
class Envelopes:
    """Makes and reads such addresses at `domain`."""

    vault: Vault
    domain: str

    def address(self, stands: Stands, id_: str) -> str:
        """Return the address that stands for the mail or the code `id_`, 32 hexadecimal digits."""
        return f"{stands}-{id_}-{self._proof(stands, id_)}@{self.domain}"

    def read(self, address: str) -> tuple[Stands, str] | None:
        """Return what `address` stands for; None where it is none of ours, or forged."""
        local, _, domain = address.strip("<> ").lower().rpartition("@")
        shape = _SHAPE.fullmatch(local)
        if shape is None or domain != self.domain.lower():
            return None
        stands, id_ = Stands(shape[1]), shape[2]
        right = hmac.compare_digest(shape[3], self._proof(stands, id_))
        return (stands, id_) if right else None

    def _proof(self, stands: Stands, id_: str) -> str:
        return self.vault.token("envelope", f"{stands}-{id_}")
