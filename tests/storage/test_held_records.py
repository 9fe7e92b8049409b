"""/mydata names every table in which a person has a row, on both engines."""

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
)

from conversations.journey.personal_data.held_records import HeldRecords
from storage import held_records
from storage.crypto.person_keys import PersonKeys
from storage.engine.columns import UtcDateTime
from storage.mail.address_keys import AddressKeys
from storage.schema.tables import metadata
from tests.storage.people import MARIA, sends
from tests.storage.post import Post

NAMED_BY_FACTS = {
    "chats": "mydata.chat, mydata.details, mydata.language, mydata.zone, mydata.journey",
    "subscriptions": "mydata.updates",
    "actions": "mydata.action",
    "outbox": "mydata.letter_text",
    "authority": "mydata.role, mydata.invited",
    "consents": "mydata.agreed_send and its like",
}
"""Tables whose rows `Facts` describes: stories test their lines."""

NAMED_BY_RECORDS = {
    "codes": ("person_key", "limits", "codes"),
    "blocked_senders": ("person_key", "blocked", "blocked_on"),
    "broadcasts": ("person_key", "staff", "written"),
    "broadcast_recipients": ("person_key", "subscriptions", "received"),
    "digests": ("person_key", "staff", "digest"),
    "audit": ("staff_key", "staff", "logged"),
    "alert_messages": ("person_key", "staff", "alerts"),
    "alerts": ("holder_key", "staff", "alerts"),
    "scheduled_messages": ("person_key", "scheduled", "reminder"),
}
"""The column that finds a person's rows, by which key, and the field of `HeldRecords`."""

NOBODYS = {
    "answers": "figures",
    "campaign_keys": "keys of campaigns",
    "counters": "figures",
    "disown_requests": "addresses, tested below",
    "disowned_addresses": "addresses, tested below",
    "erasures": "notes of deletions, which only a restore reads: mydata.deletions",
    "key_floor": "days of keys",
    "leases": "processes",
    "letter_changes": "campaigns",
    "link_sources": "campaigns",
    "notices": "texts of campaigns",
    "paces": "campaigns",
    "pauses": "campaigns",
    "row_order": "how far rewriting has come",
    "samples": "figures",
    "sightings": "machines",
    "tallies": "figures",
    "updates": "ids of Telegram's updates, without a person",
}
"""Tables without rows of a person, and what is in them."""


OF_THE_TEAM = {
    "campaign_drafts": "who changed a campaign",
    "campaign_versions": "who published a campaign",
}
"""Tables with names of the team: the audit log has an entry for each, which /mydata names."""


def test_every_table_is_named_by_mydata_or_has_no_rows_of_a_person() -> None:
    named = {*NAMED_BY_FACTS, *NAMED_BY_RECORDS, *OF_THE_TEAM}
    assert set(metadata.tables) == {*named, *NOBODYS}


@pytest.mark.parametrize("table", NAMED_BY_RECORDS)
async def test_a_row_of_a_person_is_named(post: Post, table: str) -> None:
    column, purpose, field = NAMED_BY_RECORDS[table]
    person = PersonKeys(post.vault, MARIA)

    def load(connection: Connection) -> HeldRecords:
        return held_records.load(connection, post.vault, person)

    assert await post.database.transact(load) == HeldRecords()
    row = {column: getattr(person, purpose), **_OF_TABLE.get(table, {})}
    await post.database.transact(lambda c: _add(c, table, row))
    held = await post.database.transact(load)
    assert getattr(held, field) != getattr(HeldRecords(), field)


@pytest.mark.parametrize(
    ("table", "field"), [("disowned_addresses", "disowned"), ("disown_requests", "asked")]
)
async def test_a_row_about_an_address_of_a_person_is_named(
    post: Post, table: str, field: str
) -> None:
    await post.act(MARIA, sends(address="maria@mail.example"))
    person = PersonKeys(post.vault, MARIA)
    key = AddressKeys.of(post.vault, "maria@mail.example").disowned
    await post.database.transact(lambda c: _add(c, table, {"address_key": key}))
    held = await post.database.transact(lambda c: held_records.load(c, post.vault, person))
    assert getattr(held, field)


_OF_TABLE: dict[str, dict[str, Any]] = {
    "scheduled_messages": {"kind": "reminder"},
    "broadcasts": {"broadcast": "5e" * 16, "state": "draft"},
    "broadcast_recipients": {"broadcast": int("5e" * 16, 16) >> 68},
}
"""Values that the queries look at."""


def _add(connection: Connection, table: str, values: dict[str, Any]) -> None:
    """Insert a row with these values, and any others where a value is needed."""
    columns = metadata.tables[table].columns
    needed = [each for each in columns if not each.nullable and each.default is None]
    row = {each.name: _any(each) for each in needed} | values
    if table == "broadcast_recipients":
        _add(connection, "broadcasts", {**_OF_TABLE["broadcasts"], "person_key": b""})
    connection.execute(metadata.tables[table].insert(), row)


def _any(column: Column[Any]) -> object:
    """Return some value of the column's type."""
    match column.type:
        case UtcDateTime():
            return datetime(2026, 6, 21, tzinfo=UTC)
        case Boolean():
            return True
        case LargeBinary():
            return secrets.token_bytes(32)
        case Integer() | BigInteger() | SmallInteger() | Float():
            return 1
        case _:
            return "text"
