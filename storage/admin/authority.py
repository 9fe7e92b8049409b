"""What grants a right: encrypted documents, which only the holder of the keys can write.

There are few: the team with its invitations, the modes of campaigns, their newest versions, the
approved broadcasts, and where the audit log begins. Each has a generation, a number that rises with
each change and stands inside the encrypted content too. Each machine keeps the newest ones beside
its key file (`storage.crypto.trusted_state`), so that a row from yesterday is refused: the newest
known document counts then. Without any that can be read, nothing is granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select

from storage.crypto.trusted_state import TrustedDocument
from storage.crypto.vault import DecryptionError, Vault
from storage.engine import memory
from storage.engine.dialects import advisory_lock, insert
from storage.engine.wake_ups import Worker, wake
from storage.schema.encryption import AUTHORITY
from storage.schema.tables import authority

# Names of the documents. They are stored, so they never change.
TEAM = "team"
MODES = "modes"
APPROVALS = "approvals"
LOG_START = "audit"
VERSIONS = "versions"

_LOCK = 0x726F_6C65_73
"""Number of the advisory lock for changing documents: “roles” in ASCII."""

# Names inside the encrypted content. They never change.
_GENERATION = "generation"
_CONTENT = "content"

_REMEMBERED = "authority"

_ALL = select(authority.c.name, authority.c.generation, authority.c.encrypted_content)
_ONE = _ALL.where(authority.c.name == bindparam("document"))
_SHARED = _ONE.with_for_update(read=True)
_LOCKED = _ONE.with_for_update()


@dataclass(frozen=True)
class Document:
    """A document of authority."""

    generation: int = 0
    """The number of the version; 0 for one that was never written, or that can't be read."""

    content: Mapping[str, Any] | None = None
    """What it says, as JSON; None if it was never written, or can't be read."""

    is_refused: bool = False
    """Whether the database holds no acceptable document although there must be one."""


def read(connection: Connection, vault: Vault, name: str, *, share: bool = False) -> Document:
    """Return a document. With `share`, nobody changes it until the transaction ends."""
    row = connection.execute(_SHARED if share else _ONE, {"document": name}).one_or_none()
    return _newest(vault, name, None if row is None else row.encrypted_content)


def read_all(connection: Connection, vault: Vault) -> dict[str, Document]:
    """Return the documents, by name. They are read once in a transaction, so not after a lock."""

    def read() -> dict[str, Document]:
        stored = {row.name: row.encrypted_content for row in connection.execute(_ALL)}
        names = (TEAM, MODES, APPROVALS, LOG_START, VERSIONS)
        return {name: _newest(vault, name, stored.get(name)) for name in names}

    return memory.remember(connection, _REMEMBERED, read)


def lock(connection: Connection) -> None:
    """Keep others from changing documents until the transaction ends. Lock before reading."""
    advisory_lock(connection, _LOCK)


def lock_exclusively(connection: Connection, name: str) -> None:
    """Wait for those that share a document (`read`), and let nobody share it until the transaction
    ends. The document stays as it is.
    """
    connection.execute(_LOCKED, {"document": name})


def write(connection: Connection, vault: Vault, name: str, content: Mapping[str, Any]) -> None:
    """Write the next generation of a document. The caller has locked the documents."""
    generation = read(connection, vault, name).generation + 1
    encrypted = vault.encrypt(
        orjson.dumps({_GENERATION: generation, _CONTENT: content}), AUTHORITY, row=name.encode()
    )
    _put(connection, name, TrustedDocument(generation, encrypted))


def put_back(connection: Connection, vault: Vault) -> None:
    """Write the newest known documents where the database holds an older one, or none.

    A document that can't be read, and of which this machine knows none, is deleted.
    """
    lock(connection)
    known = vault.trusted.documents
    for name in refused(connection, vault):
        if name in known:
            _put(connection, name, known[name])
        else:
            connection.execute(delete(authority).where(authority.c.name == name))
            memory.forget(connection, _REMEMBERED)


def refused(connection: Connection, vault: Vault) -> tuple[str, ...]:
    """Return the documents of which the database holds an older version, a forged one, or none."""
    memory.forget(connection, _REMEMBERED)
    documents = read_all(connection, vault)
    return tuple(name for name, document in documents.items() if document.is_refused)


def committed(connection: Connection, vault: Vault) -> dict[str, TrustedDocument]:
    """Return the authentic documents of a committed state, to be remembered as known."""
    found = {}
    for row in connection.execute(_ALL):
        if (document := _decrypt(vault, row.name, row.encrypted_content)) is not None:
            found[row.name] = TrustedDocument(document.generation, row.encrypted_content)
    return found


def _put(connection: Connection, name: str, document: TrustedDocument) -> None:
    values = {"generation": document.generation, "encrypted_content": document.encrypted}
    put = insert(connection.dialect.name, authority)
    statement = put.on_conflict_do_update(index_elements=["name"], set_=values)
    connection.execute(statement, {"name": name, **values})
    memory.forget(connection, _REMEMBERED)
    wake(connection, Worker.AUTHORITY)
    if name == VERSIONS:
        wake(connection, Worker.CAMPAIGNS)


def _newest(vault: Vault, name: str, encrypted: bytes | None) -> Document:
    """Return the stored document, or the one that this machine knows if that one is newer."""
    stored = None if encrypted is None else _decrypt(vault, name, encrypted)
    known = vault.trusted.documents.get(name)
    if stored is not None and (known is None or stored.generation >= known.generation):
        return stored
    if known is None:
        return Document(is_refused=encrypted is not None)
    remembered = _decrypt(vault, name, known.encrypted) or Document(known.generation)
    return Document(remembered.generation, remembered.content, is_refused=True)


@lru_cache(maxsize=64)
def _decrypt(vault: Vault, name: str, encrypted: bytes) -> Document | None:
    """Return a document; None if it is not authentic. Callers don't change its content."""
    try:
        saved = orjson.loads(vault.decrypt(encrypted, AUTHORITY, row=name.encode()))
    except DecryptionError:
        return None
    return Document(saved[_GENERATION], saved[_CONTENT])
