"""Erasure and retention, on both engines."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import select

from conversations.core.effects.admin import BlockSender
from conversations.core.effects.broadcasts import DiscardDraft, SaveDraft
from conversations.core.effects.journey import ErasePerson, Subscribe
from conversations.core.effects.letters import Withdraw
from conversations.core.effects.stats import CountStage
from conversations.model.letters.delivery import DeliveryEvent, LetterState
from conversations.model.stats.funnel import FunnelStage
from storage.broadcasts import drafts
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.mail.blocked_senders import find_sender
from storage.retention import purge
from storage.schema.tables import blocked_senders, broadcasts, campaign_keys, consents
from storage.schema.tables import outbox as mails
from tests.storage.people import AHMED, MARIA, NOW, after, code, known, sends
from tests.storage.post import Post
from tests.updates import confirm, update

ACTION = "1" * 32


async def test_everything_about_a_person_is_erased_at_once(post: Post) -> None:
    counted = CountStage(FunnelStage.OPENED, "river", "poster")
    await post.act(MARIA, counted, code(), sends(), Subscribe("river", True, "en"))
    await post.act(AHMED, sends("2" * 32, address="ahmed@mail.example"))
    await post.act(MARIA, ErasePerson())
    told = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert (told.acted, told.details, told.subscriptions) == ({}, None, frozenset())
    assert len(await post.claim(after(days=1))) == 1
    assert await post.tally() == {"opened": 1, "sent": 1}


async def test_the_author_of_a_draft_is_stored_until_the_draft_is_finished(post: Post) -> None:
    draft, sent = update(), update()
    await post.act(MARIA, SaveDraft(draft))
    await post.database.transact(lambda c: purge.purge(c, post.vault, now=after(days=2)))
    person = PersonKeys(post.vault, MARIA)
    kept = await post.database.read(lambda c: drafts.current_draft(c, post.vault, person.staff))
    assert kept is not None
    assert (kept.broadcast, kept.chat) == (draft, MARIA)
    await post.database.transact(lambda c: confirm(c, post.vault, MARIA, sent, NOW))
    await post.act(MARIA, ErasePerson())
    await post.database.transact(lambda c: purge.purge(c, post.vault, now=after(days=2)))
    left = select(broadcasts.c.broadcast, broadcasts.c.person_key)
    assert await post.database.read(lambda c: c.execute(left).all()) == [(sent.id, b"")]
    assert await post.database.read(lambda c: chats.find(c, post.vault, person)) is None


async def test_the_album_of_a_discarded_draft_is_ignored(post: Post) -> None:
    draft = update()
    await post.act(MARIA, SaveDraft(draft, album_until=NOW))
    due = partial(drafts.complete_albums, vault=post.vault, now=NOW)
    assert await post.database.read(due) == (MARIA,)
    await post.act(MARIA, DiscardDraft(draft.id))
    assert await post.database.read(due) == ()


async def test_actions_are_erased_after_their_retention(post: Post) -> None:
    await post.act(MARIA, sends())

    async def purged(now: datetime) -> int:
        erased = await post.database.transact(lambda c: purge.purge(c, post.vault, now=now))
        return erased.get("actions", 0)

    assert await purged(datetime(2019, 9, 30, 12, tzinfo=NOW.tzinfo)) == 0
    assert await purged(datetime(2019, 10, 1, tzinfo=NOW.tzinfo)) == 0, "its chat is told first"
    assert await post.state() is LetterState.CANCELLED
    assert await purged(datetime(2019, 10, 2, 1, tzinfo=NOW.tzinfo)) == 1
    assert await post.claim(after(days=200)) == ()


async def test_a_code_mail_that_may_have_left_twice_is_deleted_when_it_expires(post: Post) -> None:
    await post.act(MARIA, code())
    for minute in (0, 1):
        (claimed,) = await post.claim(after(minutes=minute))
        await post.finish(
            claimed, DeliveryEvent.BROKEN_OFF, after(minutes=minute), after(minutes=1)
        )

    async def codes_held(now: datetime) -> int:
        await post.database.transact(lambda c: purge.purge(c, post.vault, now=now))
        return len(await post.database.read(lambda c: c.execute(select(mails)).all()))

    assert await codes_held(after(minutes=30)) == 1
    assert await codes_held(after(minutes=31)) == 0


async def test_the_text_of_a_letter_that_is_given_up_is_erased(post: Post) -> None:
    await post.act(MARIA, sends(undo_seconds=0))
    for minute in (0, 1):
        (claimed,) = await post.claim(after(minutes=minute))
        await post.begin(claimed, after(minutes=minute))
        await post.finish(
            claimed, DeliveryEvent.BROKEN_OFF, after(minutes=minute), after(minutes=1)
        )

    async def words(now: datetime) -> tuple[bool, bool]:
        await post.database.transact(lambda c: purge.purge(c, post.vault, now=now))
        mail = await post.database.read(lambda c: c.execute(select(mails)).one())
        return mail.encrypted_content is not None, mail.encrypted_message is not None

    assert await words(after(days=28)) == (True, True)
    assert await words(after(days=29)) == (False, False)


async def test_the_consent_to_a_cancelled_letter_is_erased(post: Post) -> None:
    await post.act(MARIA, sends())
    await post.act(MARIA, Withdraw(ACTION), now=after(seconds=9))
    await post.act(AHMED, sends("2" * 32, address="ahmed@mail.example"))

    async def kept(now: datetime) -> list[bool]:
        await post.database.transact(lambda c: purge.purge(c, post.vault, now=now))
        query = select(consents.c.given).order_by(consents.c.at, consents.c.given.desc())
        return list(await post.database.read(lambda c: c.execute(query).scalars().all()))

    assert await kept(after(days=28)) == [True, True, False]
    assert await kept(after(days=29)) == [True]


async def test_the_key_of_a_campaign_is_destroyed_with_its_last_data(post: Post) -> None:
    """Without it, nobody finds out who acted, even with all other keys."""
    await post.act(MARIA, sends())
    await post.act(AHMED, replace(sends("2" * 32, address="a@mail.example"), campaign="sea"))
    query = select(campaign_keys.c.campaign).order_by(campaign_keys.c.campaign)

    async def kept(now: datetime) -> list[str]:
        await post.database.transact(lambda c: purge.purge(c, post.vault, now=now))
        return list(await post.database.read(lambda c: c.execute(query).scalars().all()))

    assert await kept(after(days=1)) == ["river", "sea"]
    await post.act(MARIA, ErasePerson())
    assert await kept(after(days=1)) == ["sea"]


async def test_a_blocked_sender_who_is_erased_stays_blocked(post: Post) -> None:
    """What stays is a slow hash, so that trying all user ids takes months, even with the keys."""
    await post.act(MARIA, sends())
    mail = await post.database.read(lambda c: c.execute(select(mails.c.mail)).scalar_one())
    found = await post.database.read(lambda c: find_sender(c, post.vault, mail))
    assert found is not None
    await post.act(AHMED, BlockSender(found.id, mail, "river"))
    await post.act(MARIA, ErasePerson())
    facts = await post.database.transact(lambda c: known(c, post.vault, MARIA))
    assert facts.sender_blocked
    row = await post.database.read(lambda c: c.execute(select(blocked_senders)).one())
    fast = {post.vault.keyed_hash(kind, str(MARIA)) for kind in ("person", "person: limits")}
    assert row.person_key not in fast
    assert row.person_key == PersonKeys(post.vault, MARIA).blocked
