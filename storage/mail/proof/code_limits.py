"""Limits of codes: how many are mailed to a mailbox and a domain, for a person, and in total."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select

from conversations.text.typed.addresses import limited_domain
from storage.crypto.vault import Vault
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import advisory_lock
from storage.schema.tables import codes

RESEND_PAUSE = timedelta(seconds=60)
"""Minimum time between two codes for one mailbox."""

LIMITS = ((timedelta(hours=1), 3), (timedelta(days=1), 5))
"""Periods, and the maximum number of codes in each, for a person and for a mailbox."""

PERIOD = timedelta(hours=1)
"""Period of the limits in `CodeLimits`."""

_SINCE = codes.c.requested > bindparam("since", type_=UtcDateTime)
_RECENT = (
    select(codes)
    .where(
        or_(
            codes.c.person_key == bindparam("person"),
            codes.c.address_key == bindparam("address"),
        )
    )
    .where(_SINCE)
    .order_by(codes.c.requested.desc())
)
_TOTAL = select(codes.c.requested).where(_SINCE).order_by(codes.c.requested.desc())
_DOMAIN = _TOTAL.where(codes.c.domain_key == bindparam("domain"))


@dataclass(frozen=True)
class CodeLimits:
    """How many codes are mailed in an hour. Transactions at the same time may exceed `in_total`."""

    per_domain: int
    """To mailboxes of one domain, except those of large providers."""

    in_total: int
    """To all mailboxes."""


@dataclass(frozen=True)
class CodeWait:
    """Whether another code may be requested."""

    seconds: int
    """Seconds until then; 0: now."""

    busy: bool
    """Whether requests of other people are the reason."""

    pending: bool
    """Whether a code that was mailed before still works."""


def domain_key(vault: Vault, address: str) -> bytes | None:
    """Return the key of the address's domain, 16 bytes; None for those of large providers."""
    domain = limited_domain(address.lower())
    return vault.keyed_hash("code: domain", domain)[:16] if domain else None


def wait_for_code(
    connection: Connection,
    person: bytes,
    address: bytes,
    domain: bytes | None,
    limits: CodeLimits,
    now: datetime,
) -> CodeWait:
    """Return how long the person must wait for a code to this address. Arguments are keys.

    Other transactions wait that ask for the same mailbox or domain, until this one ends: parallel
    requests together stay within the limits.
    """
    for key in filter(None, (address, domain)):
        advisory_lock(connection, int.from_bytes(key[:8], "big", signed=True))
    longest = max(span for span, _ in LIMITS)
    recent = {"person": person, "address": address, "since": now - longest}
    rows = connection.execute(_RECENT, recent).all()
    # A clock that was ahead may have stored times that lie in the future.
    by_person = [min(row.requested, now) for row in rows if row.person_key == person]
    to_address = [min(row.requested, now) for row in rows if row.address_key == address]
    # A person who mistyped the address can correct it at once.
    free = [now, *(requested + RESEND_PAUSE for requested in to_address[:1])]
    for requests in (by_person, to_address):
        free += [requests[most - 1] + span for span, most in LIMITS if len(requests) >= most]
    others = [_free_at(connection, _TOTAL, {}, limits.in_total, now)]
    if domain is not None:
        others.append(_free_at(connection, _DOMAIN, {"domain": domain}, limits.per_domain, now))
    own = [row for row in rows if (row.person_key, row.address_key) == (person, address)]
    pending = bool(own) and own[0].code_hash is not None and own[0].expires > now
    seconds = (max(*free, *others) - now).total_seconds()
    return CodeWait(int(seconds) + (seconds % 1 > 0), max(others) > max(free), pending)


def _free_at(
    connection: Connection,
    requests: Select[Any],
    of: dict[str, bytes],
    most: int,
    now: datetime,
) -> datetime:
    """Return when fewer than `most` of these requests are in the last PERIOD."""
    query = requests.limit(1).offset(most - 1)
    found: datetime | None = connection.execute(
        query, {"since": now - PERIOD, **of}
    ).scalar_one_or_none()
    return now if found is None else min(found, now) + PERIOD
