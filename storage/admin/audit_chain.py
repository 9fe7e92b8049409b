"""The chain of the audit log: each entry's digest depends on all entries before.

A digest is a keyed hash of the digest before and of the entry's plaintext, so nobody without the
keys can change, add or remove an entry unseen. Each machine knows the newest head of the log, so
the end can't be cut off either. A document of authority says where the log begins, since old
entries are purged, and which gaps somebody accepted on the server, such as after a restored backup.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, select

from conversations.admin.audit_log import ENTRIES_PER_PAGE
from storage.admin import authority
from storage.crypto.trusted_state import LogHead
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.dialects import advisory_lock
from storage.schema.encryption import AUDIT_NAMES
from storage.schema.tables import audit

SLICE_SIZE = 500
"""How many entries are read together."""

EMPTY = LogHead(0, b"")
"""The head of a log without entries."""

_LOCK = 0x6175_6469_74
"""Number of the advisory lock for adding entries: “audit” in ASCII."""

_KIND = "audit"
"""Kind of the keyed hash. It never changes."""

# Names in the document. They never change.
_START = "start"
_GAPS = "gaps"
_AFTER = "after"
_THEN = "then"


@dataclass(frozen=True)
class Entry:
    """An entry in plaintext, as its digest covers it."""

    id: str
    position: int
    at: datetime
    staff: bytes | None
    action: str
    about: str
    who: str
    whom: str

    def digest(self, vault: Vault, before: bytes) -> bytes:
        """Return the digest of this entry, which follows one with the digest `before`."""
        values = (
            before.hex(),
            self.id,
            self.position,
            self.at.isoformat(),
            self.staff and self.staff.hex(),
            self.action,
            self.about,
            self.who,
            self.whom,
        )
        return vault.keyed_hash(_KIND, orjson.dumps(values).decode())


@dataclass(frozen=True)
class Walk:
    """How far the chain was verified."""

    head: LogHead = EMPTY
    """The head that the next entry must follow."""

    position: int = 0
    """The position of the last entry that was read."""

    is_broken: bool = False
    """Whether what comes after `head` is missing, changed or forged."""

    complete: bool = False
    """Whether nothing is left to verify."""


def lock(connection: Connection) -> None:
    """Keep others from adding entries until the transaction ends."""
    advisory_lock(connection, _LOCK)


def entry_of(vault: Vault, row: Row[Any]) -> Entry:
    """Return the entry in a row. Raises DecryptionError."""
    who, whom = orjson.loads(
        vault.decrypt(row.encrypted_names, AUDIT_NAMES, row=row.entry.encode())
    )
    return Entry(row.entry, row.position, row.at, row.staff_key, row.action, row.about, who, whom)


def follows(vault: Vault, row: Row[Any], before: LogHead) -> bool:
    """Whether the entry of `row` is genuine and comes right after `before`."""
    if row.position != before.position + 1:
        return False
    try:
        return entry_of(vault, row).digest(vault, before.digest) == bytes(row.digest)
    except DecryptionError:
        return False


def start(connection: Connection, vault: Vault) -> LogHead:
    """Return the head before the first entry that is kept."""
    return _start(_document(connection, vault))


def last(connection: Connection, vault: Vault) -> LogHead:
    """Return the head that the next entry follows.

    Where the end of the log is missing, this is the newest known head, so that a gap is left.
    """
    newest = select(audit.c.position, audit.c.digest).order_by(audit.c.position.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    document = _document(connection, vault)
    heads = [_start(document), vault.trusted.head or EMPTY]
    heads += [then for _, then in _gaps(document)]
    if row is not None:
        heads.append(LogHead(row.position, bytes(row.digest)))
    return max(heads, key=lambda each: each.position)


def verify_slice(connection: Connection, vault: Vault, walk: Walk) -> Walk:
    """Verify the next entries after `walk`, and return how far that came."""
    document = _document(connection, vault)
    begin = _start(document)
    if walk.position < begin.position or walk == Walk():  # entries were purged meanwhile
        walk = Walk(_jump(document, begin), begin.position)
    rows = _after(connection, walk.position)
    walk = _walk_on(vault, document, walk, rows)
    if walk.is_broken or len(rows) == SLICE_SIZE:
        return walk
    known = vault.trusted.head
    is_cut = known is not None and walk.head.position < known.position
    return replace(walk, is_broken=is_cut, complete=True)


def verify(connection: Connection, vault: Vault) -> Walk:
    """Verify the whole log at once, as commands do."""
    walk = Walk()
    while not walk.complete:
        walk = verify_slice(connection, vault, walk)
    return walk


def next_head(connection: Connection, vault: Vault) -> LogHead | None:
    """Return the newest head that follows from the known one, in a committed state.

    None if the known head is not in the log, so that what was forged is never remembered.
    """
    document = _document(connection, vault)
    begin = _start(document)
    known = max(vault.trusted.head or begin, begin, key=lambda each: each.position)
    if not _is_there(connection, document, known):
        return None
    walk = Walk(_jump(document, known), known.position)
    rows = _after(connection, known.position)
    return _walk_on(vault, document, walk, rows).head


def count(connection: Connection, begin: LogHead) -> int:
    """Return how many entries there are after `begin`."""
    later = select(func.count()).select_from(audit).where(audit.c.position > begin.position)
    return int(connection.execute(later).scalar_one())


def is_genuine(connection: Connection, vault: Vault, rows: Sequence[Row[Any]]) -> bool:
    """Whether `rows` follow each other, newest first, and the end of the log is there.

    The last of them is what the one before follows, or the first entry of all.
    """
    document, known = _document(connection, vault), vault.trusted.head
    if known is not None and not (
        _is_there(connection, document, known) or known.position < _start(document).position
    ):
        return False
    oldest_first = rows[::-1]
    heads = [LogHead(row.position, bytes(row.digest)) for row in oldest_first]
    if len(rows) <= ENTRIES_PER_PAGE:
        heads.insert(0, _start(document))
    else:
        oldest_first = oldest_first[1:]
    pairs = zip(oldest_first, heads, strict=False)
    return all(follows(vault, row, _jump(document, head)) for row, head in pairs)


def purge(connection: Connection, vault: Vault, before: datetime) -> int:
    """Delete the entries from before `before`, and record where the log begins now.

    Nothing is deleted while the chain is broken: the entries are evidence. Returns how many entries
    were deleted.
    """
    authority.lock(connection)
    lock(connection)
    newest = (
        select(audit.c.position, audit.c.digest)
        .where(audit.c.at < before)
        .order_by(audit.c.position.desc())
        .limit(1)
    )
    row = connection.execute(newest).one_or_none()
    if row is None or verify(connection, vault).is_broken:
        return 0
    head = LogHead(row.position, bytes(row.digest))
    document = _document(connection, vault)
    gaps = [gap for gap in document[_GAPS] if _load(gap[_THEN]).position > head.position]
    _save(connection, vault, head, gaps)
    return connection.execute(delete(audit).where(audit.c.position <= head.position)).rowcount


def accept(connection: Connection, vault: Vault) -> int:
    """Accept the log as it is, after somebody looked into it; return how many gaps it has now.

    Entries that can't be verified are deleted. Call this only on the server: who can do that has
    the keys anyway.
    """
    authority.lock(connection)
    lock(connection)
    while (walk := verify(connection, vault)).is_broken:
        _accept_gap(connection, vault, walk)
    return len(_document(connection, vault)[_GAPS])


def _accept_gap(connection: Connection, vault: Vault, walk: Walk) -> None:
    """Accept the gap at the end of `walk`, up to the next entry or to the known head."""
    known = vault.trusted.head or EMPTY
    row = next(iter(_after(connection, walk.position)), None)
    then = known
    is_another = walk.head.position == known.position and walk.head != known
    if row is not None and not is_another:
        then = LogHead(row.position, bytes(row.digest))
        connection.execute(delete(audit).where(audit.c.entry == row.entry))
    document = _document(connection, vault)
    gap = {_AFTER: _dump(walk.head), _THEN: _dump(then)}
    _save(connection, vault, _start(document), [*document[_GAPS], gap])


def _walk_on(vault: Vault, document: dict[str, Any], walk: Walk, rows: Sequence[Row[Any]]) -> Walk:
    """Verify `rows`, the next entries after `walk`."""
    known = vault.trusted.head
    for row in rows:
        if not follows(vault, row, walk.head):
            return replace(walk, is_broken=True, complete=True)
        head = _jump(document, LogHead(row.position, bytes(row.digest)))
        walk = Walk(head, row.position)
        if known is not None and head.position == known.position and head != known:
            return replace(walk, is_broken=True, complete=True)
    return walk


def _is_there(connection: Connection, document: dict[str, Any], head: LogHead) -> bool:
    """Whether the log has the entry that `head` is about, or begins or goes on after it."""
    ends = [_start(document), *(then for _, then in _gaps(document))]
    if head in ends or _jump(document, head) != head:
        return True
    own = select(audit.c.digest).where(audit.c.position == head.position)
    digest = connection.execute(own).scalar()
    return digest is not None and bytes(digest) == head.digest


def _after(connection: Connection, position: int) -> Sequence[Row[Any]]:
    later = select(audit).where(audit.c.position > position).order_by(audit.c.position)
    return connection.execute(later.limit(SLICE_SIZE)).all()


def _jump(document: dict[str, Any], head: LogHead) -> LogHead:
    """Return the head after the accepted gap that begins at `head` or covers it, else `head`."""
    for after, then in _gaps(document):
        if after == head or after.position < head.position < then.position:
            return _jump(document, then)
    return head


def _gaps(document: dict[str, Any]) -> list[tuple[LogHead, LogHead]]:
    """Return the accepted gaps: after which head the log goes on from which head."""
    return [(_load(gap[_AFTER]), _load(gap[_THEN])) for gap in document[_GAPS]]


def _document(connection: Connection, vault: Vault) -> dict[str, Any]:
    content = authority.read(connection, vault, authority.LOG_START).content
    return {_START: _dump(EMPTY), _GAPS: [], **(content or {})}


def _start(document: dict[str, Any]) -> LogHead:
    return _load(document[_START])


def _save(
    connection: Connection, vault: Vault, begin: LogHead, gaps: Sequence[dict[str, Any]]
) -> None:
    content = {_START: _dump(begin), _GAPS: gaps}
    authority.write(connection, vault, authority.LOG_START, content)


def _dump(head: LogHead) -> dict[str, Any]:
    return {"position": head.position, "digest": head.digest.hex()}


def _load(saved: dict[str, Any]) -> LogHead:
    return LogHead(saved["position"], bytes.fromhex(saved["digest"]))
