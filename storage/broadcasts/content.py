"""The content of a broadcast, as it is stored: encrypted JSON."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from conversations.model.broadcast import (
    Audience,
    Broadcast,
    BroadcastButton,
    BroadcastKind,
    ButtonKind,
    Media,
    Part,
)
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.encryption import BROADCAST_AUTHOR, BROADCAST_CONTENT
from storage.schema.tables import broadcasts

_OF_AUDIENCE = ("scope", "acted", "languages", "countries")


def decrypt_broadcast(vault: Vault, row: Row[Any]) -> Broadcast:
    """Return the broadcast of a row. Raises DecryptionError."""
    saved = orjson.loads(
        vault.decrypt(row.encrypted_content, BROADCAST_CONTENT, row=row.broadcast.encode())
    )
    since = saved["audience"].pop("since")
    return Broadcast(
        id=row.broadcast,
        audience=Audience(
            **{name: _tupled(saved["audience"][name]) for name in _OF_AUDIENCE},
            since=datetime.fromisoformat(since) if since else None,
        ),
        versions={
            language: tuple(_part(each) for each in parts)
            for language, parts in saved["versions"].items()
        },
        default=saved["default"],
        buttons=tuple(
            BroadcastButton(ButtonKind(each["kind"]), each["label"], each["to"])
            for each in saved["buttons"]
        ),
        at=row.at,
        again=saved["again"],
        kind=BroadcastKind(saved["kind"]),
        replaces=saved["replaces"],
    )


def encrypt_author(vault: Vault, id_: str, author: PersonKeys) -> bytes:
    """Return the encrypted chat id of the author of the broadcast `id_`."""
    return vault.encrypt(str(author.chat_id).encode(), BROADCAST_AUTHOR, row=id_.encode())


def decrypt_author(vault: Vault, row: Row[Any]) -> PersonKeys:
    """Return the keys of the author of the broadcast in `row`, who was not erased."""
    place = row.broadcast.encode()
    return PersonKeys(vault, int(vault.decrypt(row.encrypted_author, BROADCAST_AUTHOR, row=place)))


def first_words(connection: Connection, vault: Vault, ids: Collection[str]) -> dict[str, str]:
    """Return how each of these broadcasts begins, in its first language; "" if it has no text."""
    rows = connection.execute(select(broadcasts).where(broadcasts.c.broadcast.in_(ids))).all()
    found = (decrypt_broadcast(vault, row) for row in rows)
    return {
        each.id: next((part.text for part in each.versions.get(each.default, ()) if part.text), "")
        for each in found
    }


def find_notice(connection: Connection, vault: Vault, id_: str) -> Broadcast | None:
    """Return a notice that was sent, or is being sent; None if there is none with this id."""
    query = select(broadcasts).where(broadcasts.c.broadcast == id_, broadcasts.c.began.is_not(None))
    row = connection.execute(query).one_or_none()
    found = None if row is None else decrypt_broadcast(vault, row)
    return found if found and found.kind is BroadcastKind.NOTICE else None


def _part(saved: dict[str, Any]) -> Part:
    return Part(**{**saved, "media": Media(saved["media"]), "entities": tuple(saved["entities"])})


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def encrypt_broadcast(vault: Vault, broadcast: Broadcast) -> bytes:
    """Return the encrypted content of a broadcast."""
    content = {
        "audience": asdict(broadcast.audience),
        "versions": {
            language: [{**vars(part), "entities": [*map(dict, part.entities)]} for part in parts]
            for language, parts in broadcast.versions.items()
        },
        "default": broadcast.default,
        "buttons": [vars(button) for button in broadcast.buttons],
        "again": broadcast.again,
        "kind": broadcast.kind,
        "replaces": broadcast.replaces,
    }
    return vault.encrypt(orjson.dumps(content), BROADCAST_CONTENT, row=broadcast.id.encode())
