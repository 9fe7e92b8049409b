"""Limits of codes: how many are mailed to a mailbox and a domain, for a person, and in total."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Integer, LargeBinary, bindparam, or_, select

from conversations.core.facts import CodeWait
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

MARGIN = 50
"""More than the transactions that ask for codes of one domain at the same moment. They wait for
each other only if the domain has room for no more than these.
"""

_SINCE = codes.c.requested > bindparam("since", type_=UtcDateTime)
_IN_PERIOD = codes.c.requested > bindparam("period", type_=UtcDateTime)
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
_LATEST = select(codes.c.requested).where(_IN_PERIOD).order_by(codes.c.requested.desc()).limit(1)
_OF_DOMAIN = _LATEST.where(codes.c.domain_key == bindparam("domain", type_=LargeBinary))
_OTHERS = select(
    _LATEST.offset(bindparam("in_total", type_=Integer)).scalar_subquery(),
    _OF_DOMAIN.offset(bindparam("per_domain", type_=Integer)).scalar_subquery(),
    _OF_DOMAIN.offset(bindparam("nearly", type_=Integer)).scalar_subquery(),
)
"""When the request was made that fills the total limit, that of the domain, and the domain's up to
MARGIN; null if there is room.
"""


@dataclass(frozen=True)
class CodeLimits:
    """How many codes are mailed in an hour. Transactions at the same time may exceed `in_total`."""

    per_domain: int
    """To mailboxes of one domain, except those of large providers."""

    in_total: int
    """To all mailboxes."""


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

    Other transactions wait that ask for the same mailbox, or for a domain that is nearly at its
    limit, until this one ends: parallel requests together stay within the limits.
    """
    _lock(connection, address)
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
    others = _others_free_at(connection, domain, limits, now)
    own = [row for row in rows if (row.person_key, row.address_key) == (person, address)]
    pending = bool(own) and own[0].code_hash is not None and own[0].expires > now
    seconds = (max(*free, *others) - now).total_seconds()
    is_busy = max(others) > max(free)
    return CodeWait(int(seconds) + (seconds % 1 > 0), is_busy, pending)


def _others_free_at(
    connection: Connection, domain: bytes | None, limits: CodeLimits, now: datetime
) -> list[datetime]:
    """Return when all people together, and those of the domain, are below their limits."""
    values = {
        "period": now - PERIOD,
        "in_total": limits.in_total - 1,
        "per_domain": limits.per_domain - 1,
        "nearly": max(0, limits.per_domain - MARGIN - 1),
        "domain": domain,
    }
    *full, nearly = connection.execute(_OTHERS, values).one()
    if domain is not None and (nearly is not None or limits.per_domain <= MARGIN):
        _lock(connection, domain)
        *full, _ = connection.execute(_OTHERS, values).one()
    return [now if found is None else min(found, now) + PERIOD for found in full]


def _lock(connection: Connection, key: bytes) -> None:
    advisory_lock(connection, int.from_bytes(key[:8], "big", signed=True))
