"""Discreet chats in the database: when they are cleared, and what is forgotten, on both engines."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import select, update

from conversations.core.effects.journey import Subscribe
from conversations.core.fact_requests import ClearedLetter
from conversations.core.facts import ClearedAction
from conversations.model.journey import Journey, Step
from storage.chats import leases
from storage.chats.leases import SentReplies
from storage.crypto.person_keys import PersonKeys
from storage.erasure import clearing
from storage.erasure.clearing import ClaimedChat
from storage.retention import purge
from storage.schema.tables import actions, consents, subscriptions
from storage.schema.tables import chats as chats_table
from tests.storage.people import AHMED, MARIA, NOW, acts, after, at_the_code, known, sends
from tests.storage.post import Post

DISCREET = replace(at_the_code(), clear_after=6)
SENT = replace(DISCREET, step=Step.SENT, action="1" * 32)


async def begins(post: Post, chat: int, journey: Journey, now: datetime = NOW) -> None:
    await post.database.transact(lambda c: acts(c, post.vault, chat, journey=journey, now=now))


async def due(post: Post, now: datetime, size: int = 200) -> list[int]:
    """Return the chats that are due, read in slices of `size`."""
    found: list[int] = []
    last: bytes | None = b""
    while last is not None:
        read = partial(clearing.find_due, vault=post.vault, now=now, after=last, size=size)
        piece = await post.database.read(read)
        found, last = [*found, *piece.due], piece.last
    return found


async def claims(post: Post, now: datetime, lease: str = "a") -> ClaimedChat | None:
    person = PersonKeys(post.vault, MARIA)
    claim = partial(clearing.claim, vault=post.vault, person=person, now=now, lease=lease)
    return await post.database.transact(claim)


async def forgets(post: Post, claimed: ClaimedChat, now: datetime) -> bool:
    person = PersonKeys(post.vault, MARIA)
    forget = partial(clearing.forget, vault=post.vault, person=person, claimed=claimed, now=now)
    return await post.database.transact(forget)


async def test_only_discreet_chats_are_due(post: Post) -> None:
    await begins(post, MARIA, DISCREET)
    await begins(post, AHMED, at_the_code())
    assert await due(post, after(hours=24)) == []
    assert await due(post, after(hours=26)) == [MARIA]
    assert await due(post, after(days=30)) == [MARIA]


async def test_all_slices_are_read(post: Post) -> None:
    for chat in range(5):
        await begins(post, MARIA + chat, DISCREET)
    assert sorted(await due(post, after(hours=26), size=2)) == [MARIA + chat for chat in range(5)]


async def test_answers_do_not_put_off_the_last_time(post: Post) -> None:
    """Telegram deletes messages for 48 hours only."""
    await begins(post, MARIA, DISCREET)
    await begins(post, MARIA, DISCREET, now=after(hours=40))
    assert await due(post, after(hours=44)) == []
    assert await due(post, after(hours=46)) == [MARIA]


async def test_a_chat_that_is_no_longer_discreet_is_not_cleared(post: Post) -> None:
    await begins(post, MARIA, DISCREET)
    await begins(post, MARIA, at_the_code())
    assert await due(post, after(days=3)) == []


async def test_housekeeping_leaves_a_discreet_chat_to_its_clearing(post: Post) -> None:
    """Without the ids of its messages, they could not be deleted."""
    await begins(post, MARIA, DISCREET)
    housekeeping = partial(purge.purge, vault=post.vault, now=after(hours=30))
    await post.database.transact(housekeeping)
    assert await due(post, after(hours=30)) == [MARIA]


async def test_a_damaged_chat_stops_no_other(post: Post) -> None:
    await begins(post, MARIA, DISCREET)
    await begins(post, AHMED, DISCREET)
    key = PersonKeys(post.vault, AHMED).chat
    damaged = update(chats_table).where(chats_table.c.person_key == key)
    broken = damaged.values(encrypted_journey=b"damaged", encrypted_chat=b"damaged")
    await post.database.transact(lambda c: c.execute(broken))
    assert await due(post, after(hours=26)) == [MARIA]


async def test_one_process_clears_a_chat(post: Post) -> None:
    await begins(post, MARIA, DISCREET)
    assert await claims(post, NOW) is None
    first = await claims(post, after(hours=26), "a")
    assert first is not None
    assert await claims(post, after(hours=26), "b") is None
    assert await forgets(post, first, after(hours=26)) is True
    assert await claims(post, after(hours=27), "b") is None
    assert await post.database.read(lambda c: c.execute(select(chats_table)).all()) == []


async def test_a_chat_in_which_somebody_writes_meanwhile_is_kept(post: Post) -> None:
    await begins(post, MARIA, DISCREET)
    claimed = await claims(post, after(hours=26))
    assert claimed is not None
    await begins(post, MARIA, replace(DISCREET, turn=8), now=after(hours=26))
    assert await forgets(post, claimed, after(hours=26)) is False
    assert (await claims(post, after(hours=47))) is not None


async def test_a_lost_lease_forgets_nothing(post: Post) -> None:
    await begins(post, MARIA, DISCREET)
    claimed = await claims(post, after(hours=26), "a")
    assert claimed is not None
    assert await claims(post, after(hours=27), "b") is not None
    assert await forgets(post, claimed, after(hours=27)) is False


async def test_a_cleared_letter_is_only_found_by_asking_for_it(post: Post) -> None:
    await post.act(MARIA, sends())
    await begins(post, MARIA, SENT)
    claimed = await claims(post, after(hours=47))
    assert claimed is not None and await forgets(post, claimed, after(hours=47))
    person = PersonKeys(post.vault, MARIA)
    facts = await post.database.read(lambda c: known(c, post.vault, MARIA))
    assert facts.actions == ()
    found = await post.database.read(
        lambda c: clearing.cleared_letter(c, post.vault, person, ClearedLetter("river"))
    )
    (action,) = await post.database.read(
        lambda c: c.execute(select(actions.c.action)).scalars().all()
    )
    assert found == ClearedAction((action,), reached_nobody=False)
    for other, campaign in ((AHMED, "river"), (MARIA, "forest")):
        keys, request = PersonKeys(post.vault, other), ClearedLetter(campaign)
        assert (
            await post.database.read(
                lambda c, k=keys, r=request: clearing.cleared_letter(c, post.vault, k, r)  # type: ignore[misc]
            )
            is None
        )


async def test_a_failed_round_is_recorded(post: Post) -> None:
    """The chat waits a little, and keeps the ids of its messages."""
    await begins(post, MARIA, DISCREET)
    claimed = await claims(post, after(hours=26))
    assert claimed is not None
    person, now = PersonKeys(post.vault, MARIA), after(hours=26)
    pause = SentReplies(0, None, False, seen=(7,), pause=leases.FAILED_REPLY_PAUSE)
    await post.database.transact(
        lambda c: leases.record_replies(c, post.vault, person, claimed.lease, pause, now=now)
    )
    assert await claims(post, now) is None
    again = await claims(post, after(hours=27))
    assert again is not None and [id_ for id_, _ in again.lease.seen] == [7]


async def test_updates_that_were_asked_for_meanwhile_end(post: Post) -> None:
    """The bot doesn't write to a chat that it cleared."""
    await post.act(MARIA, Subscribe("river", True, "en"))
    await begins(post, MARIA, DISCREET)
    claimed = await claims(post, after(hours=47))
    assert claimed is not None and await forgets(post, claimed, after(hours=47))
    for table in (subscriptions, chats_table):
        assert await post.database.read(lambda c, t=table: c.execute(select(t)).all()) == []  # type: ignore[misc]
    people = PersonKeys(post.vault, MARIA)
    keys = select(consents.c.person_key)
    decided = await post.database.read(lambda c: c.execute(keys).scalars().all())
    assert {*decided} == {people.cleared}
