"""Consents: what a person agreed to, or refused, and when."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from storage.engine.rounding import day_of
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


def settle(connection: Connection, key: bytes, campaign: str) -> None:
    """Keep of a consent to send only what it was given to, and on which day.

    `key` is the person's key. The letter's digest would show whose letter a known text is.
    """
    given = (consents.c.person_key == key, consents.c.scope == campaign, consents.c.kind == SEND)
    row = connection.execute(select(consents.c.consent_id, consents.c.at).where(*given)).all()
    for each in row:
        kept = update(consents).where(consents.c.consent_id == each.consent_id)
        connection.execute(kept.values(letter_digest=None, at=day_of(each.at)))
