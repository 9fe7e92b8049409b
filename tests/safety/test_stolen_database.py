"""A thief has the database and the target's mailbox: which rows lead to which letters?"""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, literal_column, select

from bot.services.housekeeping.row_order import RowOrder
from bot.services.housekeeping.settling import Settling
from storage.crypto.key_rotation import row_key
from storage.crypto.vault import Vault
from storage.row_order import personal_tables
from storage.schema.tables import ENCRYPTION, metadata
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import TARGET
from tests.stories.records import vault

PEOPLE = 8
DAY_MICROSECONDS = 86_400 * 10**6
NEAR = timedelta(hours=2)

_ABOUT_NOBODY = (
    "updates",
    "samples",
    "counters",
    "tallies",
    "campaigns",
    "campaign_versions",
    "key_floor",
    "row_order",
)
"""Tables without rows of single people. Handled updates are deleted after two days."""

_WORD = re.compile(rb"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{8,}")
"""What could be an id. Words without a digit are no ids."""


class Letter:
    """What the target knows of a letter."""

    def __init__(self, name: str, address: str, at: datetime, raw: bytes) -> None:
        self.name, self.address, self.at, self.raw = name, address, at, raw

    @property
    def words(self) -> set[bytes]:
        """Everything in the letter that could be an id, in lower case."""
        return {each.lower() for each in _WORD.findall(self.raw)}


async def crowd(stage: Stage) -> list[Letter]:
    """Let people write letters, some minutes apart, and do what they like afterwards."""
    stage.opens("hong-kong")
    letters = []
    for number in range(PEOPLE):
        mark = chr(ord("a") + number) * 3
        chat = stage.person("Wilhelmina", f"Quist{mark}")
        name, address = f"Wilhelmina Quist{mark}", f"quist{mark}@mail.example"
        await writes(stage, chat, name, address)
        mail = stage.mails_to(TARGET)[-1]
        letters.append(Letter(name, address, stage.clock(), mail.raw))
        if number % 2:
            await chat.presses("Yes")
        await stage.later(minutes=7)
    return letters


async def writes(stage: Stage, chat: Chat, name: str, address: str) -> None:
    await chat.starts("hong-kong__poster")
    await chat.presses("Write the letter", "Continue")
    await chat.says(name, "Tuvalu", address)
    await stage.send_mail()
    (code,) = re.findall(r"\d{4} \d{4}", str(stage.mails_to(address)[-1].message["Subject"]))
    await chat.says(code)
    await chat.presses("Send in my name")
    await stage.later(seconds=31)


async def settle(stage: Stage) -> None:
    """Let days pass, in which letters are settled and rows are put into the order of keys."""
    for _ in range(9):
        await stage.later(days=1)
        await stage.run_retention()
        async with stage.bot() as app:
            core = app.core
            await Settling(core.database, core.vault, core.clock).run_once()
            if core.database.multi_process:
                await RowOrder(core).run_once()


async def stolen(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Return all rows as they are, by table, in the order in which they lie on the disk."""

    def read(connection: Connection) -> dict[str, list[dict[str, Any]]]:
        is_postgres = connection.dialect.name == "postgresql"
        place: tuple[Any, ...] = (
            (literal_column("CAST(xmin AS text)").label("xmin"),) if is_postgres else ()
        )
        order: list[Any] = [literal_column("ctid")] if is_postgres else []
        return {
            table.name: [
                dict(row._mapping)
                for row in connection.execute(select(table, *place).order_by(*order))
            ]
            for table in metadata.sorted_tables
        }

    async with stage.bot() as app:
        return await app.core.database.read(read)


async def test_ids_and_times_of_letters_lead_to_no_row(stage: Stage) -> None:
    letters = await crowd(stage)
    await settle(stage)
    rows = await stolen(stage)
    known = set().union(*(letter.words for letter in letters))
    campaign = {b"hongkong", b"accepted", b"supporter", b"organisation", b"portugal"}
    for table, found in rows.items():
        for row in found:
            values = [each for name, each in row.items() if name != "text"]
            written = {word for value in values for word in _words(value)} - campaign
            assert written & known == set(), table
            if table not in _ABOUT_NOBODY:
                assert [name for name, at in _times(row) if _is_near(at, letters)] == [], table


async def test_no_order_of_rows_is_that_of_the_letters(stage: Stage) -> None:
    await crowd(stage)
    await settle(stage)
    rows = await stolen(stage)
    assert len(rows["actions"]) == PEOPLE
    for table in personal_tables():
        by_writer: dict[str, list[Any]] = {}
        for row in rows[table.name]:
            by_writer.setdefault(row.get("xmin", ""), []).append(row[row_key(table).name])
        if "" in by_writer:
            assert by_writer[""] == sorted(by_writer[""]), table.name
        # All letters were settled on one day, and nothing tells more than the day.
        if table.name in ("actions", "outbox"):
            assert len(by_writer) == 1, f"{table.name}: {by_writer}"


async def test_no_two_purposes_share_a_value(stage: Stage) -> None:
    """Hashes, ids and times of one person are different in each table, settled or not."""
    await crowd(stage)
    rows = await stolen(stage)
    purposes = (("chats",), ("subscriptions",), ("actions", "outbox"), ("codes",))
    seen: dict[bytes | str, tuple[str, ...]] = {}
    for tables in purposes:
        for table in tables:
            for row in rows[table]:
                for value in row.values():
                    if isinstance(value, bytes | str) and len(value) >= 10 and value != "hong-kong":
                        assert seen.setdefault(value, tables) == tables, (table, value)


async def test_with_all_keys_a_settled_letter_names_nobody(stage: Stage) -> None:
    letters = await crowd(stage)
    await settle(stage)
    rows, keys = await stolen(stage), vault(stage)
    said = [
        value
        for name in ("actions", "outbox", "consents", "codes", "tallies")
        for row in rows[name]
        for value in (*_decrypted(keys, name, row), *map(_text, row.values()))
    ]
    assert said
    for letter in letters:
        for secret in (letter.name, letter.name.split()[1], letter.address):
            assert [each for each in said if secret.encode() in each] == []
    personal = [row for name in ("actions", "outbox", "consents") for row in rows[name]]
    assert [row for row in personal for value in row.values() if value in ("TV", "Tuvalu")] == []


def _words(value: Any) -> set[bytes]:
    content = _text(value)
    hexadecimal = {value.hex().encode()} if isinstance(value, bytes) else set()
    return {each.lower() for each in _WORD.findall(content)} | hexadecimal


def _text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _times(row: dict[str, Any]) -> list[tuple[str, datetime]]:
    """Return the times in a row that are more exact than a day."""
    return [
        (name, value)
        for name, value in row.items()
        if isinstance(value, datetime) and int(value.timestamp() * 1e6) % DAY_MICROSECONDS
    ]


def _is_near(at: datetime, letters: list[Letter]) -> bool:
    return any(abs(at - letter.at) < NEAR for letter in letters)


def _decrypted(keys: Vault, table: str, row: dict[str, Any]) -> list[bytes]:
    """Return what the encrypted columns of a row say."""
    place = _text(row[row_key(metadata.tables[table]).name])
    return [
        keys.decrypt(row[column.name], column.info[ENCRYPTION], row=place)
        for column in metadata.tables[table].columns
        if ENCRYPTION in column.info and row[column.name] is not None
    ]
