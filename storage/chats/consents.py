"""Consents: what a person agreed to, or refused, and when."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from storage.crypto.vault import Vault
from storage.engine.rounding import day_of
from storage.schema.encryption import CONSENT_EVIDENCE
from storage.schema.tables import consents

# Stored as the kind of a consent.
SEND = "send"
REMEMBER = "remember"
UPDATES = "updates"

_ADD = consents.insert()
_EVIDENCE = ("language", "version", "notice_digest", "letter_digest")
"""Fields of a consent that are encrypted. The names are stored."""


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


def add(
    connection: Connection, vault: Vault, key: bytes, consent: Consent, *, now: datetime
) -> None:
    """Record a person's consent or refusal.

    `key` is the person's key for its purpose: `action` of the campaign, `subscriptions` or `chat`.
    """
    id_ = secrets.token_hex(16)
    evidence = {name: getattr(consent, name) for name in _EVIDENCE} | {"at": now.isoformat()}
    row = {
        "consent_id": id_,
        "person_key": key,
        "kind": consent.kind,
        "scope": consent.scope,
        "given": consent.given,
        "encrypted_evidence": vault.encrypt(
            orjson.dumps(evidence), CONSENT_EVIDENCE, row=id_.encode()
        ),
        "at": day_of(now),
    }
    connection.execute(_ADD, row)
