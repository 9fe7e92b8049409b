"""Fill a database with people who wrote a letter, by copying rows of one of them.

Values that only their owner's row decrypts stay as they are, since nobody opens them. Days are
spread over most of a year, and one letter in twenty is not settled yet.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import md5, sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, literal, literal_column, text
from sqlalchemy import select as select_

from conversations.model.letters.server_reply import NO_REPLY
from storage.engine.columns import UtcDateTime
from storage.engine.database import Database
from storage.schema import tables as t
from storage.schema.server_replies import reply_values

BATCH_SIZE = 50_000
DAYS = 300
"""Over how many days the letters are spread."""

YOUNG = 20
"""One letter in so many is from the last days, and not settled."""

_DAY = timedelta(days=1) // timedelta(microseconds=1)
FIRST_UPDATE = 10**12
"""Updates from here on are not those of the chats."""

_BLOB = b"\xff" * 200
_Values = Mapping[str, Any]


async def fill(database: Database, people: int, now: datetime) -> None:
    """Add `people` people. The database has a person's rows already."""
    for first in range(1, people + 1, BATCH_SIZE):
        last = min(first + BATCH_SIZE - 1, people)
        await database.transact(partial(_add, first=first, last=last, now=now))
    if database.multi_process:
        await database.discard_erased()
    await database.transact(lambda c: c.execute(text("ANALYZE")) if _is_server(c) else None)


def _is_server(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _add(connection: Connection, first: int, last: int, now: datetime) -> None:
    numbers = "generate_series(:first, :last) AS n(i)"
    if not _is_server(connection):
        _prepare(connection)
        numbers = (
            "(WITH RECURSIVE m(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM m WHERE i < :last)"
            " SELECT i FROM m) AS n"
        )
    source = text(numbers).bindparams(first=first, last=last)
    for table, which, values in _rows(_is_server(connection), now):
        chosen = {
            column.name: _value(values.get(column.name), column)
            for column in table.columns
            if column.name in values
        }
        made = select_(*chosen.values()).select_from(source).where(text(which))
        connection.execute(insert(table).from_select([*chosen], made, include_defaults=False))


def _value(given: Any, column: Any) -> ColumnElement[Any]:
    return given if isinstance(given, ColumnElement) else literal(given, column.type)


def _prepare(connection: Connection) -> None:
    """Give SQLite a large cache, and PostgreSQL's functions for keys."""
    connection.exec_driver_sql("PRAGMA cache_size = -400000")
    driver: Any = connection.connection.dbapi_connection
    hashes: dict[str, Callable[[str], Any]] = {
        "sha256": lambda value: sha256(value.encode()).digest(),
        "md5": lambda value: md5(value.encode(), usedforsecurity=False).hexdigest(),
    }
    for name, function in hashes.items():
        driver.create_function(name, 1, function, deterministic=True)


def _rows(is_server: bool, now: datetime) -> Iterator[tuple[Table, str, _Values]]:
    """Yield each table, which of the people get a row in it, and the values of the row."""

    def key(kind: str) -> ColumnElement[Any]:
        name = f"'{kind}' || CAST(i AS varchar)"
        return literal_column(f"sha256(CAST({name} AS bytea))" if is_server else f"sha256({name})")

    def id_(kind: str) -> ColumnElement[Any]:
        return literal_column(f"md5('{kind}' || CAST(i AS varchar))")

    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    base = UtcDateTime().process_bind_param(today, None)
    long_ago: ColumnElement[Any] = literal_column(f"{base} - (7 + i % {DAYS}) * {_DAY}")
    lately: ColumnElement[Any] = literal_column(f"{base} - (1 + i % 5) * {_DAY}")
    later = now + timedelta(days=100)
    yield t.chats, "TRUE", _chat(key("chat"), long_ago)
    yield (
        t.subscriptions,
        "TRUE",
        {
            "person_key": key("subscription"),
            "scope": "hong-kong",
            "encrypted_details": _BLOB,
            "confirmed": long_ago,
            "at": long_ago,
        },
    )
    for kind, scope, owner in (("send", "hong-kong", "action"), ("updates", "*", "subscription")):
        yield t.consents, "TRUE", _consent(id_(kind), key(owner), kind, scope, long_ago)
    young, old = f"i % {YOUNG} = 0", f"i % {YOUNG} <> 0"
    keep = later.date().isoformat()
    action = {
        "action": id_("action"),
        "campaign": "hong-kong",
        "person_key": key("action"),
        "address_key": key("address"),
        "person_target_key": key("person target"),
        "address_target_key": key("address target"),
        "leads": True,
        "round": 1,
        "copy_state": "none",
        "reply_to": "",
        "test": False,
        "keep_until": keep,
    }
    full = {"encrypted_details": _BLOB, "settle_days": 7, "final_state": None, "at": lately}
    yield t.actions, young, action | full | {"encrypted_letter": _BLOB}
    yield t.actions, old, action | {"settle_days": 0, "final_state": "accepted", "at": long_ago}
    yield (
        t.outbox,
        young,
        _mail(id_("mail"), lately)
        | {
            "action": id_("action"),
            "target": "minister",
            "encrypted_chat": _BLOB,
            "settle_days": 7,
            "settled": False,
        },
    )
    yield t.outbox, old, _mail(id_("mail"), long_ago) | {"action": None, "settled": True}
    yield (
        t.updates,
        f"i % {YOUNG} = 0",
        {
            "update_id": literal_column(f"{FIRST_UPDATE} + i"),
            "at": literal_column(f"{base} - (i % 20) * 3600000000"),
            "failed": False,
        },
    )
    yield (
        t.scheduled_messages,
        f"i % {YOUNG} = 0",
        {
            "message": id_("message"),
            "person_key": key("scheduled"),
            "kind": "answer",
            "encrypted_content": _BLOB,
            "mail_key": key("mail"),
            "due": later,
        },
    )
    yield t.disowned_addresses, "i % 1000 = 0", {"address_key": key("disowned"), "at": long_ago}


def _chat(key: ColumnElement[Any], changed: ColumnElement[Any]) -> _Values:
    return {
        "person_key": key,
        "encrypted_chat": _BLOB,
        "encrypted_details": _BLOB,
        "blocked": False,
        "turn": 12,
        "replied_turn": 12,
        "changed": changed,
    }


def _consent(
    id_: ColumnElement[Any],
    key: ColumnElement[Any],
    kind: str,
    scope: str,
    at: ColumnElement[Any],
) -> _Values:
    days = 28 if kind == "send" else DAYS + 8
    return {
        "consent_id": id_,
        "person_key": key,
        "kind": kind,
        "scope": scope,
        "given": True,
        "encrypted_evidence": _BLOB,
        "at": at,
        # Older ones were checked: what they allow goes on.
        "unchecked": literal_column(f"7 + i % {DAYS} <= {days}"),
    }


def _mail(id_: ColumnElement[Any], at: ColumnElement[Any]) -> dict[str, Any]:
    never = {"transmitting", "possible_duplicate", "held", "unwanted", "disputed"}
    return {
        "mail": id_,
        "kind": "letter",
        "campaign": "hong-kong",
        "recipient_key": literal(b"0" * 16),
        "message_id": "",
        "target": "",
        "state": "accepted",
        "lane": "hong-kong",
        **dict.fromkeys(("due", "not_before", "expires", "queued", "changed"), at),
        **dict.fromkeys(never, False),
        **reply_values(NO_REPLY),
        "status": 0,
        "shown_status": 0,
        "turn_id": "",
    }
