"""Saved journeys, and leases for sending replies, on both engines."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from conversations.core.effects.journey import Subscribe
from storage.chats import chats, leases
from storage.chats.leases import ChatLease, SentReplies
from storage.crypto.person_keys import PersonKeys
from storage.retention import purge
from tests.storage.people import AHMED, MARIA, NOW, acts, after, at_the_code, sends
from tests.storage.post import Post


async def test_an_abandoned_journey_is_erased_after_a_day(post: Post) -> None:
    await post.act(MARIA)
    await post.act(AHMED, sends(), Subscribe("river", True, "en"))

    async def rows() -> list[bool]:
        found = await post.database.read(
            lambda c: [
                (row is not None, row is not None and row.encrypted_journey is not None)
                for chat in (MARIA, AHMED)
                for row in [chats.find(c, post.vault, PersonKeys(post.vault, chat))]
            ]
        )
        return [value for pair in found for value in pair]

    await post.database.transact(lambda c: purge.purge(c, post.vault, now=after(hours=23)))
    assert await rows() == [True, True, True, True]
    await post.database.transact(lambda c: purge.purge(c, post.vault, now=after(hours=24)))
    assert await rows() == [False, False, False, False]


async def test_a_journey_is_saved_unchanged(post: Post) -> None:
    journey = replace(at_the_code(), turn=9)
    await post.database.transact(lambda c: acts(c, post.vault, MARIA, journey=journey))
    person = PersonKeys(post.vault, MARIA)
    row = await post.database.read(lambda c: chats.find(c, post.vault, person))
    assert row is not None
    assert (chats.journey(post.vault, row), row.turn, row.replied_turn) == (journey, 9, 0)
    untold = partial(leases.find_unreplied, vault=post.vault, now=NOW, before=after(seconds=1))
    assert await post.database.read(untold) == (MARIA,)


async def test_one_process_at_a_time_sends_replies_in_a_chat(post: Post) -> None:
    """Saving an answer takes the lease for its replies, unless another process has it."""
    person = PersonKeys(post.vault, MARIA)

    async def answer(lease: str, now: datetime = NOW) -> ChatLease | None:
        journey = replace(at_the_code(), turn=9)
        save = partial(
            chats.save,
            vault=post.vault,
            person=person,
            journey=journey,
            now=now,
            lease=lease,
        )
        return await post.database.transact(save)

    async def take(lease: str, now: datetime = NOW) -> ChatLease | None:
        return await post.database.transact(
            partial(leases.claim_chat, vault=post.vault, person=person, now=now, lease=lease)
        )

    async def tell(floor: ChatLease, *seen: int, cleared: bool = False) -> bool:
        done = SentReplies(9, 70, True, seen, cleared)
        return await post.database.transact(
            partial(
                leases.record_replies,
                vault=post.vault,
                person=person,
                lease=floor,
                done=done,
                now=NOW,
            )
        )

    first = await answer("first")
    assert first == ChatLease("first", 9, 0, None, False, ())
    assert (await answer("second"), await take("third")) == (None, None)
    assert await tell(first, 70, 71)
    assert not await tell(first, 72)

    at = NOW.timestamp()
    second = await take("second")
    assert second == ChatLease("second", 9, 9, 70, True, ((70, at), (71, at)))
    late = NOW + leases.LEASE
    third = await answer("third", late)
    assert third is not None
    assert not await tell(second, 73)
    assert await tell(third, 74, cleared=True)
    fourth = await take("fourth")
    assert fourth is not None
    assert fourth.seen == ((74, at),)
    await post.database.transact(leases.release_all_leases)
    assert (await take("fifth")) is not None
