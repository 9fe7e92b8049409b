"""Actions and their letters, on both engines."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from conversations.delivery import LetterState
from conversations.effects import (
    Count,
    Erase,
    ForgetDetails,
    Remember,
    Stage,
    Subscribe,
    UnsubscribeAll,
    Withdraw,
)
from conversations.events import Said
from conversations.known import Details
from storage import chats, erasing, outbox, statuses
from storage.actions import Duplicate
from storage.chats import Floor, Told
from storage.database import Database
from storage.outbox import Claimed, CodeMail, MailKind, Outcome
from storage.tables import actions, consents, notices
from storage.tables import outbox as mails
from storage.tables import tallies as tallies_table
from storage.vault import Vault
from tests.storage.people import (
    AHMED,
    MARIA,
    NOW,
    acts,
    after,
    at_the_code,
    code,
    known,
    letter,
    sends,
)

ACTION = "1" * 32


class Post:
    """What workers do with the outbox."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault

    async def act(self, chat: int, *effects: object, now: datetime = NOW) -> None:
        await self.database.transact(
            lambda c: acts(c, self.vault, chat, *effects, now=now)  # type: ignore[arg-type]
        )

    async def claim(
        self, now: datetime, lease: str = "worker", limit: int = 10, seconds: int = 60
    ) -> tuple[Claimed, ...]:
        until = now + timedelta(seconds=seconds)
        return await self.database.transact(
            lambda c: outbox.claim(c, self.vault, now=now, lease=lease, until=until, limit=limit)
        )

    async def begin(self, claimed: Claimed, now: datetime) -> bool:
        return await self.database.transact(
            lambda c: outbox.begin(c, self.vault, claimed, b"raw", now=now)
        )

    async def finish(
        self, claimed: Claimed, state: LetterState, now: datetime, wait: datetime | None = None
    ) -> int:
        outcome = Outcome(claimed.mail, claimed.kind, claimed.lease, state, wait, 250, "ok")
        return await self.database.transact(lambda c: outbox.finish(c, [outcome], now=now))

    async def recover(self, now: datetime) -> int:
        return await self.database.transact(lambda c: outbox.recover(c, now=now))

    async def tally(self) -> dict[str, int]:
        rows = await self.database.read(
            lambda c: c.execute(select(tallies_table.c.stage, tallies_table.c.count)).all()
        )
        return {stage: number for stage, number in rows}

    async def state(self, chat: int = MARIA) -> LetterState:
        told = await self.database.transact(lambda c: known(c, self.vault, chat))
        return told.acted["river"].state


@pytest.fixture
def post(database: Database, vault: Vault) -> Post:
    return Post(database, vault)


async def test_a_letter_leaves_when_the_time_to_undo_is_over(post: Post) -> None:
    await post.act(MARIA, sends())
    assert await post.claim(after(seconds=29)) == ()
    assert await post.database.read(outbox.next_due) == after(seconds=30)
    (claimed,) = await post.claim(after(seconds=30))
    assert (claimed.kind, claimed.campaign, claimed.content, claimed.message_id) == (
        MailKind.LETTER,
        "river",
        letter(),
        "5" * 32,
    )
    assert await post.state() is LetterState.SENDING
    assert await post.begin(claimed, after(seconds=30))
    assert await post.finish(claimed, LetterState.ACCEPTED, after(seconds=31)) == 1
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    acted = told.acted["river"]
    assert (acted.state, acted.number, told.accepted) == (LetterState.ACCEPTED, 1, {"river": 1})
    assert acted.details == Details("Maria Silva", "PT", "maria@mail.example", proved=True)
    assert await post.tally() == {"sent": 1, "accepted": 1}


async def test_codes_go_before_letters(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    await post.act(AHMED, code("48210937", "ahmed@mail.example"), now=after(seconds=5))
    first, second = await post.claim(after(seconds=6))
    assert isinstance(first.content, CodeMail)
    assert first.content.address == "ahmed@mail.example"
    assert second.kind is MailKind.LETTER
    await post.finish(first, LetterState.ACCEPTED, after(seconds=7))
    assert await post.tally() == {"sent": 1}


async def test_one_action_a_person_and_one_an_address(post: Post) -> None:
    await post.act(MARIA, sends())
    with pytest.raises(Duplicate):
        await post.act(MARIA, sends("2" * 32, address="other@mail.example"))
    with pytest.raises(Duplicate):
        await post.act(AHMED, sends("3" * 32, address="MARIA@mail.example"))
    journey = at_the_code()
    told = await post.database.transact(
        lambda c: known(c, post.vault, AHMED, Said("x"), journey=journey)
    )
    assert told.address_taken
    assert await post.tally() == {"sent": 1}


async def test_undo_frees_the_action_the_address_and_the_tally(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(AHMED, Withdraw(ACTION))
    assert await post.state() is LetterState.QUEUED
    await post.act(MARIA, Withdraw(ACTION), now=after(days=1))
    assert await post.claim(after(days=2)) == ()
    assert await post.tally() == {"sent": 0}
    await post.act(AHMED, sends("2" * 32))
    assert await post.tally() == {"sent": 1}


async def test_two_workers_never_get_the_same_letter(post: Post) -> None:
    for number in range(20):
        effect = sends(f"{number:032}", address=f"p{number}@mail.example", undo_seconds=0)
        await post.act(2000 + number, effect)
    claims = await asyncio.gather(*(post.claim(NOW, f"worker-{n}", 7) for n in range(4)))
    got = [claimed.mail for claim in claims for claimed in claim]
    got += [claimed.mail for claimed in await post.claim(NOW, "last", 20)]
    assert len(got) == len(set(got)) == 20


async def test_what_was_not_begun_is_queued_again(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    assert await post.recover(after(seconds=59)) == 0
    assert await post.recover(after(seconds=60)) == 1
    assert await post.state() is LetterState.QUEUED
    assert not await post.begin(claimed, after(seconds=61))
    assert await post.finish(claimed, LetterState.ACCEPTED, after(seconds=62)) == 0
    (again,) = await post.claim(after(seconds=63), "other")
    assert (again.possible_duplicate, again.attempts) == (False, 0)


async def test_what_may_have_left_is_sent_once_more_and_never_a_third_time(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    assert await post.begin(claimed, NOW)
    await post.recover(after(minutes=2))
    assert await post.state() is LetterState.UNKNOWN
    (again,) = await post.claim(after(minutes=3), "other")
    assert (again.possible_duplicate, again.attempts, again.message) == (True, 1, b"raw")
    assert again.message_id == claimed.message_id
    await post.recover(after(minutes=5))
    assert await post.state() is LetterState.UNKNOWN
    (third,) = await post.claim(after(minutes=6), "third")
    assert await post.begin(third, after(minutes=6))
    await post.recover(after(minutes=8))
    assert await post.claim(after(minutes=9)) == ()
    assert await post.state() is LetterState.UNKNOWN


async def test_a_deferred_letter_waits_and_can_be_withdrawn(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    await post.begin(claimed, NOW)
    await post.finish(claimed, LetterState.DEFERRED, NOW, after(minutes=5))
    assert await post.state() is LetterState.DEFERRED
    assert await post.claim(after(minutes=4)) == ()
    assert len(await post.claim(after(minutes=5))) == 1


async def test_a_lease_is_renewed_by_its_holder_only(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    (claimed,) = await post.claim(NOW)
    held = [
        await post.database.transact(
            lambda c, lease=lease: outbox.renew(c, claimed.mail, lease, after(minutes=5))  # type: ignore[misc]
        )
        for lease in ("worker", "thief")
    ]
    assert held == [True, False]
    assert await post.recover(after(minutes=4)) == 0


async def test_numbers_follow_one_another(post: Post) -> None:
    for chat in (1, 2, 3):
        effect = sends(f"{chat:032}", address=f"p{chat}@mail.example", undo_seconds=0)
        await post.act(chat, effect)
    done = [
        Outcome(each.mail, each.kind, each.lease, LetterState.ACCEPTED)
        for each in await post.claim(NOW)
    ]
    await post.database.transact(lambda c: outbox.finish(c, done, now=NOW))
    numbers = await post.database.read(
        lambda c: c.execute(select(actions.c.number).order_by(actions.c.number)).scalars().all()
    )
    assert numbers == [1, 2, 3]
    told = await post.database.transact(lambda c: known(c, post.vault, AHMED))
    assert told.accepted == {"river": 3}


async def test_the_chat_is_told_how_the_letter_fares(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    person = chats.key(post.vault, MARIA)

    async def untold() -> list[tuple[LetterState, int | None]]:
        found = await post.database.read(lambda c: statuses.of_chat(c, person))
        return [(each.facts.state, each.message) for each in found]

    assert await post.database.read(lambda c: statuses.waiting(c, post.vault)) == (MARIA,)
    assert await untold() == [(LetterState.QUEUED, None)]
    (seen,) = await post.database.read(lambda c: statuses.of_chat(c, person))
    (claimed,) = await post.claim(NOW)
    await post.database.transact(lambda c: statuses.told(c, seen.mail, seen.status, 77))
    assert await untold() == [(LetterState.SENDING, 77)]
    await post.finish(claimed, LetterState.ACCEPTED, NOW)
    assert await untold() == [(LetterState.ACCEPTED, 77)]


async def test_consents_are_recorded_with_what_was_shown(post: Post) -> None:
    await post.act(MARIA, sends(), Remember(ACTION, "en"), Subscribe("river", True, "en"))
    await post.act(MARIA, ForgetDetails("en"), UnsubscribeAll("en"), now=after(hours=1))
    rows = await post.database.read(
        lambda c: c.execute(select(consents).order_by(consents.c.at, consents.c.kind)).all()
    )
    assert [(row.kind, row.scope, row.given, row.notice_digest) for row in rows] == [
        ("remember", "", True, None),
        ("send", "river", True, "notice-digest"),
        ("updates", "river", True, None),
        ("remember", "", False, None),
        ("updates", "*", False, None),
    ]
    notice = await post.database.read(lambda c: c.execute(select(notices)).one())
    assert (notice.digest, notice.text) == ("notice-digest", "The notice.")


async def test_details_are_remembered_and_forgotten(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(MARIA, Remember(ACTION, "en"))
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert told.details == Details("Maria Silva", "PT", "maria@mail.example", proved=True)
    await post.act(MARIA, ForgetDetails("en"))
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert told.details is None


async def test_everything_about_a_person_goes_at_once(post: Post) -> None:
    counted = Count(Stage.OPENED, "river", "en", "poster")
    await post.act(MARIA, counted, code(), sends(), Subscribe("river", True, "en"))
    await post.act(AHMED, sends("2" * 32, address="ahmed@mail.example"))
    await post.act(MARIA, Erase())
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert (told.acted, told.details, told.subscriptions) == ({}, None, frozenset())
    assert len(await post.claim(after(days=1))) == 1
    assert await post.tally() == {"opened": 1, "sent": 1}


async def test_a_campaigns_time_runs_out(post: Post) -> None:
    await post.act(MARIA, sends())

    async def purge(now: datetime) -> int:
        return await post.database.transact(lambda c: erasing.purge(c, now=now))

    assert await purge(datetime(2019, 9, 30, 12, tzinfo=NOW.tzinfo)) == 0
    assert await purge(datetime(2019, 10, 1, tzinfo=NOW.tzinfo)) == 1
    assert await post.claim(after(days=200)) == ()


async def test_a_code_that_may_have_left_twice_is_wiped_when_its_time_is_over(post: Post) -> None:
    await post.act(MARIA, code())
    for minute in (0, 1):
        (claimed,) = await post.claim(after(minutes=minute))
        await post.finish(claimed, LetterState.UNKNOWN, after(minutes=minute), after(minutes=1))

    async def codes_held(now: datetime) -> int:
        await post.database.transact(lambda c: erasing.purge(c, now=now))
        return len(await post.database.read(lambda c: c.execute(select(mails)).all()))

    assert await codes_held(after(minutes=30)) == 1
    assert await codes_held(after(minutes=31)) == 0


async def test_the_words_of_a_letter_that_is_given_up_do_not_stay(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    for minute in (0, 1):
        (claimed,) = await post.claim(after(minutes=minute))
        await post.begin(claimed, after(minutes=minute))
        await post.finish(claimed, LetterState.UNKNOWN, after(minutes=minute), after(minutes=1))

    async def words(now: datetime) -> tuple[bool, bool]:
        await post.database.transact(lambda c: erasing.purge(c, now=now))
        mail = await post.database.read(lambda c: c.execute(select(mails)).one())
        return mail.sealed_content is not None, mail.sealed_message is not None

    assert await words(after(days=28)) == (True, True)
    assert await words(after(days=29)) == (False, False)


async def test_of_a_letter_held_back_no_consent_stays_for_ever(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(MARIA, Withdraw(ACTION), now=after(seconds=9))
    await post.act(AHMED, sends("2" * 32, address="ahmed@mail.example"))

    async def kept(now: datetime) -> list[bool]:
        await post.database.transact(lambda c: erasing.purge(c, now=now))
        query = select(consents.c.given).order_by(consents.c.at, consents.c.given)
        return list(await post.database.read(lambda c: c.execute(query).scalars().all()))

    assert await kept(after(days=28)) == [True, True, False]
    assert await kept(after(days=29)) == [True]


async def test_an_abandoned_journey_is_forgotten_after_a_day(post: Post) -> None:
    await post.act(MARIA)
    await post.act(AHMED, sends(), Subscribe("river", True, "en"))

    async def rows() -> list[bool]:
        found = await post.database.read(
            lambda c: [
                (row is not None, row is not None and row.sealed_journey is not None)
                for chat in (MARIA, AHMED)
                for row in [chats.find(c, chats.key(post.vault, chat))]
            ]
        )
        return [value for pair in found for value in pair]

    await post.database.transact(lambda c: chats.expire(c, after(hours=23)))
    assert await rows() == [True, True, True, True]
    await post.database.transact(lambda c: chats.expire(c, after(hours=25)))
    assert await rows() == [False, False, True, False]


async def test_nothing_personal_can_be_read_in_the_tables(post: Post) -> None:
    await post.act(MARIA, code(), sends(), Remember(ACTION, "en"))

    def dump(connection: object) -> str:
        from storage.tables import metadata

        return "".join(
            str(tuple(row))
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())  # type: ignore[attr-defined]
        )

    everything = await post.database.read(dump)
    for secret in ("Maria", "maria", "mail.example", "48210937", str(MARIA), "Let it flow"):
        assert secret not in everything
    # The campaign's words are public: whoever guesses a name and an address can hash the letter.
    assert letter().digest not in everything


async def test_the_journey_is_kept_as_it_was(post: Post) -> None:
    journey = replace(at_the_code(), turn=9)
    await post.database.transact(lambda c: acts(c, post.vault, MARIA, journey=journey))
    person = chats.key(post.vault, MARIA)
    row = await post.database.read(lambda c: chats.find(c, person))
    assert row is not None
    assert (chats.journey(post.vault, row), row.turn, row.told) == (journey, 9, 0)
    untold = partial(chats.untold, vault=post.vault, now=NOW, before=after(seconds=1))
    assert await post.database.read(untold) == (MARIA,)


async def test_one_speaks_in_a_chat_at_a_time(post: Post) -> None:
    """Whoever answers gets the floor with the answer, unless somebody is speaking."""
    person = chats.key(post.vault, MARIA)

    async def answer(lease: str, now: datetime = NOW) -> Floor | None:
        journey = replace(at_the_code(), turn=9)
        save = partial(
            chats.save,
            vault=post.vault,
            person=person,
            chat=MARIA,
            journey=journey,
            now=now,
            lease=lease,
        )
        return await post.database.transact(save)

    async def take(lease: str, now: datetime = NOW) -> Floor | None:
        return await post.database.transact(
            partial(chats.take_floor, person=person, now=now, lease=lease)
        )

    async def tell(floor: Floor, *seen: int, cleared: bool = False) -> bool:
        done = Told(9, 70, True, seen, cleared)
        return await post.database.transact(
            partial(chats.told, person=person, floor=floor, done=done, now=NOW)
        )

    first = await answer("first")
    assert first == Floor("first", 9, 0, None, False, ())
    assert (await answer("second"), await take("third")) == (None, None)
    assert await tell(first, 70, 71)
    assert not await tell(first, 72)

    at = NOW.timestamp()
    second = await take("second")
    assert second == Floor("second", 9, 9, 70, True, ((70, at), (71, at)))
    late = NOW + chats.SPEAKING
    third = await answer("third", late)
    assert third is not None
    assert not await tell(second, 73)
    assert await tell(third, 74, cleared=True)
    fourth = await take("fourth")
    assert fourth is not None
    assert fourth.seen == ((74, at),)
    await post.database.transact(chats.leave_all_floors)
    assert (await take("fifth")) is not None
