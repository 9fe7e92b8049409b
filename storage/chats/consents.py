"""Consents: what a person agreed to, or refused, and when."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from storage.crypto.vault import DecryptionError, Vault
from storage.engine.rounding import day_of
from storage.schema.encryption import CONSENT_EVIDENCE
from storage.schema.tables import consents

# Stored as the kind of a consent.
SEND = "send"
REMEMBER = "remember"
UPDATES = "updates"
OPT_IN = "opt_in"
ANSWER = "answer"

OF_LETTERS = (SEND, OPT_IN)
"""Kinds of consents that are given with a letter."""

_KEYS_PER_QUERY = 10_000
"""Number of keys that one query looks up: SQLite allows 32,766 parameters."""

_ADD = consents.insert()
_RECHECK = (
    update(consents)
    .where(consents.c.person_key.in_(bindparam("keys", expanding=True)))
    .values(unchecked=True)
)
_SETTLE = update(consents).where(consents.c.consent_id == bindparam("of"))
_EVIDENCE = ("language", "version", "notice_digest", "letter_digest", "question")
"""Fields of a consent that are encrypted. The names are stored."""


@dataclass(frozen=True)
class Consent:
    """What a person agreed to, or refused."""

    kind: str
    """SEND, REMEMBER, UPDATES, OPT_IN or ANSWER."""

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

    question: str | None = None
    """The id of the campaign's question that asked for it, with OPT_IN."""


def decided_at(vault: Vault, row: Row[Any]) -> datetime:
    """Return when a person decided: the exact time, or the day where no more is kept."""
    place, day = row.consent_id.encode(), cast(datetime, row.at)
    try:
        evidence = orjson.loads(vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place))
    except DecryptionError:
        return day
    at = datetime.fromisoformat(evidence["at"])
    return at if at.tzinfo else day


def language_of(connection: Connection, vault: Vault, key: bytes, kind: str) -> str:
    """Return the language of a person's last decision of this kind; "" if there is none.

    Raises DecryptionError.
    """
    of_person = select(consents).where(consents.c.person_key == key, consents.c.kind == kind)
    row = connection.execute(of_person.order_by(consents.c.at.desc()).limit(1)).one_or_none()
    if row is None:
        return ""
    place = row.consent_id.encode()
    evidence = vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place)
    return str(orjson.loads(evidence)["language"])


def opt_ins(connection: Connection, vault: Vault, key: bytes, campaign: str) -> tuple[str, ...]:
    """Return the ids of the questions to which a person's last decision in a campaign is yes."""
    own = (consents.c.person_key == key, consents.c.kind == OPT_IN, consents.c.scope == campaign)
    rows = connection.execute(select(consents).where(*own)).all()
    decided = sorted((decided_at(vault, row), question_of(vault, row), row.given) for row in rows)
    last = {question: given for _, question, given in decided if question}
    return tuple(question for question, given in last.items() if given)


def take_out(
    connection: Connection, vault: Vault, key: bytes, campaign: str, question: str
) -> None:
    """Delete what a person agreed to at this question, in a database that was restored."""
    own = (consents.c.person_key == key, consents.c.kind == OPT_IN, consents.c.scope == campaign)
    rows = connection.execute(select(consents).where(*own, consents.c.given)).all()
    gone = [row.consent_id for row in rows if question_of(vault, row) == question]
    connection.execute(delete(consents).where(consents.c.consent_id.in_(gone)))


def find_own(connection: Connection, keys: Sequence[bytes], consent: str) -> Row[Any] | None:
    """Return the row of a yes to a campaign's question; None if none of these keys gave it."""
    this = (consents.c.consent_id == consent, consents.c.person_key.in_(keys))
    given = select(consents).where(*this, consents.c.kind == OPT_IN, consents.c.given)
    return connection.execute(given).one_or_none()


def question_of(vault: Vault, row: Row[Any]) -> str:
    """Return the id of the question that asked for a consent; "" if there is none."""
    place = row.consent_id.encode()
    try:
        evidence = orjson.loads(vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place))
    except DecryptionError:
        return ""
    return evidence.get("question") or ""


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


def recheck(connection: Connection, keys: Sequence[bytes]) -> None:
    """Let the purge check the consents under these keys: what they allow may have ended.

    Whatever deletes a person's letter, subscription or saved details calls this, in the same
    transaction.
    """
    for first in range(0, len(keys), _KEYS_PER_QUERY):
        connection.execute(_RECHECK, {"keys": keys[first : first + _KEYS_PER_QUERY]})


def settle(connection: Connection, vault: Vault, keys: Sequence[bytes]) -> None:
    """Keep of consents given with letters only what they were given to, and on which day.

    `keys` are the keys of people in a campaign's actions. The letter's digest would show whose
    letter a known text is.
    """
    given = (consents.c.person_key.in_(keys), consents.c.kind.in_(OF_LETTERS))
    kept = []
    for row in connection.execute(select(consents).where(*given).with_for_update()):
        place = row.consent_id.encode()
        with suppress(DecryptionError):  # a damaged value must not stop the others
            saved = orjson.loads(vault.decrypt(row.encrypted_evidence, CONSENT_EVIDENCE, row=place))
            saved |= {"language": "", "letter_digest": None, "at": row.at.isoformat()}
            evidence = vault.encrypt(orjson.dumps(saved), CONSENT_EVIDENCE, row=place)
            kept.append({"of": row.consent_id, "encrypted_evidence": evidence})
    if kept:
        connection.execute(_SETTLE, kept)
