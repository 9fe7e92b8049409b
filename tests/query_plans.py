"""Finds statements that read a whole growing table: their cost grows with the number of people.

Each distinct statement that `storage` executes is explained once, by the engine that executes it.
SQLite plans without statistics, so its plan is that of a large table. PostgreSQL gets statistics of
large tables, and everything that reads whole tables is switched off: what remains has no index.
An index that finds all rows of a campaign is no better than none, as a bot may have only one.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    String,
    event,
)

from storage.engine.columns import UtcDateTime
from storage.schema.tables import metadata

ROOT = Path(__file__).parents[1]

SMALL_TABLES = {
    "alert_messages": "a few for each admin, until the alert ended 28 days ago",
    "alerts": "a few, until the problem ended 28 days ago",
    "audit": "a few for each member of the team and day, for two years",
    "authority": "one row for each document",
    "blocked_senders": "each is blocked by an admin",
    "broadcasts": "a few a week",
    "campaign_drafts": "one for each campaign",
    "campaign_keys": "one for each campaign",
    "campaign_versions": "one for each change of a campaign",
    "counters": "one for each campaign",
    "digests": "one for each admin",
    "key_floor": "one row",
    "leases": "one for each task",
    "letter_changes": "one for each pause or withdrawal that goes on",
    "link_sources": "a few for each campaign",
    "notices": "one for each text of a notice",
    "paces": "one for each target with a pace",
    "pauses": "one for each pause",
    "row_order": "one row",
    "samples": "some for each campaign, for a few days",
    "sightings": "one for each problem and machine",
    "tallies": "some for each campaign and day",
}
"""Tables that do not grow with the number of people, and why."""

SMALL_INDEXES = {
    "ix_actions_copy_bounced": "until the chat was notified",
    "ix_broadcast_recipients_claimed": "while a message is on its way",
    "ix_chats_blocked_journeys": "for a day",
    "ix_chats_discreet": "for two days at most",
    "ix_chats_leased": "while replies are sent",
    "ix_chats_unreplied": "until the replies were sent",
    "ix_codes_bounced": "until the chat was notified",
    "ix_outbox_held": "until an admin decided",
    "ix_outbox_overdue": "until the chat shows that it is late",
    "ix_outbox_leased": "while a mail is on its way",
    "ix_outbox_unshown": "until the chat shows the state",
}
"""Partial indexes that may be read whole: of rows that wait for something, and for how long."""

EXCEPTIONS = {
    "storage/admin/alerts.py:_count_waiting": "mail that waits is counted up to a thousand",
    "storage/backups/tables.py": "a backup holds every row",
    "storage/erasure/settling.py:archived": "an export of the archive has every record",
    "storage/schema/migrations": "a migration may rewrite a table",
    "storage/stats/answers.py:recounted": "a recount reads every record",
    "storage/stats/recount.py:_recorded": "a recount reads every record",
}
"""Files, folders and functions whose statements may read whole tables, and why."""

_MANY, _SAMPLE = 1_000_000, 100
_COMMON = {
    "state": "queued deferred sending unknown accepted failed bounced cancelled",
    "kind": "letter code copy forward owner send updates remember",
    "campaign": "river sea",
    "scope": "river sea",
    "lane": "river sea",
    "target": "ministry mayor",
}
"""Values that many rows share."""

_TABLE_OF_INDEX = {
    str(index.name): table.name for table in metadata.tables.values() for index in table.indexes
}
_TABLE_OF_INDEX |= {f"pk_{name}": name for name in metadata.tables}

_READS = re.compile(r"\s*(SELECT|UPDATE|DELETE|WITH)\b|\s*INSERT\b.*\bSELECT\b", re.DOTALL)
_FIRST_ROWS = re.compile(
    r"\s*SELECT (?!.*\b(?:WHERE|JOIN|GROUP|count|DISTINCT)\b).*\sFROM \w+\s.*LIMIT", re.DOTALL
)
"""A statement that reads the first rows of a table, in the order of an index."""

_LIST = re.compile(r"\((?:\s*(?:\?|\$\d+(?:::[\w\[\] ]+)?),?)+\s*\)")
_ALIAS = re.compile(r"\b(\w+) AS (\w+)\b")
_SQLITE_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
_STOPS_EARLY = re.compile(r"CORRELATED SCALAR SUBQUERY")
"""What EXISTS does for each row: it looks for one row."""
_LEAST = re.compile(r"\s*SELECT (?:min|max)\([\w.]+\) AS \w+\s+FROM")
_SQLITE_SEARCH = re.compile(r"SEARCH (\w+) USING (?:COVERING )?INDEX (\w+) \((.+)\)")
_LARGE = (
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
)


def enlarge() -> str:
    """Return a statement after which PostgreSQL plans as if each table that grows were large.

    Each table gets rows of which it takes statistics, and which are deleted again. Then the size is
    changed: PostgreSQL multiplies the pages of a file by the rows of a page (“Row Estimation
    Examples”).
    """
    return f"DO $$ BEGIN {' '.join(f'{each};' for each in _enlarging())} END $$"


def _enlarging() -> Iterator[str]:
    for table in metadata.sorted_tables:
        if table.name in SMALL_TABLES:
            continue
        names = ", ".join(each.name for each in table.columns)
        values = ", ".join(map(_value, table.columns))
        rows = f"generate_series(1, {_SAMPLE}) AS n(i)"
        yield f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {rows}"  # noqa: S608 - our own names
        yield f"ANALYZE {table.name}"
        yield f"DELETE FROM {table.name}"  # noqa: S608 - our own names
        yield _statistics(table.name, pages=1, rows=_MANY)
        for name in (f"pk_{table.name}", *(str(each.name) for each in table.indexes)):
            # The first page of an index has no rows.
            yield _statistics(name, pages=2, rows=10 if name in SMALL_INDEXES else _MANY)


def _statistics(name: str, *, pages: int, rows: int) -> str:
    size = f"relpages = {pages}, reltuples = {rows}"
    return f"UPDATE pg_class SET {size} WHERE relname = '{name}'"  # noqa: S608 - our own names


def _value(column: Column[Any]) -> str:
    """Return an expression for the i-th row. Nothing is old, and any condition holds for many."""
    if isinstance(column.type, String) and (values := _COMMON.get(column.name, "").split()):
        return f"('{{{','.join(values)}}}'::text[])[i % {len(values)} + 1]"
    match column.type:
        case UtcDateTime():
            return "9000000000000000 + i"
        case Boolean():
            return "i % 2 = 0"
        case Integer() | Float():
            return "i"
        case LargeBinary():
            return "sha256(CAST(CAST(i AS text) AS bytea))"
        case _:
            return "'v' || i"


@dataclass(frozen=True)
class FullScan:
    """A statement that reads a whole table or index."""

    engine: str
    place: str
    """File and line that execute it."""

    step: str
    """The step of the plan."""

    statement: str

    def __str__(self) -> str:
        return f"{self.engine}, {self.place}: {self.step}\n{self.statement}"


class Explainer:
    """Explains each statement when it is first executed. `found` are the full scans so far."""

    def __init__(self) -> None:
        self.found: list[FullScan] = []
        self._seen: set[tuple[str, str]] = set()
        self._explaining = False

    def listen(self) -> None:
        """Begin to listen to all engines, also those that are opened later."""
        event.listen(Engine, "before_cursor_execute", self._before)

    def take(self) -> list[FullScan]:
        """Return what was found since the last call."""
        found, self.found = self.found, []
        return found

    def _before(
        self, connection: Connection, _: Any, statement: str, given: Any, __: Any, many: bool
    ) -> None:
        if (connection.dialect.name, statement) in self._seen or not _READS.match(statement):
            return
        key = connection.dialect.name, _LIST.sub("(…)", statement)
        if key in self._seen or (place := _place()) is None or _FIRST_ROWS.match(statement):
            return
        self._seen |= {key, (key[0], statement)}
        values = given[0] if many else given
        for step in full_scans(connection, statement, values):
            self.found.append(FullScan(key[0], place, step, statement))


def full_scans(connection: Connection, statement: str, values: Any = ()) -> list[str]:
    """Return the steps of a statement's plan that read a whole table that grows."""
    is_sqlite = connection.dialect.name == "sqlite"
    return [*(_sqlite_scans if is_sqlite else _postgresql_scans)(connection, statement, values)]


def _place() -> str | None:
    """Return the file and line in `storage` that execute a statement, unless they are excepted."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts:
            file = path.relative_to(ROOT).as_posix()
            place = f"{file}:{frame.f_code.co_name}"
            if not file.startswith("storage/") or place.startswith(tuple(EXCEPTIONS)):
                return None
            return f"{place}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _sqlite_scans(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    driver: Any = connection.connection.dbapi_connection
    aliases = {alias: name for name, alias in _ALIAS.findall(statement)}
    plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    is_sorted = any(step.startswith("USE TEMP B-TREE") for *_, step in plan)
    stops = _LEAST.match(statement) or ("LIMIT" in statement and not is_sorted)
    first_rows: set[int] = set()
    for id_, parent, _, step in plan:
        if stops or parent in first_rows or _STOPS_EARLY.match(step):
            first_rows.add(id_)
        found = _SQLITE_SCAN.match(step)
        if found is None and id_ not in first_rows:
            found = _of_many(_SQLITE_SEARCH.match(step))
        if found and _grows(aliases.get(str(found[1]), str(found[1])), found[2]):
            yield step


def _of_many(search: re.Match[str] | None) -> re.Match[str] | None:
    """Return a search in an index, if many rows have each value that it looks for."""
    if search is None:
        return None
    looked_for = {each.removesuffix("=?") for each in search[3].split(" AND ")}
    return search if looked_for <= _COMMON.keys() else None


def _postgresql_scans(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    cursor: Any = connection.connection.cursor()
    cursor.execute("SELECT count(*) FROM pg_class WHERE relname = 'outbox' AND reltuples > 100000")
    if cursor.fetchone() == (0,):
        cursor.close()
        return  # a VACUUM of this test has replaced the statistics
    for setting in _LARGE:
        cursor.execute(f"SET LOCAL {setting}")
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
    (plan,) = cursor.fetchone()
    for setting in _LARGE:
        cursor.execute(f"SET LOCAL {setting.replace('off', 'on')}")
    cursor.close()
    tree = orjson.loads(plan) if isinstance(plan, str) else plan
    for node in _nodes(tree[0]["Plan"]):
        kind, index = node["Node Type"], node.get("Index Name")
        table = str(node.get("Relation Name") or _TABLE_OF_INDEX.get(index or "", ""))
        whole = kind == "Seq Scan" or (index and "Index Cond" not in node)
        if whole and not node.get("first rows") and _grows(table, index):
            yield f"{kind} {table} {index or ''}"


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of a plan, with a mark at those that end after some rows."""
    yield node
    for each in node.get("Plans", ()):
        first = node["Node Type"] == "Limit" and "Filter" not in each
        yield from _nodes({**each, "first rows": first})


def _grows(table: str, index: str | None) -> bool:
    """Whether the table, or the index of it, grows with the number of people."""
    return table in metadata.tables and table not in SMALL_TABLES and index not in SMALL_INDEXES
