"""Consents: what a person agreed to, or refused, and when."""

import secrets
from datetime import datetime

from sqlalchemy import Connection

from storage.schema.tables import consents

# Stored as the kind of a consent.
SEND = "send"
REMEMBER = "remember"
UPDATES = "updates"

_ADD = consents.insert()


def add(
    connection: Connection,
    person: bytes,
    *,
    kind: str,
    scope: str = "",
    given: bool,
    language: str,
    now: datetime,
    version: str | None = None,
    notice_digest: str | None = None,
    letter_digest: str | None = None,
) -> None:
    """Record that the person agreed (`given`) or refused.

    `scope` is a campaign, or "*" for all. The version of the campaign and the digests are recorded
    with a consent to send.
    """
    row = {
        "consent_id": secrets.token_hex(16),
        "person_key": person,
        "kind": kind,
        "scope": scope,
        "given": given,
        "language": language,
        "version": version,
        "notice_digest": notice_digest,
        "letter_digest": letter_digest,
        "at": now,
    }
    connection.execute(_ADD, row)
