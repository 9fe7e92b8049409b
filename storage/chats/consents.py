"""Consents: what a person agreed to, or refused, and when."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Row, select, update

from storage.crypto.vault import DecryptionError, Vault
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


def decided_at(vault: Vault, row: Row[Any]) -> datetime:
    """Return when a person decided: the exact time, or the day where no more is kept."""
    place, day = row.consent_id.encode(), cast(datetime, row.at)
    try:
        evidence = orjson.loads(vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place))
    except DecryptionError:
        return day
    at = datetime.fromisoformat(evidence["at"])
    return at if at.tzinfo else day


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


def settle(connection: Connection, vault: Vault, key: bytes, campaign: str) -> None:
    """Keep of a consent to send only what it was given to, and on which day.

    `key` is the person's key. The letter's digest would show whose letter a known text is.
    """
    given = (consents.c.person_key == key, consents.c.scope == campaign, consents.c.kind == SEND)
    for row in connection.execute(select(consents).where(*given)).all():
        place = row.consent_id.encode()
        try:
            saved = orjson.loads(vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place))
        except DecryptionError:
            continue
        kept = {**saved, "language": "", "letter_digest": None, "at": row.at.date().isoformat()}
        encrypted = vault.encrypt(orjson.dumps(kept), CONSENT_EVIDENCE, row=place)
        settled = update(consents).where(consents.c.consent_id == row.consent_id)
        connection.execute(settled.values(encrypted_evidence=encrypted))
