"""A notice reaches everybody to whom a row leads, once."""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.journey import MarkBlocked
from conversations.core.notices import new_notice
from conversations.model.broadcast import BroadcastStatus, RecipientState
from storage.broadcasts import broadcasts, ledger, notices
from storage.broadcasts.ledger import BatchRequest
from storage.broadcasts.recipients import of_notices
from storage.broadcasts.releases import Approval
from storage.broadcasts.results import RecipientOutcome
from storage.chats import preferences
from storage.chats.preferences import Preferences
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import broadcasts as table
from storage.schema.tables import chats, subscriptions
from tests.storage.people import AHMED, MARIA, NOW, acts, queues
from tests.updates import FIRST, subscribe

TEXT = {"en": "A backup was stolen.", "zh-Hant": "備份被盜。"}
NOTICE = new_notice("ab" * 16, TEXT)
LASTS = timedelta(seconds=30)


def sends_to(connection: Connection, vault: Vault) -> dict[int, str]:
    """Send the notice until it is done; return the language of each chat that gets it."""
    notices.send_from_server(connection, vault, NOTICE, NOW)
    assert ledger.take_lease(connection, "sender", NOW, LASTS)
    claim = partial(
        ledger.record_and_claim,
        vault=vault,
        broadcast=NOTICE,
        request=BatchRequest("sender", 100, NOW, NOW + LASTS, idle=True),
    )
    reached: dict[int, str] = {}
    outcomes: list[RecipientOutcome] = []
    while (claimed := claim(connection, outcomes=outcomes)) and (
        claimed.state is BroadcastStatus.SENDING
    ):
        assert not reached.keys() & {each.chat for each in claimed.claims}
        reached |= {each.chat: each.language for each in claimed.claims}
        outcomes = [
            RecipientOutcome(each.person, RecipientState.SENT, "7") for each in claimed.claims
        ]
    return reached


async def test_everybody_to_whom_a_row_leads_gets_it_once(database: Database, vault: Vault) -> None:
    """Ten have a chat and a subscription, one only a subscription, one only a letter."""
    people = range(FIRST, FIRST + 10)

    def work(connection: Connection) -> Any:
        subscribe(connection, vault, people, NOW)
        subscribe(connection, vault, range(MARIA, MARIA + 1), NOW)
        queues(connection, vault, 77, NOW)
        gone = [PersonKeys(vault, chat).chat for chat in (MARIA, FIRST + 77)]
        connection.execute(delete(chats).where(chats.c.person_key.in_(gone)))
        acts(connection, vault, AHMED)
        acts(connection, vault, AHMED, MarkBlocked(blocked=True))
        return sends_to(connection, vault)

    reached = await database.transact(work)
    assert sorted(reached) == [MARIA, *people, FIRST + 77]


async def test_each_gets_the_language_that_they_chose(database: Database, vault: Vault) -> None:
    """Or that of their subscription."""

    def work(connection: Connection) -> Any:
        subscribe(connection, vault, range(FIRST, FIRST + 2), NOW)
        subscribe(connection, vault, range(FIRST + 2, FIRST + 3), NOW, "zh-Hant")
        lin, ana = (PersonKeys(vault, FIRST + each) for each in range(2))
        preferences.save(connection, vault, lin, Preferences("zh-Hant"))
        broken = update(chats).where(chats.c.person_key == ana.chat)
        connection.execute(broken.values(encrypted_preferences=b"\1" * 40))
        return sends_to(connection, vault)

    assert await database.transact(work) == {
        FIRST: "zh-Hant",
        FIRST + 1: "en",
        FIRST + 2: "zh-Hant",
    }


async def test_more_than_a_slice_are_listed(
    database: Database, vault: Vault, monkeypatch: Any
) -> None:
    monkeypatch.setattr(of_notices, "SLICE_SIZE", 3)
    people = range(FIRST, FIRST + 20)

    def work(connection: Connection) -> Any:
        subscribe(connection, vault, people, NOW)
        half = [PersonKeys(vault, chat).chat for chat in people[:10]]
        connection.execute(delete(chats).where(chats.c.person_key.in_(half)))
        reached = sends_to(connection, vault)
        row = connection.execute(select(table)).one()
        return sorted(reached), row.listed, row.sent, row.state

    assert await database.transact(work) == ([*people], 20, 20, "done")


async def test_a_forged_row_in_the_ledger_leads_nowhere(database: Database, vault: Vault) -> None:
    """Somebody without the keys can't make a notice reach a chat that they choose."""

    def work(connection: Connection) -> Any:
        subscribe(connection, vault, range(FIRST, FIRST + 1), NOW)
        person = PersonKeys(vault, FIRST).subscriptions
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.person_key == person)
            .values(person_key=b"\x01" * 32)
        )
        connection.execute(delete(chats))
        return sends_to(connection, vault)

    assert await database.transact(work) == {}


async def test_one_person_cannot_approve_their_own_notice(database: Database, vault: Vault) -> None:
    def work(connection: Connection) -> Any:
        person = PersonKeys(vault, MARIA)
        acts(connection, vault, MARIA)
        assert broadcasts.save_draft(connection, vault, person, NOTICE, NOW)
        own = Approval(NOTICE.digest, person.staff.hex())
        other = Approval(NOTICE.digest, PersonKeys(vault, AHMED).staff.hex())
        old = Approval("0" * 32, other.by)
        send = partial(notices.send, connection, vault, NOTICE.id, now=NOW)
        return [send(approval=each) for each in (own, old, other, other)]

    assert await database.transact(work) == [False, False, True, False]
