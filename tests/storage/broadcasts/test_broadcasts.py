from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from conversations.core.effects.broadcasts import (
    BroadcastAction,
    ConfirmBroadcast,
    DiscardDraft,
    OfferBroadcast,
    RescheduleBroadcast,
    SaveDraft,
)
from conversations.core.effects.journey import (
    ChooseLanguage,
    ErasePerson,
    MarkBlocked,
    UnsubscribeAll,
)
from conversations.model.broadcast import Audience, BroadcastStatus, RecipientState
from storage import apply_effects
from storage.broadcasts import (
    broadcasts,
    controls,
    drafts,
    ledger,
    progress,
)
from storage.broadcasts.ledger import BatchRequest, ClaimedBatch
from storage.broadcasts.recipients import audiences
from storage.broadcasts.recipients.audiences import count
from storage.broadcasts.results import RecipientOutcome
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.transaction import StaleAnswer
from tests.storage.people import AHMED, MARIA, NOW, acts, after, sends
from tests.updates import FIRST, HELLO, confirm, fates, subscribe, update

TOKEN = "sender"
LASTS = timedelta(seconds=30)
PEOPLE = range(FIRST, FIRST + 10)


async def fill(database: Database, vault: Vault) -> str:
    broadcast = update()

    def work(connection: Connection) -> Any:
        acts(connection, vault, MARIA)
        subscribe(connection, vault, PEOPLE, NOW)
        confirm(connection, vault, MARIA, broadcast, NOW)
        assert ledger.take_lease(connection, TOKEN, NOW, LASTS)

    await database.transact(work)
    return broadcast.id


async def go_on(
    database: Database,
    vault: Vault,
    id_: str,
    *outcomes: RecipientOutcome,
    limit: int = 4,
    token: str = TOKEN,
) -> ClaimedBatch | None:
    return await database.transact(
        partial(
            ledger.record_and_claim,
            vault=vault,
            broadcast=replace(update(), id=id_),
            outcomes=outcomes,
            request=BatchRequest(token, limit, NOW, NOW + LASTS, idle=True),
        )
    )


async def test_a_draft_is_saved_unchanged(database: Database, vault: Vault) -> None:
    draft = update(HELLO, audience=Audience("river", True, ("en",), ("PT",), NOW), again=True)
    author = PersonKeys(vault, MARIA)
    person = author.staff
    keep = partial(broadcasts.save_draft, vault=vault, person=author, broadcast=draft, now=NOW)
    await database.transact(lambda c: acts(c, vault, MARIA))
    assert await database.transact(keep)
    kept = await database.read(partial(drafts.current_draft, vault=vault, person=person))
    assert kept and kept.broadcast == draft
    other = partial(
        broadcasts.save_draft,
        vault=vault,
        person=PersonKeys(vault, AHMED),
        broadcast=draft,
        now=NOW,
    )
    assert not await database.transact(other)


async def test_a_broadcast_confirmed_twice_is_sent_once(database: Database, vault: Vault) -> None:
    author, draft = PersonKeys(vault, MARIA), update()
    person = author.staff

    def twice(connection: Connection) -> Any:
        broadcasts.save_draft(connection, vault, author, draft, NOW, "token")
        once = partial(broadcasts.confirm, connection, draft.id)
        return [
            once(person, "other", NOW),
            once(b"x", "token", NOW),
            once(person, "", NOW),
            once(person, "token", NOW),
            once(person, "token", NOW),
        ]

    assert await database.transact(twice) == [False, False, False, True, False]


async def test_the_author_is_asked_about_a_late_broadcast(database: Database, vault: Vault) -> None:
    author, soon, late = PersonKeys(vault, MARIA), update(), update()
    person = author.staff

    def work(connection: Connection) -> Any:
        for draft, minutes in ((soon, 9), (late, 1)):
            broadcasts.save_draft(connection, vault, author, draft, NOW, "token")
            at = after(minutes=minutes)
            assert broadcasts.schedule(connection, draft.id, person, "token", at, NOW)
        assert broadcasts.start_due(connection, NOW, [person]) == 0
        assert broadcasts.start_due(connection, after(minutes=10), [person]) == 2
        return [progress.find(connection, each.id) for each in (soon, late)]

    states = [facts.state for facts in await database.transact(work)]
    assert states == [BroadcastStatus.SENDING, BroadcastStatus.MISSED]


async def test_each_recipient_is_claimed_once(database: Database, vault: Vault) -> None:
    id_ = await fill(database, vault)
    people: list[bytes] = []
    outcomes: list[RecipientOutcome] = []
    while (claimed := await go_on(database, vault, id_, *outcomes)) and claimed.claims:
        people += [each.person for each in claimed.claims]
        outcomes = [
            RecipientOutcome(each.person, RecipientState.SENT, "7") for each in claimed.claims
        ]
    assert claimed == ClaimedBatch(BroadcastStatus.DONE, ())
    assert sorted(people) == sorted(PersonKeys(vault, each).subscriptions for each in PEOPLE)
    assert await database.read(partial(fates, id_=id_)) == {RecipientState.SENT: 10}
    facts = await database.read(partial(progress.find, id_=id_))
    assert facts and (facts.total, facts.counts[RecipientState.SENT], facts.written) == (
        10,
        10,
        True,
    )


async def test_recipients_without_a_call_are_claimed_again(
    database: Database, vault: Vault
) -> None:
    id_ = await fill(database, vault)
    first = await go_on(database, vault, id_)
    assert first
    done = [RecipientOutcome(each.person, RecipientState.SENT, "7") for each in first.claims[1:]]
    again = await go_on(
        database,
        vault,
        id_,
        RecipientOutcome(first.claims[0].person, RecipientState.PENDING, ""),
        *done,
    )
    assert again and again.claims[0].person == first.claims[0].person


async def test_claims_of_a_dead_sender_are_uncertain(database: Database, vault: Vault) -> None:
    id_ = await fill(database, vault)
    claimed = await go_on(database, vault, id_)
    assert claimed and len(claimed.claims) == 4
    take = partial(ledger.take_lease, token="other", duration=LASTS)
    assert not await database.transact(partial(take, now=after(seconds=29)))
    assert await database.transact(partial(take, now=after(seconds=30)))
    assert await go_on(database, vault, id_) is None
    assert await database.read(partial(fates, id_=id_)) == {
        RecipientState.UNCERTAIN: 4,
        RecipientState.PENDING: 6,
    }


async def test_people_who_unsubscribed_or_blocked_the_bot_get_nothing(
    database: Database, vault: Vault
) -> None:
    id_ = await fill(database, vault)
    assert await go_on(database, vault, id_, limit=1)
    left, erased, deaf = sorted(
        (PersonKeys(vault, each) for each in PEOPLE), key=lambda each: each.subscriptions
    )[3:6]

    def work(connection: Connection) -> Any:
        apply_effects.apply(connection, vault, left, [UnsubscribeAll("en")], now=NOW)
        apply_effects.apply(connection, vault, erased, [ErasePerson()], now=NOW)
        apply_effects.apply(connection, vault, deaf, [MarkBlocked(blocked=True)], now=NOW)

    await database.transact(work)
    claimed = await go_on(database, vault, id_, limit=9)
    assert claimed and len(claimed.claims) == 6
    facts = await database.read(partial(progress.find, id_=id_))
    assert facts and (facts.total, facts.counts[RecipientState.BLOCKED]) == (8, 1)


@pytest.mark.parametrize(
    ("audience", "many"),
    [
        (Audience("hong-kong"), 10),
        (Audience("*"), 0),
        (Audience("hong-kong", languages=("en",)), 9),
        (Audience("hong-kong", languages=("zh-Hant",)), 1),
        (Audience("hong-kong", since=after(seconds=1)), 0),
        (Audience("hong-kong", since=NOW), 10),
        (Audience("hong-kong", acted=True), 0),
        (Audience("*", acted=False), 0),
        (Audience("hong-kong", countries=("PT",)), 1),
    ],
)
async def test_an_audience_is_counted(
    database: Database, vault: Vault, audience: Audience, many: int
) -> None:
    await fill(database, vault)

    def work(connection: Connection) -> Any:
        acts(connection, vault, FIRST, sends(), ChooseLanguage("zh-Hant"))
        return count(connection, vault, audience)

    assert await database.transact(work) == many


async def test_only_failed_recipients_are_tried_again(database: Database, vault: Vault) -> None:
    id_ = await fill(database, vault)
    claimed = await go_on(database, vault, id_, limit=10)
    assert claimed
    last = claimed.claims[-1].person
    outcomes = [
        RecipientOutcome(each.person, RecipientState.SENT, "7") for each in claimed.claims[:-1]
    ]
    await go_on(database, vault, id_, *outcomes, RecipientOutcome(last, RecipientState.FAILED, ""))
    assert await database.transact(
        partial(controls.control, vault=vault, id_=id_, action=BroadcastAction.RETRY, now=NOW)
    )
    again = await go_on(database, vault, id_)
    assert again and [each.person for each in again.claims] == [last]


@pytest.mark.parametrize(
    "effect",
    [
        lambda draft: SaveDraft(draft),
        lambda draft: DiscardDraft(draft.id),
        lambda draft: ConfirmBroadcast(draft.id, "token", 5, None, already_sending=1),
        lambda draft: OfferBroadcast(draft.id, "other"),
        lambda draft: RescheduleBroadcast(draft.id, after(days=1)),
    ],
)
async def test_a_stale_answer_changes_nothing(
    database: Database, vault: Vault, effect: Any
) -> None:
    """A colleague has sent the broadcast meanwhile, so the answer would be wrong."""
    person, draft = PersonKeys(vault, MARIA), update()

    def work(connection: Connection) -> Any:
        confirm(connection, vault, MARIA, draft, NOW)
        done = [effect(draft)]
        with pytest.raises(StaleAnswer):
            apply_effects.apply(connection, vault, person, done, now=NOW)
        return progress.find(connection, draft.id)

    facts = await database.transact(work)
    assert facts and facts.state is BroadcastStatus.SENDING


async def test_the_report_counts_people_who_acted_for_two_days(
    database: Database, vault: Vault
) -> None:
    id_ = await fill(database, vault)

    def told(connection: Connection, now: Any) -> list[int]:
        shown = progress.claim(connection, vault, now, timedelta(seconds=3))
        for each in shown:
            progress.record_shown(connection, each, 7)
        return [each.facts.acted for each in shown]

    def work(connection: Connection) -> Any:
        broadcasts.finish(connection, id_, NOW)
        source = replace(update(), id=id_).source
        acted = Tally("hong-kong", "source", NOW.date().isoformat(), source)
        seen = [told(connection, NOW)]
        for minutes in (1, 2, 60 * 49):
            tallies.add(connection, [acted])
            seen.append(told(connection, after(minutes=minutes)))
            seen.append(told(connection, after(minutes=minutes, seconds=59)))
        return seen

    assert await database.transact(work) == [[0], [1], [], [2], [], [], []]


async def test_no_claim_reads_the_whole_ledger(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither claims nor records read all rows, which would be slow for a million people."""
    monkeypatch.setattr(audiences, "SLICE_SIZE", 1_000)  # PostgreSQL reads small tables whole
    broadcast = update()
    plans: list[str] = []
    claims: list[ledger.Claim] = []

    def begin(connection: Connection) -> None:
        acts(connection, vault, MARIA)
        subscribe(connection, vault, range(FIRST, FIRST + 2_000), NOW)
        confirm(connection, vault, MARIA, broadcast, NOW)
        assert ledger.take_lease(connection, TOKEN, NOW, LASTS)

    def explained(connection: Connection) -> None:
        connection.execute(text("ANALYZE"))
        how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"

        @event.listens_for(connection, "before_cursor_execute")
        def explain(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
            cursor.execute(f"{how} {statement}", given)
            plans.extend(str(line[-1]) for line in cursor.fetchall())

        outcomes = [RecipientOutcome(each.person, RecipientState.SENT, "9") for each in claims]
        outcomes[0] = replace(outcomes[0], state=RecipientState.PENDING)
        request = BatchRequest(TOKEN, 10, NOW, NOW + LASTS, idle=False)
        ledger.record_and_claim(connection, vault, broadcast, outcomes, request)

    await database.transact(begin)
    claimed = await go_on(database, vault, broadcast.id, limit=10)
    assert claimed
    claims += claimed.claims
    await database.transact(explained)
    by_key = (
        "SEARCH broadcast_recipients USING PRIMARY KEY (broadcast=? AND person_key",
        "SEARCH broadcast_recipients USING INDEX ix_broadcast_recipients_claimed (",
        "Scan using pk_broadcast_recipients",
        "Scan on pk_broadcast_recipients",
        "Scan using ix_broadcast_recipients_claimed",
        "Scan on ix_broadcast_recipients_claimed",
    )
    many = ("broadcast_recipients", "chats", "subscriptions")
    whole = [f"{scan} {table}" for scan in ("SCAN", "Seq Scan on") for table in many]
    found = [each for each in plans if any(way in each for way in (*by_key, *whole))]
    assert len(found) == 4, "two are recorded, some are looked up, and are claimed"
    assert all(any(way in each for way in by_key) for each in found), found
