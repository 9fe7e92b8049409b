"""Consents: what a person agreed to, or refused, and when."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from storage.schema.tables import consents

# Stored as the kind of a consent.
SEND = "send"
REMEMBER = "remember"
UPDATES = "updates"

_ADD = consents.insert()


@dataclass(frozen=True)
class Consent:
    """What a person agreed to, or refused."""

    kind: str
    """SEND, REMEMBER or UPDATES."""

    given: bool
    """Whether the person agreed."""

    language: str
    """The tag of the language in which the person was asked (BCP 47)."""

    scope: str = ""
    """A campaign's slug, or "*" for all campaigns."""

    version: str | None = None
    """The version of the campaign. Recorded with a consent to send, as are the digests."""

    notice_digest: str | None = None
    letter_digest: str | None = None


def add(connection: Connection, person: bytes, consent: Consent, *, now: datetime) -> None:
    """Record a person's consent or refusal."""
    row = {"consent_id": secrets.token_hex(16), "person_key": person, "at": now}
    connection.execute(_ADD, {**row, **vars(consent)})
