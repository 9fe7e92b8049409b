"""On PostgreSQL, neither the place of a row nor its transaction tells when it was written."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import ColumnElement, Connection, literal_column, select, text, update
from sqlalchemy.util import await_only

from bot.services.core import Core
from bot.services.housekeeping.row_order import RowOrder
from bot.services.housekeeping.settling import Settling
from conversations.core.facts import Deployment
from conversations.model.letters.delivery import DeliveryEvent
from storage import row_order
from storage.crypto.vault import DecryptionError
from storage.schema.encryption import MAIL_CONTENT
from storage.schema.tables import metadata, outbox
from storage.schema.tables import row_order as row_order_table
from tests.databases import ENGINES
from tests.storage.people import NOW, after, queues
from tests.storage.post import Post
from tests.vaults import make_vault

pytestmark = pytest.mark.parametrize("database_url", ENGINES[1:], indirect=True)
DEPLOYMENT = Deployment({}, "river_bot", "actions@send.example", "tests@send.example")
TABLES = ("actions", "outbox", "consents", "chats")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def order(post: Post, clock: Clock) -> Iterator[RowOrder]:
    yield RowOrder(Core(post.database, post.vault, lambda: DEPLOYMENT, clock))


async def sent(post: Post, count: int, first: int = 0) -> None:
    """Let letters be sent and accepted, each in transactions of its own."""
    for number in range(first, first + count):
        await post.database.transact(lambda c, n=number: queues(c, post.vault, n, NOW))  # type: ignore[misc]
        (claimed,) = await post.claim(after(seconds=1))
        await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=2))


async def places(post: Post, name: str) -> list[tuple[Any, str, int]]:
    """Return the key, the transaction and the page of each row, in the order of their places."""
    table = metadata.tables[name]
    (key,) = table.primary_key.columns
    xmin: ColumnElement[str] = literal_column("xmin::text")
    page: ColumnElement[int] = literal_column("(ctid::text::point)[0]::int")
    query = select(key, xmin, page).order_by(literal_column("ctid"))
    found = await post.database.read(lambda c: c.execute(query).all())
    return [(row[0], row[1], row[2]) for row in found]


async def test_rows_are_in_the_order_of_their_keys(post: Post, order: RowOrder) -> None:
    await sent(post, 30)
    for table in TABLES:
        assert len({xmin for _, xmin, _ in await places(post, table)}) == 30
    assert await order.run_once() >= 4 * 30
    for table in TABLES:
        found = await places(post, table)
        assert len({xmin for _, xmin, _ in found}) == 1
        pages: dict[int, list[Any]] = {}
        for key, _, page in found:
            pages.setdefault(page, []).append(key)
        # Which pages were free says nothing of the rows.
        in_order = [key for keys in sorted(pages.values()) for key in keys]
        assert in_order == sorted(key for key, _, _ in found)
    assert await order.run_once() == 0, "once a day"


async def test_a_pass_rewrites_only_what_has_changed(
    post: Post, order: RowOrder, clock: Clock
) -> None:
    await sent(post, 20)
    await order.run_once()
    clock.now += timedelta(days=1)
    assert await order.run_once() == 0
    clock.now += timedelta(days=1)
    await sent(post, 1, first=20)
    assert 3 <= await order.run_once() <= 6
    clock.now += timedelta(days=1)
    assert await order.run_once() == 0


async def test_an_update_during_a_pass_is_not_lost(
    post: Post, order: RowOrder, clock: Clock
) -> None:
    await sent(post, 10)
    query = select(outbox.c.mail, outbox.c.status)
    before = {
        row.mail: row.status for row in await post.database.read(lambda c: c.execute(query).all())
    }

    def change(connection: Connection, mail: str) -> None:
        row = select(outbox.c.mail).where(outbox.c.mail == mail).with_for_update()
        assert connection.execute(row).scalar_one() == mail
        changed = update(outbox).where(outbox.c.mail == mail)
        assert connection.execute(changed.values(status=outbox.c.status + 1)).rowcount == 1

    async def changes() -> None:
        for _ in range(10):
            for mail in before:
                await post.database.transact(partial(change, mail=mail))

    async def passes() -> None:
        for _ in range(10):
            clock.now += timedelta(days=1)
            await order.run_once()

    await asyncio.gather(changes(), changes(), passes())
    rows = await post.database.read(lambda c: c.execute(query).all())
    assert {row.mail: row.status - 20 for row in rows} == before


async def test_rows_wait_while_their_table_is_vacuumed(post: Post) -> None:
    await sent(post, 3)
    current = await post.database.transact(partial(row_order.begin, day="2019-06-20"))
    assert current is not None
    look = partial(row_order.look, table=outbox, current=current, after=None)
    window = await post.database.read(look)
    assert window is not None and len(window.changed) == 3
    rewrite = partial(row_order.rewrite, table=outbox, keys=window.changed)

    def beside_a_vacuum(connection: Connection) -> bool:
        """Rewrite in another transaction while this one has the lock of VACUUM."""
        connection.execute(text("LOCK TABLE outbox IN SHARE UPDATE EXCLUSIVE MODE"))
        return await_only(post.database.transact(rewrite))

    assert not await post.database.transact(beside_a_vacuum)
    assert len({xmin for _, xmin, _ in await places(post, "outbox")}) == 3
    assert await post.database.transact(rewrite)
    assert len({xmin for _, xmin, _ in await places(post, "outbox")}) == 1


async def test_settled_letters_are_unreadable_once_their_keys_are_gone(post: Post) -> None:
    """Read the server's files: heap pages, where a vacuum leaves bytes of rows, and its log."""
    await post.database.transact(lambda c: queues(c, post.vault, 1, NOW, body="Mary had a lamb"))
    columns = select(outbox.c.mail, outbox.c.encrypted_content)
    (letter,) = await post.database.read(lambda c: c.execute(columns).all())
    assert letter.encrypted_content in await files(post)
    (claimed,) = await post.claim(after(seconds=1))
    await post.finish(claimed, DeliveryEvent.TAKEN, after(seconds=2))
    assert await Settling(post.database, post.vault, lambda: after(days=8)).run_once() == 1
    everything = await files(post)
    plain = (b"Maria Silva", b"w1@mail.example", b"Mary had a lamb")
    assert [each for each in plain if each in everything] == []
    vault = make_vault()
    place = letter.mail.encode()
    assert b"lamb" in vault.decrypt(letter.encrypted_content, MAIL_CONTENT, row=place)
    vault.destroy_before(vault.first_day + timedelta(days=36500))
    with pytest.raises(DecryptionError):
        vault.decrypt(letter.encrypted_content, MAIL_CONTENT, row=place)


async def files(post: Post) -> bytes:
    """Return the content of all files of the database, and of the write-ahead log."""
    await post.database.discard_erased()

    def find(connection: Connection) -> tuple[Path, str]:
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        number = "SELECT oid::text FROM pg_database WHERE datname = current_database()"
        return Path(folder), connection.execute(text(number)).scalar_one()

    await post.database.transact(lambda c: c.execute(text("CHECKPOINT")))
    folder, number = await post.database.read(find)
    found = [*(folder / "base" / number).iterdir(), *(folder / "pg_wal").iterdir()]
    return b"".join([each.read_bytes() for each in found if each.is_file()])


async def test_a_restored_database_is_rewritten_from_the_beginning(
    post: Post, order: RowOrder, clock: Clock
) -> None:
    """The transaction ids of another server mean nothing here."""
    await sent(post, 5)
    await order.run_once()
    query = select(row_order_table.c.position)
    position = await post.database.read(lambda c: c.execute(query).scalar_one())
    moved = orjson.dumps({**orjson.loads(position), "server": "1", "next_mark": "9" * 12}).decode()
    await post.database.transact(
        lambda c: c.execute(update(row_order_table).values(position=moved))
    )
    clock.now += timedelta(days=1)
    assert await order.run_once() >= 4 * 5
