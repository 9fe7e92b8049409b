"""A thief without keys can't tell that rows of two purposes belong to the same person."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, select, text

from conversations.admin.block_sender import Sender
from conversations.core.alerts import AlertKind
from conversations.core.effects.admin import BlockSender, PauseAll
from conversations.core.effects.broadcasts import SaveDraft, SaveTimezone
from conversations.core.effects.journey import ChooseLanguage, SaveDetails, Subscribe
from conversations.core.effects.stats import DigestInterval, SaveDigest
from conversations.model.broadcast import RecipientState
from conversations.model.letters.delivery import DeliveryEvent
from storage.admin import alert_delivery, alerts
from storage.broadcasts import ledger
from storage.broadcasts.ledger import BatchRequest
from storage.broadcasts.results import RecipientOutcome
from storage.chats import leases
from storage.chats.leases import SentReplies
from storage.crypto.person_keys import PersonKeys
from storage.engine.rounding import hour_of
from storage.mail import blocked_senders
from storage.mail.address_keys import AddressKeys
from storage.mail.proof import codes
from storage.schema.tables import metadata, outbox
from tests.storage.people import AHMED, MARIA, after, code, letter, sends
from tests.storage.post import Post
from tests.updates import confirm, update

PURPOSES = {
    "chats": "chat",
    "codes": "code",
    "disowned_addresses": "disowned",
    "blocked_senders": "blocked",
    "actions": "action",
    "outbox": "action or code",
    "subscriptions": "subscription",
    "broadcast_recipients": "subscription",
    "consents": "consent",
    **dict.fromkeys(("audit", "alert_messages", "alerts", "digests", "broadcasts"), "staff"),
}
"""What the rows of each table with people are for."""

RELATED = {
    frozenset(("action", "action or code")),  # a letter belongs to its action
    frozenset(("code", "action or code")),  # and the mail with a code to the code
    frozenset(("action", "consent")),  # the consent to send the letter
    frozenset(("subscription", "consent")),  # the consent to broadcasts
    frozenset(("chat", "consent")),  # the consent to remember details
}
"""Purposes that share keys: one is about the other."""

SHORT = 8
"""Values of fewer bytes are the same for many people."""


def odd(minutes: int) -> datetime:
    """Return a time that is unlike all others, as real times are."""
    return after(minutes=minutes, microseconds=minutes * 7919 + 1)


async def live(post: Post) -> None:
    """Let Maria, who is also an admin, do everything at which rows about her are written."""
    draft = update()
    await post.act(MARIA, ChooseLanguage("pt"), SaveTimezone("Europe/Lisbon"), now=odd(1))
    await post.act(MARIA, code(), now=odd(2))
    writes = (sends(), SaveDetails("1" * 32, "en"), Subscribe("hong-kong", True, "en"))
    await post.act(MARIA, *writes, now=odd(3))
    await post.act(AHMED, replace(sends("2" * 32, address="a@mail.example"), campaign="sea"))
    await post.act(MARIA, SaveDraft(draft), PauseAll(), now=odd(4))
    await post.act(MARIA, SaveDigest(DigestInterval.DAY, date(2019, 6, 20)), now=odd(5))
    for chat in (MARIA, AHMED):
        await post.database.transact(partial(_replied, vault=post.vault, chat=chat))
    await post.database.transact(partial(_alerted, vault=post.vault))
    await post.database.transact(partial(_sent, vault=post.vault))
    for claimed in await post.claim(odd(40)):
        await post.finish(claimed, DeliveryEvent.TAKEN, odd(41))
    address = AddressKeys.of(post.vault, letter().sender_address)
    await post.database.transact(
        partial(codes.disown_address, vault=post.vault, address=address, now=odd(42))
    )
    sender = await post.database.read(partial(_sender, vault=post.vault))
    block = BlockSender(sender.id, sender.letter, sender.campaign)
    await post.act(MARIA, block, now=odd(43))


def _replied(connection: Connection, vault: Any, chat: int) -> None:
    maria = PersonKeys(vault, chat)
    lease = leases.claim_chat(connection, vault, maria, now=odd(6), lease="one")
    assert lease
    done = SentReplies(lease.turn, 90210, False, (90210, 90211))
    assert leases.record_replies(connection, vault, maria, lease, done, now=odd(7))


def _alerted(connection: Connection, vault: Any) -> None:
    staff = PersonKeys(vault, MARIA).staff
    alerts.raise_(connection, AlertKind.LULL, "river", now=odd(8))
    (unsent,) = alert_delivery.claim(connection, vault, staff, now=odd(9), until=odd(10))
    alert_delivery.record_sent(connection, unsent, 90212)
    alerts.acknowledge(connection, vault, staff, unsent.alert, "Maria", now=odd(11))


def _sent(connection: Connection, vault: Any) -> None:
    broadcast = update()
    confirm(connection, vault, MARIA, broadcast, odd(12))
    connection.execute(text("DELETE FROM pauses"))
    assert ledger.take_lease(connection, "sender", odd(13), timedelta(seconds=30))
    request = BatchRequest("sender", 9, odd(14), odd(15), idle=True)
    go_on = partial(ledger.record_and_claim, connection, vault, broadcast, request=request)
    claimed = go_on([])
    assert claimed
    (claim,) = claimed.claims
    state = RecipientState.SENT
    go_on([RecipientOutcome(claim.person, state, "90213,90214")])


def _sender(connection: Connection, vault: Any) -> Sender:
    own = select(outbox.c.mail).where(outbox.c.action == "1" * 32)
    mail = connection.execute(own).scalar_one()
    found = blocked_senders.find_sender(connection, vault, mail)
    assert found
    return found


def values(connection: Connection) -> dict[str, set[Any]]:
    """Return the values by table that could join it with another one."""
    found: dict[str, set[Any]] = defaultdict(set)
    for name in PURPOSES:
        for row in connection.execute(metadata.tables[name].select()):
            found[name] |= set(_joining(row))
    return found


def _joining(row: Any) -> Iterator[Any]:
    for value in row:
        is_long = isinstance(value, str | bytes) and len(value) >= SHORT
        is_exact = isinstance(value, datetime) and value != hour_of(value)
        if is_long or is_exact:
            yield value


PUBLIC = {"hong-kong", "accepted", "Europe/Lisbon"}
"""Long values that say nothing of a person."""


async def test_no_value_joins_two_purposes(post: Post) -> None:
    await live(post)
    found = await post.database.read(values)
    assert [name for name in PURPOSES if not found[name]] == []
    joins = [
        (one, other, found[one] & found[other] - PUBLIC)
        for one, other in combinations(PURPOSES, 2)
        if PURPOSES[one] != PURPOSES[other]
        and frozenset((PURPOSES[one], PURPOSES[other])) not in RELATED
        and found[one] & found[other] - PUBLIC
    ]
    assert joins == []


async def test_a_person_has_another_key_in_each_campaign(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(MARIA, replace(sends("2" * 32), campaign="sea", message_token="6" * 32))
    query = text("SELECT person_key, address_key FROM actions")
    rows = await post.database.read(lambda c: c.execute(query).all())
    assert len({bytes(value) for row in rows for value in row}) == 4


async def test_no_table_has_a_rowid(post: Post) -> None:
    """A rowid tells in which order rows were written, and so when a letter was sent."""
    assert [
        table.name
        for table in metadata.sorted_tables
        if table.dialect_options["sqlite"]["with_rowid"]
    ] == []
    if post.database.multi_process:
        return
    query = text("SELECT name FROM pragma_table_list WHERE type = 'table' AND wr = 0")
    named = await post.database.read(lambda c: set(c.execute(query).scalars()))
    assert named - {"sqlite_schema", "sqlite_temp_schema", "alembic_version"} <= {"sqlite_stat1"}


async def test_lengths_of_names_and_addresses_do_not_show(post: Post) -> None:
    address = "maria.antonieta.da.conceicao@mail.example"
    await post.act(
        MARIA, sends(), SaveDetails("1" * 32, "en"), now=datetime(2019, 6, 21, tzinfo=UTC)
    )
    long_name = replace(letter(address), sender_name="Maria Antonieta da Conceição Silva Santos")
    long = replace(sends("2" * 32, address=address), letter=long_name, message_token="6" * 32)
    await post.act(AHMED, long, SaveDetails("2" * 32, "en"))
    for table in ("actions", "chats"):
        query = text(f"SELECT length(encrypted_details) FROM {table}")  # noqa: S608 - a constant
        lengths = await post.database.read(lambda c, query=query: c.execute(query).scalars().all())  # type: ignore[misc]
        assert len(set(lengths)) == 1
